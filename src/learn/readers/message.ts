// The format `message`: a mail as it lies in a mailbox, of which a person says that it is spam or ham.
//
// The client's address is looked for in the Received lines from the top down. Those at the top are of our own hosts: the
// first public address that is not one of `trusted` is the one that gave us the message, and what is below it was
// written by the sender. X-Originating-IP and the like are the sender's, too.

import { parseClientAddress } from '../../policy/client-address.ts'
import { parseCidr } from '../../table/cidr-text.ts'
import { isWithin, readSender } from '../address.ts'
import { type Reader, verdictAddress } from './reader.ts'

/** A person's word counts so many times a machine's. */
const CORRECTION = 3

const RECEIVED = /^received[ \t]*:/i
const FROM = /^from[ \t\r\n]/i
const BOM = '\ufeff'

/** The most Received lines that are looked at: no mail goes through more hosts. */
const MAX_HOPS = 100

/** What fetches mail from a provider, who is no sender. */
const FETCHED = /\bwith (?:POP3|IMAP|getmail)|\((?:fetchmail|getmail)/i

/** What hands mail on within a host or to a mailbox, and may tell no address. */
const WITHIN = /\bwith (?:UTF8)?LMTPS?A?\b/i

/**
 * The word before the host that has written the line: at the beginning of one where the line is folded, as hosts fold it.
 * Blanks are those of a header: `\s` would be U+00A0 as well, which a client may have in what it calls itself.
 */
const BY_FOLDED = /\n[ \t]+by(?=[ \t]|\r?\n)/i
const BY = /[ \t]by(?=[ \t]|\r?\n)/gi

/** What the host has written ends where it tells of the message: whom it is from, and whom it is for. */
const OF_MESSAGE = /[ \t](?:id|for)[ \t]|\(envelope-(?:from|sender)/i

/** The same at the beginning of a line. */
const OF_MESSAGE_FOLDED = /\n[ \t]+(?:(?:id|for)[ \t]|\(envelope-(?:from|sender))/i

const FOLD = /\r?\n[ \t]+/g

/**
 * What Postfix tells of TLS, with the names in a certificate that the client has made itself, and of the user, and Courier
 * of IDENT.
 */
const REMARK = /\r?\n[ \t]+\((?:using|IDENT|TLS|Authenticated sender)\b/i

const ADDRESS = '(?:IPv6:)?([\\da-f.:]{2,45})'

/** What Exim says of a client after its address, with anything in it where that is let through. */
const SAYS = '(?:helo|ident)='

/** The same with `log_selector = +incoming_port`, where it knows no name of the host. */
const PORT_SAYS = `port=\\d{1,5}(?:\\)$|[ \\t]+${SAYS})`

/** Exim's beginnings: the address, then what the client calls itself. */
const BEGINNINGS = [
  new RegExp(`^\\S{1,300}[ \\t]+\\(\\[${ADDRESS}\\](?::\\d{1,5})?(?:\\)$|[ \\t]+${SAYS})`, 'i'),
  new RegExp(`^\\[${ADDRESS}\\](?::\\d{1,5})?(?:$|[ \\t]+\\((?:${SAYS}|${PORT_SAYS}))`, 'i'),
]

/** The ends that others write, after what the client calls itself: of Postfix and most, of qmail and Microsoft. */
const ENDS = [
  new RegExp(`\\((?:[^\\s()=]{1,300}[ \\t])?\\[${ADDRESS}\\](?:[ \\t]\\(may be forged\\))?\\)$`, 'i'),
  new RegExp(`\\((?:[^\\s()]{1,300}@)?${ADDRESS}\\)$`, 'i'),
]

/** All of it: an address, and perhaps what the client calls itself; or a name and an address. */
const BARE = [
  new RegExp(`^${ADDRESS}(?:[ \\t]\\((?:HELO|EHLO)[ \\t][^\\s()]*\\))?$`, 'i'),
  new RegExp(`^\\S{1,300}[ \\t]\\[${ADDRESS}\\]$`, 'i'),
]

/** What might be an address. */
const LIKE_ADDRESS = /\d{1,3}\.\d{1,3}\.\d{1,3}\.\d|[\da-f]{1,4}:[\da-f:]{2}/i

/** Characters at each end of what is said of a client that are looked at: names and addresses are shorter. */
const MAX_END = 700

/** RFC 3848: with A the client has authenticated itself. */
const AUTHENTICATED = /\bwith (?:UTF8)?(?:E?SMTP|LMTP)S?A\b/i

/** Reads a whole message. */
export const message: Reader = {
  reads: 'whole',
  read: (text, { verdict, trusted, reporter, now }) => {
    if (verdict === null) return { ignored: 'no-verdict' }
    const received = receivedOf(text)
    if (received.length === 0) return { ignored: 'format' }
    const ours = trusted.map(parseCidr)
    for (const line of received) {
      const { from, by, isSure } = partsOf(line)
      if (!isSure) break
      if (from === null || FETCHED.test(by)) continue
      const seen = clientOf(from)
      if (seen === null) {
        // What is below a line of ours that can't be read may be the sender's.
        if (LIKE_ADDRESS.test(from) || !(WITHIN.test(by) || /^localhost\b/i.test(from))) break
        continue
      }
      const address = verdictAddress(seen)
      if (typeof address !== 'string') continue
      const words = readSender(address)?.words
      if (words === undefined || ours.some((network) => isWithin(words, network))) continue
      if (AUTHENTICATED.test(by)) return { ignored: 'authenticated' }
      const time = timeOf(received[0]) ?? now
      return {
        time: Math.min(time, now),
        address,
        spam: verdict === 'spam',
        weight: CORRECTION,
        undoes: true,
        reporter,
      }
    }
    return { ignored: 'address' }
  },
}

/** The Received lines of a message from the top, folded as they are. */
function receivedOf(text: string): string[] {
  const end = /\r?\n\r?\n/.exec(text)
  const header = text.slice(text.startsWith(BOM) ? BOM.length : 0, end === null ? text.length : end.index)
  return header
    .split(/\r?\n(?![ \t])/)
    .filter((line) => RECEIVED.test(line))
    .slice(0, MAX_HOPS)
}

/** What a Received line says. */
interface Parts {
  /** Of the client; null for nothing. */
  readonly from: string | null
  /** Of the host that has written it. */
  readonly by: string
  /** False where what the client calls itself may have been taken for the host. */
  readonly isSure: boolean
}

function partsOf(line: string): Parts {
  const rest = line.replace(RECEIVED, '').trimStart()
  const from = rest.replace(FROM, '')
  if (from === rest) return { from: null, by: '', isSure: true }
  // A client may call itself «x by y», and has no end of a line.
  const folded = BY_FOLDED.exec(from)?.index ?? -1
  const at = folded < 0 ? from.search(BY) : folded
  if (at < 0) return { from, by: '', isSure: true }
  const by = from.slice(at)
  // A host that folds lines by their length may fold within «x by y», and one that doesn't fold them has no word of its own.
  const told = folded < 0 ? by : upTo(by, OF_MESSAGE_FOLDED)
  return {
    from: from.slice(0, at),
    by: upTo(by.replace(FOLD, ' '), OF_MESSAGE),
    isSure: told.match(BY)?.length === 1,
  }
}

/** A text up to what ends it, if that is there. */
function upTo(text: string, end: RegExp): string {
  const at = text.search(end)
  return at < 0 ? text : text.slice(0, at)
}

/** The address that the host has seen, whatever the client calls itself; null where that is not sure. */
function clientOf(from: string): string | null {
  const [client] = from.split(REMARK)
  const text = client.replace(FOLD, ' ').trim()
  const head = text.slice(0, MAX_END)
  const tail = text.slice(-MAX_END)
  const said = [
    ...BEGINNINGS.map((beginning) => beginning.exec(head)),
    ...ENDS.map((end) => end.exec(tail)),
    ...(text.length > MAX_END ? [] : BARE.map((all) => all.exec(head))),
  ].flatMap((match) => (match === null || parseClientAddress(match[1]) === null ? [] : [match[1]]))
  return new Set(said).size === 1 ? said[0] : null
}

/** When a Received line was written. */
function timeOf(line: string): number | null {
  const time = Date.parse(line.slice(line.lastIndexOf(';') + 1).replace(/\([^()]*\)/g, ' '))
  return Number.isNaN(time) || time < 0 ? null : time / 1000
}
