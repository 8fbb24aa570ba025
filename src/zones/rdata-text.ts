// RDATA as dig +short prints it, of the types that zones answer with.

import { textOfAddress } from '../table/address-text.ts'
import type { AnswerType } from './record-type.ts'

const decoder = new TextDecoder()

const TEXTS: Readonly<Record<AnswerType, (rdata: Uint8Array) => string>> = {
  TXT: (rdata) => {
    const strings: string[] = []
    for (let at = 0; at < rdata.length; at += rdata[at] + 1) {
      strings.push(quoted(decoder.decode(rdata.slice(at + 1, at + 1 + rdata[at]))))
    }
    return strings.join(' ')
  },
  A: textOfAddress,
  AAAA: textOfAddress,
}

/** The text of a record's RDATA. Allocates. */
export const rdataText = (type: AnswerType, rdata: Uint8Array): string => TEXTS[type](rdata)

/** A character-string in quotation marks, and what would end it with a backslash (RFC 1035 5.1). */
export const quoted = (string: string): string => `"${string.replace(/["\\]/g, '\\$&')}"`
