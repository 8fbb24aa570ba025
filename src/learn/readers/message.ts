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

/** The most Received lines that are looked at: no mail goes through more hosts. */
const MAX_HOPS = 100

/** What fetches mail from a provider, who is no sender. */
const FETCHED = /\bwith (?:POP3|IMAP)\b|\(fetchmail|\bgetmail/i

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
      if (FETCHED.test(line)) continue
      const address = senderOf(line)
      if (typeof address !== 'string') continue
      const words = readSender(address)?.words
      if (words === undefined || ours.some((network) => isWithin(words, network))) continue
      if (AUTHENTICATED.test(line)) return { ignored: 'authenticated' }
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

/** The Received lines of a message from the top, each unfolded. */
function receivedOf(text: string): string[] {
  const end = /\r?\n\r?\n/.exec(text)
  const header = text.slice(0, end === null ? text.length : end.index).replace(/\r?\n[ \t]+/g, ' ')
  return header
    .split(/\r?\n/)
    .filter((line) => /^received:/i.test(line))
    .slice(0, MAX_HOPS)
}

/** The public address that a Received line says the message came from. */
function senderOf(line: string): string | null {
  // What comes after `by` is the host that has written the line.
  const from = /^received:\s*from\s(.*)$/i.exec(line)?.[1] ?? ''
  const by = from.search(/\sby\s/i)
  const part = by < 0 ? from : from.slice(0, by)
  // The name before the parenthesis is what the client calls itself; what the host has seen stands last.
  for (const [, text] of [...part.matchAll(/\[(?:IPv6:)?([\da-fA-F.:]{2,45})\]/gi)].reverse()) {
    if (parseClientAddress(text) === null) continue
    const address = verdictAddress(text)
    return typeof address === 'string' ? address : null
  }
  return null
}

/** When a Received line was written. */
function timeOf(line: string): number | null {
  const time = Date.parse(line.slice(line.lastIndexOf(';') + 1).replace(/\([^()]*\)/g, ' '))
  return Number.isNaN(time) || time < 0 ? null : time / 1000
}
