// The search tree of MaxMind DB files, whatever their records are.

import { describe, expect, it } from 'vitest'
import { Mmdb } from '../../../../src/data/formats/reading/mmdb.ts'
import { type MmdbOptions, type Network, writeMmdb } from '../../../support/mmdb-writer.ts'

/** The first address of each network in hexadecimal words, and the name in its record. */
function walked(networks: readonly Network[], options: MmdbOptions, family: 4 | 6): string[] {
  const mmdb = new Mmdb('test.mmdb', writeMmdb(networks, options))
  const found: string[] = []
  mmdb.walk(family, (start, record) => {
    const words = Array.from(start, (word) => word.toString(16)).join(' ')
    found.push(`${words} ${record === 0 ? '-' : String(mmdb.record(record, start, { name: {} })?.name)}`)
  })
  return found
}

const isKnown = (line: string): boolean => !line.endsWith('-')

describe.each([24, 28, 32] as const)('records of %i bits', (recordSize) => {
  it('walks IPv4 networks in order, with what lies between them', () => {
    const networks: Network[] = [
      ['128.0.0.0/1', { name: 'upper half' }],
      ['10.0.0.0/8', { name: 'ten' }],
      ['11.1.2.3', { name: 'lone' }],
    ]
    const found = walked(networks, { ipVersion: 4, recordSize }, 4)
    expect(found.filter(isKnown)).toEqual(['a000000 ten', 'b010203 lone', '80000000 upper half'])
    expect(found[0]).toBe('0 -')
    expect(found).toContain('b010204 -')
    const starts = found.map((line) => Number.parseInt(line, 16))
    expect(starts).toEqual([...new Set(starts)].sort((a, b) => a - b))
  })

  it('finds nothing of IPv6 in a file for IPv4', () => {
    const networks: Network[] = [['10.0.0.0/8', { name: 'ten' }]]
    expect(walked(networks, { ipVersion: 4, recordSize }, 6)).toEqual(['0 0 0 0 -'])
  })

  it('tells the families of a common file apart and walks aliases of IPv4 once', () => {
    const networks: Network[] = [
      ['10.0.0.0/8', { name: 'ten' }],
      ['2001:db8::/32', { name: 'documentation' }],
      ['ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', { name: 'last' }],
    ]
    const options: MmdbOptions = { ipVersion: 6, recordSize, aliases: ['2002::/16'] }
    expect(walked(networks, options, 4).filter(isKnown)).toEqual(['a000000 ten'])
    expect(walked(networks, options, 6).filter(isKnown)).toEqual([
      '20010db8 0 0 0 documentation',
      'ffffffff ffffffff ffffffff ffffffff last',
    ])
  })
})

describe('a file that is wrong', () => {
  const good = writeMmdb([['10.0.0.0/8', { name: 'ten' }]], { ipVersion: 4 })

  it.each([
    { name: 'empty', bytes: Buffer.alloc(0) },
    { name: 'text', bytes: Buffer.from('1.0.0.0,1.0.0.255,AU\n'.repeat(100)) },
    { name: 'without metadata', bytes: good.subarray(0, 60) },
    { name: 'without its tree', bytes: good.subarray(-150) },
  ])('$name', ({ bytes }) => {
    expect(() => new Mmdb('bad.mmdb', bytes)).toThrow(/^bad\.mmdb: /)
  })

  it('is refused when its tree runs in circles', () => {
    const bytes = Buffer.from(good)
    // The left record of the first node leads back to it.
    bytes.writeUIntBE(0, 0, 3)
    expect(() => new Mmdb('bad.mmdb', bytes).walk(4, () => {})).toThrow('its search tree runs in circles')
  })

  it('is refused when a record leads nowhere', () => {
    const bytes = Buffer.from(good)
    const mmdb = new Mmdb('bad.mmdb', bytes)
    bytes.fill(0, bytes.indexOf('name') - 2, bytes.indexOf('name'))
    let number = 0
    mmdb.walk(4, (_start, record) => {
      number ||= record
    })
    expect(() => mmdb.record(number, Uint32Array.of(0x0a000000), { name: {} })).toThrow(
      /^bad\.mmdb: the record of 10\.0\.0\.0 can't be read/,
    )
  })
})
