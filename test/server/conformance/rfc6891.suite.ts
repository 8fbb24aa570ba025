// EDNS(0) where a query is wrong, beside what test/support/protocol-suite/edns.suite.ts asks (RFC 6891).

import { expect, test } from 'vitest'
import type { Asker } from '../../support/asker.ts'
import { OPTION, option, optionsOf } from '../../support/conformance/options.ts'
import { opt, query, RCODE, TYPE } from '../../support/message.ts'

const ADDRESS = '8.8.8.8.geo.asnzone.internal'

const longRecord = Buffer.from(opt())
longRecord[10] = 1

/** Registers the tests. */
export function ednsErrorTests(asker: Asker): void {
  test.each([
    ['two of them', [1, 0, 0, 2], Buffer.concat([opt(), opt()])],
    ['its owner is not the root', [1, 0, 0, 1], Buffer.concat([Uint8Array.of(1, 0x78), opt()])],
    ['its owner is a pointer', [1, 0, 0, 1], Buffer.concat([Uint8Array.of(0xc0, 12), opt().subarray(1)])],
    ['an option is longer than the record', [1, 0, 0, 1], opt({ options: [0xfd, 0xe9, 0, 4, 1, 2, 3] })],
    ['half an option', [1, 0, 0, 1], opt({ options: [0xfd, 0xe9, 0] })],
    ['the record is longer than the message', [1, 0, 0, 1], longRecord],
  ] as const)('RFC 6891 7: FORMERR because of OPT has an OPT record: %s', async (_, counts, tail) => {
    const octets = query(ADDRESS, { counts, tail })
    const reply = await asker.send(octets)
    expect(reply).toMatchObject({ rcode: RCODE.FORMERR, answers: [], opt: { size: 1232, version: 0 } })
    expect(reply.octets.length).toBeLessThanOrEqual(octets.length)
  })

  test('RFC 6891 7: FORMERR behind OPT has an OPT record', async () => {
    const reply = await asker.ask(ADDRESS, { edns: { flags: 0x8000 }, tail: Uint8Array.of(0) })
    expect(reply).toMatchObject({ rcode: RCODE.FORMERR, opt: { version: 0, flags: 0x8000 } })
  })

  test('RFC 6891 6.1.3: the options of another version are not read: BADVERS', async () => {
    for (const options of [[0xfd, 0xe9, 0, 4, 1], option(OPTION.cookie, [1]), option(OPTION.nsid)]) {
      const reply = await asker.ask(ADDRESS, { edns: { version: 1, options } })
      expect(reply).toMatchObject({ rcode: RCODE.BADVERS, answers: [], opt: { version: 0 } })
      expect(optionsOf(reply)).toEqual(new Map())
    }
  })

  test('RFC 6891 6.1.1: OPT may stand anywhere in the additional section', async () => {
    const record = Uint8Array.of(0xc0, 12, 0, TYPE.TXT, 0, 1, 0, 0, 0, 0, 0, 2, 1, 0x78)
    const octets = query(ADDRESS, { counts: [1, 0, 0, 2], tail: Buffer.concat([opt(), record]) })
    expect(await asker.send(octets)).toMatchObject({ rcode: RCODE.NOERROR, opt: { version: 0 } })
  })

  test('RFC 6891 6.1.1: OPT in the authority section is none: FORMERR without OPT', async () => {
    const octets = query(ADDRESS, { type: 251, counts: [1, 0, 1, 0], tail: opt() })
    expect(await asker.send(octets)).toMatchObject({ rcode: RCODE.FORMERR, opt: null })
  })

  test('RFC 6891 6.1.2: as many options as fit, known and unknown, in any order', async () => {
    const many = Array.from({ length: 50 }, (_, i) => option(65001 + (i % 500), [i]))
    const options = [...many, option(OPTION.nsid), ...many].flat()
    const reply = await asker.ask(ADDRESS, { edns: { options } })
    expect(reply.answers).toHaveLength(1)
    expect([...optionsOf(reply)!.keys()]).toEqual([OPTION.nsid])
  })
}
