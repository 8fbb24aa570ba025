// The format `amavis`: the line that amavis logs of each message, as its default templates have it.
//
//     Nov 28 08:15:00 mx amavis[4711]: (04711-01) Blocked SPAM {DiscardedInbound}, [192.0.2.7]:41234 [192.0.2.7]
//     <a@b.example> -> <c@d.example>, Message-ID: <…>, mail_id: …, Hits: 17.5, size: 1234, 321 ms
//
// The first brackets are the SMTP client's; what the sender has written comes after them. Others log into the same file,
// Postfix a sender with all that stands in it: what isn't amavis' own line from its beginning on teaches nothing.

import { TOO_LONG } from '../lines.ts'
import { authorOf, readLogLine, writtenBy } from './log-time.ts'
import { type Reader, verdictAddress } from './reader.ts'

/** What stands between the time and the verdict: the host, the program and the number of the message. */
const HEAD = new RegExp(String.raw`^${writtenBy('amavis')}\([\w-]{1,64}\) (?=(?:Passed|Blocked) [A-Z])`)

/** The same of any line of amavis. */
const OWN_LINE = new RegExp(`^${writtenBy('amavis')}`)

const VERDICT =
  /^(?:Passed|Blocked) (?:(INFECTED) \(.{1,256}?\)|([A-Z]+)[^[\]{}]{0,256}) \{([\w,]{1,256})\},((?: [\w./-]{1,64})*) \[(?:IPv6:)?([\da-fA-F.:]+)\](?::\d+)?(?= )/

/** What a verdict looks like, whoever has written it. */
const MARK = /\) (?:Passed|Blocked) [A-Z]/

/** Banks of mail of our own users. */
const OWN = /[ /](?:LOCAL|MYNETS|ORIGINATING)\b/

/** How amavis ends a line that goes on in the next one, as Hits may. */
const GOES_ON = '...'

const HITS = ', Hits: '
const NUMBER = /^-?\d{1,6}(?:\.\d+)?(?=,|$)/

/** Contents that are spam; others but CLEAN say nothing of it. */
const SPAM: readonly string[] = ['SPAM', 'INFECTED']

/** Reads a line of amavis' log. */
export const amavis: Reader = {
  reads: 'lines',
  author: (line, now) => authorOf(line, OWN_LINE, now),
  read: (line, options) => {
    if (line === TOO_LONG) return { ignored: 'format' }
    if (!MARK.test(line)) return null
    const logged = readLogLine(line, options.now)
    const head = logged === null ? null : HEAD.exec(logged.rest)
    const match = head === null ? null : VERDICT.exec(head.input.slice(head[0].length))
    if (logged === null || match === null) return { ignored: 'format' }
    const [, infected, contents = infected, actions, banks, client] = match
    if (/Outbound|Internal/.test(actions) || OWN.test(banks)) {
      return { ignored: 'authenticated' }
    }
    const address = verdictAddress(client)
    if (typeof address !== 'string') return address
    const spam =
      SPAM.includes(contents) || (contents === 'CLEAN' && hitsOf(line) <= options.ham ? false : null)
    if (spam === null) return { ignored: 'no-verdict' }
    return { time: logged.time, address, spam, weight: 1, undoes: false, reporter: options.reporter }
  },
}

/**
 * The score; infinite where the message was not looked at, or the line doesn't tell: there are templates with the subject,
 * before or after it, and a sender may write there what looks like a score.
 */
function hitsOf(line: string): number {
  const [, text, ...others] = line.split(HITS)
  if (text === undefined || others.length > 0 || line.endsWith(GOES_ON)) return Number.POSITIVE_INFINITY
  const hits = NUMBER.exec(text)
  return hits === null ? Number.POSITIVE_INFINITY : Number(hits[0])
}
