// What a whois client sends, and what it is answered: one query, a bulk, and whatever else may come.

import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import type { WhoisResult } from '../../src/whois/counts.ts'
import { MAX_LINE, MAX_LINES, Session } from '../../src/whois/session.ts'
import { mutatedAddresses } from '../support/mutated-addresses.ts'
import { smallTable } from '../support/small-table.ts'

const table = smallTable()

let results: WhoisResult[]
beforeEach(() => {
  results = []
})

const newSession = (): Session =>
  new Session({
    table: () => table,
    now: () => new Date('2026-11-27T19:05:07.890Z'),
    onQuery: (result) => results.push(result),
  })

interface Talk {
  readonly text: string
  readonly hasEnded: boolean
}

/** Everything that is answered to some octets, which come in pieces, and then no more. */
function talk(pieces: readonly Uint8Array[], isLast = true): Talk {
  const session = newSession()
  let pending = Buffer.alloc(0)
  let text = ''
  const goOn = (all: boolean): void => {
    for (;;) {
      const answered = session.answer(pending, all)
      pending = pending.subarray(answered.used)
      text += answered.text
      if (session.hasEnded || answered.text === '') return
    }
  }
  for (const piece of pieces) {
    pending = Buffer.concat([pending, piece])
    goOn(false)
  }
  if (isLast) goOn(true)
  return { text, hasEnded: session.hasEnded }
}

const ask = (text: string, isLast = false): Talk => talk([Buffer.from(text, 'latin1')], isLast)

const BANNER = 'Bulk mode; whois.cymru.com [2026-11-27 19:05:07 +0000]\n'
const HEAD = 'AS      | IP               | AS Name\n'
const VERBOSE = 'AS      | IP               | BGP Prefix          | CC | Registry | Allocated  | AS Name\n'
const GOOGLE = '15169   | 8.8.8.8          | 8.8.8.0/24          | US | arin     |            | Google LLC\n'

describe('one query', () => {
  test.each([
    ['an address', '8.8.8.8\r\n', `${HEAD}15169   | 8.8.8.8          | Google LLC\n`],
    ['an end of line alone', '8.8.8.8\n', `${HEAD}15169   | 8.8.8.8          | Google LLC\n`],
    ['blanks around it', ' \t 8.8.8.8  \n', `${HEAD}15169   | 8.8.8.8          | Google LLC\n`],
    ['all columns', '-v 8.8.8.8\n', `${VERBOSE}${GOOGLE}`],
    ['a blank before the flag', ' -v 8.8.8.8\n', `${VERBOSE}${GOOGLE}`],
    ['no names of columns', '-v -f 8.8.8.8\n', GOOGLE],
    ['flags together', '-vf 8.8.8.8\n', GOOGLE],
    ['the later flag counts', '-v -q -d -s -b -o -f 8.8.8.8\n', '15169   | 8.8.8.8\n'],
    ['words for flags', 'verbose noheader 8.8.8.8\n', GOOGLE],
    ['a network: its first address', '-vf 8.8.8.0/25\n', GOOGLE.replace('8.8.8.8 ', '8.8.8.0 ')],
    ['what follows the address', '-vf 8.8.8.8 2026-11-27 10:00:00\n', GOOGLE],
    ['an AS', 'AS15169\n', 'AS Name\nGoogle LLC\n'],
    ['an AS in small letters', '-vf as15169\n', '15169   | US | arin     |            | Google LLC\n'],
    ['an AS that is not known', '-vf AS1\n', 'NA      | NA | NA       | NA         | NA\n'],
    [
      'an address as it is written',
      '-f 2001:4860:4840:0::1\n',
      '15169   | 2001:4860:4840:0::1                      | Google LLC\n',
    ],
    [
      'an address that stands for one of IPv4',
      '-f ::ffff:8.8.8.8\n',
      `15169   | ::ffff:8.8.8.8${' '.repeat(26)} | Google LLC\n`,
    ],
    [
      'nothing known',
      '-vf 10.0.0.1\n',
      'NA      | 10.0.0.1         | NA                  |    |          |            | NA\n',
    ],
    [
      'a country alone',
      '-vf 198.51.100.1\n',
      'NA      | 198.51.100.1     | NA                  | DE | ripencc  |            | NA\n',
    ],
    ['no address', 'example.net\n', 'Error: no ASN or IP match on line 1.\n'],
    ['octets with zeros', '08.8.8.8\n', 'Error: no ASN or IP match on line 1.\n'],
    ['bits after the length', '8.8.8.8/24\n', 'Error: no ASN or IP match on line 1.\n'],
    ['a zone', 'fe80::1%eth0\n', 'Error: no ASN or IP match on line 1.\n'],
    ['AS 0', 'AS0\n', 'Error: no ASN or IP match on line 1.\n'],
    ['nothing', '\n', 'Error: no ASN or IP match on line 1.\n'],
    ['flags alone', '-v\n', 'Error: no ASN or IP match on line 1.\n'],
    [
      'a flag that there is not',
      '-vz 8.8.8.8\n',
      'Error: there is no option -vz on line 1; -h tells which there are.\n',
    ],
    ['a hyphen', '- 8.8.8.8\n', 'Error: there is no option - on line 1; -h tells which there are.\n'],
  ])('%s', (_, line, text) => {
    expect(ask(line)).toEqual({ text, hasEnded: true })
  })

  test('more than one is not answered', () => {
    expect(ask('8.8.8.8\n66.128.48.1\n').text).toBe(`${HEAD}15169   | 8.8.8.8          | Google LLC\n`)
  })

  test('a line that the client has ended by ending', () => {
    expect(ask('-f 8.8.8.8')).toEqual({ text: '', hasEnded: false })
    expect(ask('-f 8.8.8.8', true)).toEqual({
      text: '15169   | 8.8.8.8          | Google LLC\n',
      hasEnded: true,
    })
    expect(ask('', true)).toEqual({ text: '', hasEnded: true })
  })

  test('help names every flag and its word', () => {
    const { text, hasEnded } = ask('-h\n')
    expect(hasEnded).toBe(true)
    const flags = [...text.matchAll(/^-(\w) {2}(\w+) /gm)].map(([, flag, word]) => [flag, word])
    expect(flags).toHaveLength(18)
    for (const [flag, word] of flags) {
      expect([flag, ask(`-${flag} 8.8.8.8\n`).text]).toEqual([flag, ask(`${word} 8.8.8.8\n`).text])
    }
    expect(ask('help\n').text).toBe(text)
  })

  test('control characters of an option are not sent back', () => {
    expect(ask('-\x1b[2J 1.1.1.1\n').text).not.toMatch(/[^\n\x20-\x7e]/)
  })
})

