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

/** The word before the host that has written the line: at the beginning of one where the line is folded, as hosts fold it. */
const BY_FOLDED = /\n[ \t]+by\s/i
const BY = /\sby\s/i

/** What the host has written ends where it tells of the message: whom it is from, and whom it is for. */
const OF_MESSAGE = /\s(?:id|for)\s|\(envelope-from/i

/** What Postfix tells of TLS, with the names in a certificate that the client has made itself. */
const TLS = /\s\(using\s/i

/** The name that the client calls itself, as Exim and qmail write it. */
const HELO = /\b(?:helo|ident)=\S*|\((?:HELO|EHLO) [^()]*\)/gi

/** An address as qmail and Microsoft write it, at the end; before `@` stands what the client's host calls the user. */
const PLAIN_ADDRESS = /\((?:[^\s()]*@)?([\da-fA-F.:]{2,45})\)\s*$/
const ADDRESS = /\[(?:IPv6:)?([\da-fA-F.:]{2,45})\]/gi

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
      const { from, by } = partsOf(line)
      if (FETCHED.test(by)) continue
      const address = senderOf(from)
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
  const header = text.slice(0, end === null ? text.length : end.index)
  return header
    .split(/\r?\n(?![ \t])/)
    .filter((line) => /^received:/i.test(line))
    .slice(0, MAX_HOPS)
}

/** What a Received line says of the client, and of the host that has written it. */
function partsOf(line: string): { readonly from: string; readonly by: string } {
  const from = /^received:\s*from\s(.*)$/is.exec(line)?.[1] ?? ''
  // A client may call itself «x by y», and has no end of a line.
  const at = BY_FOLDED.exec(from)?.index ?? from.search(BY)
  if (at < 0) return { from, by: '' }
  const by = from.slice(at)
  const end = by.search(OF_MESSAGE)
  return { from: from.slice(0, at), by: end < 0 ? by : by.slice(0, end) }
}

/** The public address that a message came from, by what the host has seen, which stands after what the client calls itself. */
function senderOf(from: string): string | null {
  const [client] = from.split(TLS)
  const seen = client.replace(HELO, ' ')
  const plain = PLAIN_ADDRESS.exec(seen)
  const texts = plain === null ? [...seen.matchAll(ADDRESS)].reverse() : [plain]
  for (const [, text] of texts) {
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
