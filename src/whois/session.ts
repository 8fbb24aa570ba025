// One whois client: what it sends becomes lines, and each line is answered as Team Cymru's whois server does. One line is a
// query (RFC 3912 2); after `begin` there may be many, until `end`.

import { printable } from '../printable.ts'
import { addressAttributes, asAttributes } from '../table/attributes.ts'
import { parseLookupTarget } from '../table/lookup-target.ts'
import type { Table } from '../table/table.ts'
import type { WhoisResult } from './counts.ts'
import { HELP_TEXT, readQuestion, STANDARD } from './options.ts'
import { rowOf, type Subject } from './rows.ts'

/** Octets of a line. */
export const MAX_LINE = 256

/** Lines of a connection. */
export const MAX_LINES = 100_000

/** Characters of answers after which somebody else has a turn: a hundred that ask for much hold up the next one for a moment. */
const SLICE = 1024

const NEWLINE = 0x0a

/** What a session is given. */
export interface SessionCalls {
  /** The data of now. */
  readonly table: () => Table
  readonly now: () => Date
  /** Told of each query. */
  readonly onQuery: (result: WhoisResult) => void
}

/** What octets have led to. */
export interface Answered {
  /** How many were read: the others are to be given again, with what comes after them. */
  readonly used: number
  readonly text: string
}

/** What a client has asked for so far. */
export class Session {
  /** Whether all is answered that will be: the connection is to be closed. */
  hasEnded = false
  readonly #calls: SessionCalls
  #isBulk = false
  #lines = 0
  #shown = STANDARD
  /** The names of columns that were written last. */
  #head = ''

  constructor(calls: SessionCalls) {
    this.#calls = calls
  }

  /** Answers the whole lines of some octets, or the first of them; the last line needs no end when `isLast` is true. */
  answer(octets: Uint8Array, isLast: boolean): Answered {
    let used = 0
    let text = ''
    while (!this.hasEnded && text.length < SLICE) {
      const newline = octets.indexOf(NEWLINE, used)
      const end = newline < 0 ? octets.length : newline
      if (end - used > MAX_LINE) {
        text += this.#stop(`line ${this.#lines + 1} has more than ${MAX_LINE} octets`)
      } else if (newline >= 0 || (isLast && end > used)) {
        text += this.#answerLine(latin1.decode(octets.subarray(used, end)).trim())
        used = Math.min(octets.length, end + 1)
      } else {
        this.hasEnded = isLast
        break
      }
    }
    return { used, text }
  }

  #answerLine(line: string): string {
    this.#lines++
    if (!this.#isBulk) {
      if (/^begin$/i.test(line)) return this.#begin()
      this.hasEnded = true
      return this.#answerQuery(line)
    }
    if (this.#lines > MAX_LINES)
      return this.#stop(`there are more than ${MAX_LINES} lines; open another connection`)
    if (/^(end|quit|exit)$/i.test(line)) {
      this.hasEnded = true
      return ''
    }
    return line === '' || /^begin$/i.test(line) ? '' : this.#answerQuery(line)
  }

  /** A bulk has no names of columns unless they are asked for. */
  #begin(): string {
    this.#isBulk = true
    this.#shown = { ...STANDARD, header: false }
    const [date, time] = this.#calls.now().toISOString().split('T')
    return `Bulk mode; whois.cymru.com [${date} ${time.slice(0, 8)} +0000]\n`
  }

  #answerQuery(line: string): string {
    // Two lines of a system that ends them with CR alone would else be answered as the first of them.
    if (line.includes('\r')) return this.#noMatch()
    const { shown, subject, unknown, wantsHelp } = readQuestion(line, this.#shown)
    if (unknown !== null) {
      this.#calls.onQuery('error')
      return `Error: there is no option ${printable(unknown)} on line ${this.#lines}; -h tells which there are.\n`
    }
    if (wantsHelp) return HELP_TEXT
    if (subject !== null) return this.#lookUp(subject, shown)
    if (!this.#isBulk) return this.#noMatch()
    this.#shown = shown
    this.#head = ''
    return ''
  }

  #lookUp(text: string, shown: typeof STANDARD): string {
    const found = this.#find(text)
    if (found === null) return this.#noMatch()
    const { subject, facts } = found
    this.#calls.onQuery(facts === null || facts.asn === null ? 'unknown' : 'answer')
    const { head, row } = rowOf(subject, shown, facts)
    const isNew = shown.header && head !== this.#head
    if (isNew) this.#head = head
    return isNew ? `${head}\n${row}\n` : `${row}\n`
  }

  /** What is known, null where the text is nothing that could be. A network stands for its first address. */
  #find(text: string): { subject: Subject; facts: ReturnType<typeof addressAttributes> } | null {
    let target: ReturnType<typeof parseLookupTarget>
    try {
      target = parseLookupTarget(text)
    } catch {
      return null
    }
    const table = this.#calls.table()
    if (target.kind === 'as') return { subject: { kind: 'as' }, facts: asAttributes(table, target.asn) }
    const [address] = text.split('/')
    const subject: Subject = { kind: 'address', text: address, family: address.includes(':') ? 6 : 4 }
    const words = target.kind === 'network' ? target.first : target.words
    return { subject, facts: addressAttributes(table, words) }
  }

  #noMatch(): string {
    this.#calls.onQuery('error')
    return `Error: no ASN or IP match on line ${this.#lines}.\n`
  }

  #stop(reason: string): string {
    this.#calls.onQuery('error')
    this.hasEnded = true
    return `Error: ${reason}.\n`
  }
}

/** Octets beyond ASCII are of no address: they only have to stay apart. */
const latin1 = new TextDecoder('latin1')