describe('a bulk', () => {
  test.each([
    [
      'as Team Cymru documents it',
      'begin\nverbose\n8.8.8.8\n66.128.48.1\nend\n',
      `${GOOGLE}7819    | 66.128.48.1      | 66.128.48.0/20      | US | arin     |            | Telnet\n`,
    ],
    ['without a word', 'begin\n8.8.8.8\nend\n', '15169   | 8.8.8.8          | Google LLC\n'],
    ['in any case, with CR', 'BEGIN\r\nVerbose\r\n8.8.8.8\r\nEND\r\n', GOOGLE],
    [
      'errors by their line',
      'begin\nverbose\nx\n\n8.8.8.8\ny\nend\n',
      `Error: no ASN or IP match on line 3.\n${GOOGLE}Error: no ASN or IP match on line 6.\n`,
    ],
    [
      'lines that end with CR alone, which are not one query',
      'begin\n8.8.8.8\r1.1.1.1\n8.8.8.8\nend\n',
      'Error: no ASN or IP match on line 2.\n15169   | 8.8.8.8          | Google LLC\n',
    ],
    [
      'names of columns, once',
      'begin\nverbose\nheader\n8.8.8.8\n8.8.8.8\nend\n',
      `${VERBOSE}${GOOGLE}${GOOGLE}`,
    ],
    [
      'names of columns when there are others',
      'begin\nheader\n8.8.8.8\nAS15169\n8.8.8.8\nend\n',
      `${HEAD}15169   | 8.8.8.8          | Google LLC\nAS Name\nGoogle LLC\n${HEAD}15169   | 8.8.8.8          | Google LLC\n`,
    ],
    [
      'words, each for what follows',
      'begin\nnoasname\n8.8.8.8\nasname\n8.8.8.8\nend\n',
      '15169   | 8.8.8.8\n15169   | 8.8.8.8          | Google LLC\n',
    ],
    [
      'flags of one line are of that line',
      'begin\n-v 8.8.8.8\n8.8.8.8\nend\n',
      `${GOOGLE}15169   | 8.8.8.8          | Google LLC\n`,
    ],
    ['ASes', 'begin\nverbose\nAS15169\nend\n', '15169   | US | arin     |            | Google LLC\n'],
    ['nothing', 'begin\nend\n', ''],
    ['nothing after its end', 'begin\nend\n8.8.8.8\n', ''],
    ['begin again', 'begin\nbegin\n8.8.8.8\nend\n', '15169   | 8.8.8.8          | Google LLC\n'],
  ])('%s', (_, lines, text) => {
    expect(ask(lines)).toEqual({ text: BANNER + text, hasEnded: true })
  })

  test('goes on until its end, or until the client has ended', () => {
    expect(ask('begin\n8.8.8.8\n')).toEqual({
      text: `${BANNER}15169   | 8.8.8.8          | Google LLC\n`,
      hasEnded: false,
    })
    expect(ask('begin\n-vf 8.8.8.8', true)).toEqual({ text: `${BANNER}${GOOGLE}`, hasEnded: true })
  })

  test('is counted by what became of each query', () => {
    ask('begin\n8.8.8.8\n10.0.0.1\n198.51.100.1\nAS15169\nAS1\nx\n-z\nend\n')
    expect(results).toEqual(['answer', 'unknown', 'unknown', 'answer', 'unknown', 'error', 'error'])
  })
})

describe('limits', () => {
  test('octets of a line, whole or not', () => {
    const long = 'x'.repeat(MAX_LINE)
    expect(ask(`begin\n${long}\n8.8.8.8\n`)).toMatchObject({ hasEnded: false })
    const stopped = { text: `${BANNER}Error: line 2 has more than ${MAX_LINE} octets.\n`, hasEnded: true }
    expect(ask(`begin\n${long}x\n8.8.8.8\n`)).toEqual(stopped)
    expect(ask(`begin\n${long}x`)).toEqual(stopped)
    expect(ask(`begin\n${long}`)).toEqual({ text: BANNER, hasEnded: false })
  })

  test('lines of a connection', () => {
    const most = `begin\n${'\n'.repeat(MAX_LINES - 2)}8.8.8.8\n`
    expect(ask(most)).toMatchObject({ hasEnded: false })
    const { text, hasEnded } = ask(`${most}8.8.8.8\n`)
    expect(text).toContain(`Error: there are more than ${MAX_LINES} lines; open another connection.\n`)
    expect([text.split('\n').length, hasEnded]).toEqual([4, true])
  })

  test('a turn of one client', () => {
    const session = newSession()
    const octets = Buffer.from(`begin\n${'8.8.8.8\n'.repeat(5000)}`)
    const { used, text } = session.answer(octets, false)
    expect(used).toBeLessThan(octets.length / 2)
    expect(text.length).toBeLessThan(17_000)
  })
})

describe('whatever comes', () => {
  const line = fc.oneof(
    fc.constantFrom(
      'begin',
      'end',
      'verbose',
      'noheader',
      'header',
      '',
      '-v',
      '-h',
      'help',
      'AS15169',
      'as4294967296',
    ),
    mutatedAddresses,
    fc.string({ maxLength: 300 }),
    fc
      .constantFrom('-vf ', '-p ', '-zz ', 'prefix ')
      .chain((flag) => mutatedAddresses.map((it) => `${flag}${it}`)),
  )
  const lines = fc.array(line, { maxLength: 20 }).map((all) => Buffer.from(all.join('\n')))
  const octets = fc.oneof(
    lines,
    lines.map((it) => Buffer.concat([Buffer.from('begin\n'), it])),
    fc.uint8Array({ maxLength: 600 }).map((it) => Buffer.from(it)),
  )

  test('is answered alike in pieces of any size, in lines of text, and to an end', () => {
    fc.assert(
      fc.property(octets, fc.array(fc.integer({ min: 0, max: 600 }), { maxLength: 8 }), (all, cuts) => {
        const whole = talk([all])
        const at = [0, ...cuts.map((cut) => Math.min(cut, all.length)).sort((a, b) => a - b), all.length]
        const pieces = at.slice(1).map((end, i) => all.subarray(at[i], end))
        expect(talk(pieces)).toEqual(whole)
        expect(whole.hasEnded).toBe(true)
        expect(whole.text === '' || whole.text.endsWith('\n')).toBe(true)
        expect(whole.text).not.toMatch(/(?!\n)\p{Cc}/u)
      }),
    )
  })
})
