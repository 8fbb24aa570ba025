// The regional registry of an address, the longest match, and of an AS number.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type Registries, readRegistries } from '../../../src/data/compile/registries.ts'
import type { RegistryFiles } from '../../../src/data/compile/registries-file.ts'
import { AsnzoneError } from '../../../src/errors.ts'
import { readAddress } from '../../support/bigint-address.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { valueOfIntervals } from '../../support/painted-rows.ts'

const directory = temporaryFolder()

const PREFIXES = 'cidr,registry\n1.0.0.0/8,apnic\n'
const ASES = 'first,last,registry\n1,6,arin\n'

/** Files with these rows. */
function filesOf({ prefixes = PREFIXES, ases = ASES }): RegistryFiles {
  const files = { addresses: join(directory, 'prefixes.csv'), ases: join(directory, 'ases.csv') }
  writeFileSync(files.addresses, prefixes)
  writeFileSync(files.ases, ases)
  return files
}

async function registryOf(files: RegistryFiles, what: string): Promise<string> {
  return registryIn(await readRegistries(files), what)
}

function registryIn({ names, v4, v6, ases }: Registries, what: string): string {
  const isAs = what.startsWith('AS')
  const intervals = isAs ? ases : what.includes(':') ? v6 : v4
  return names[valueOfIntervals(intervals, isAs ? BigInt(what.slice(2)) : readAddress(what)) - 1] ?? '--'
}

describe('the tables that are shipped', () => {
  let shipped: Registries
  beforeAll(async () => {
    shipped = await readRegistries()
  })

  test.each([
    ['8.8.8.8', 'arin'],
    ['66.128.48.1', 'arin'],
    ['193.0.6.139', 'ripencc'],
    ['1.1.1.1', 'apnic'],
    ['200.3.14.10', 'lacnic'],
    ['196.216.2.1', 'afrinic'],
    ['2001:4860:4860::8888', 'arin'],
    ['2001:67c:2e8:22::c100:68b', 'ripencc'],
    ['2001:200::1', 'apnic'],
    ['2800::1', 'lacnic'],
    ['2c0f::1', 'afrinic'],
    ['45.96.0.1', 'afrinic'],
    ['192.121.53.101', 'ripencc'],
    ['2410::1', 'apnic'],
    ['AS13335', 'arin'],
    ['AS6939', 'arin'],
    ['AS36351', 'arin'],
    ['AS5089', 'ripencc'],
    ['AS37069', 'afrinic'],
    ['AS15169', 'arin'],
    ['AS267147', 'lacnic'],
    ['AS1', 'arin'],
    ['AS0', '--'],
    ['AS23456', '--'],
    ['AS64512', '--'],
    ['AS4200000000', '--'],
    ['AS4294967295', '--'],
    ['10.0.0.1', '--'],
    ['127.0.0.1', '--'],
    ['224.0.0.1', '--'],
    ['255.255.255.255', '--'],
    ['::1', '--'],
    ['fe80::1', '--'],
  ])('%s is of %s', (what, registry) => {
    expect(registryIn(shipped, what)).toBe(registry)
  })

  test('name five registries', () => {
    expect(shipped.names.toSorted()).toEqual(['afrinic', 'apnic', 'arin', 'lacnic', 'ripencc'])
  })
})

describe('readRegistries', () => {
  test('the longest prefix wins, in whatever order', async () => {
    const lines = ['10.0.0.0/8,big', '10.1.0.0/16,middle', '10.1.2.0/24,small', '2001:db8::/32,six']
    for (const order of [lines, lines.toReversed()]) {
      const files = filesOf({ prefixes: ['cidr,registry', ...order].join('\n') })
      const found = [
        '10.0.0.0',
        '10.1.0.0',
        '10.1.2.0',
        '10.1.3.0',
        '10.255.255.255',
        '11.0.0.0',
        '2001:db8::1',
      ]
      expect(await Promise.all(found.map((address) => registryOf(files, address)))).toEqual([
        'big',
        'middle',
        'small',
        'middle',
        'big',
        '--',
        'six',
      ])
    }
  })

  test('a block of AS numbers ends where it says', async () => {
    const files = filesOf({ ases: 'first,last,registry\n1,6,arin\n8,8,apnic\nAS70000,AS70001,lacnic\n' })
    const found = ['AS0', 'AS1', 'AS6', 'AS7', 'AS8', 'AS9', 'AS70001', 'AS70002']
    expect(await Promise.all(found.map((asn) => registryOf(files, asn)))).toEqual([
      '--',
      'arin',
      'arin',
      '--',
      'apnic',
      '--',
      'lacnic',
      '--',
    ])
  })

  test.each([
    {
      name: 'a CIDR that is none',
      text: 'cidr,registry\n1.0.0.0/8,apnic\n2.0.0/8,ripencc\n',
      line: 3,
      reason: "'2.0.0/8' is not an IP address or a CIDR such as 192.0.2.0/24 or 2001:db8::/32",
    },
    {
      name: 'a row that is too short',
      text: 'cidr,registry\n1.0.0.0/8,apnic\n2.0.0.0/8\n3.0.0.0/8,arin\n',
      line: 3,
      reason: 'a row needs the columns cidr and registry',
    },
    {
      name: 'an empty registry',
      text: 'cidr,registry\n1.0.0.0/8,\n',
      line: 2,
      reason: 'a row needs the columns cidr and registry',
    },
    {
      name: 'a blank line',
      text: 'cidr,registry\n1.0.0.0/8,apnic\n\n3.0.0.0/8,arin\n',
      line: 3,
      reason: 'a row needs the columns cidr and registry',
    },
    {
      name: 'no header line',
      text: '1.0.0.0/8,apnic\n2.0.0.0/8,ripencc\n',
      line: 2,
      reason: 'a row needs the columns cidr and registry',
    },
    { name: 'a header line alone', text: 'cidr,registry\n', line: 1, reason: 'the file holds no rows' },
    { name: 'an empty file', text: '', line: 1, reason: 'the file holds no rows' },
  ])('refuses $name', async ({ text, line, reason }) => {
    const files = filesOf({ prefixes: text })
    await expect(readRegistries(files)).rejects.toThrow(
      new AsnzoneError('ASNZONE_DATA', `${files.addresses}:${line}: ${reason}`),
    )
  })

  test.each([
    { name: 'a row that is too long', text: 'cidr,registry\n1.0.0.0/8,apnic,x\n' },
    { name: 'a quote that is not closed', text: 'cidr,registry\n1.0.0.0/8,"apnic\n2.0.0.0/8,arin\n' },
  ])('refuses $name', async ({ text }) => {
    const files = filesOf({ prefixes: text })
    await expect(readRegistries(files)).rejects.toMatchObject({
      code: 'ASNZONE_DATA',
      message: expect.stringContaining(files.addresses),
    })
  })

  test.each([
    {
      name: 'an AS number that is none',
      row: '7,x,arin',
      reason: "'x' is not an AS number from 1 to 4294967295",
    },
    { name: 'a block that ends before it begins', row: '9,8,arin', reason: 'AS 9 is above AS 8' },
    {
      name: 'a row of AS numbers that is too short',
      row: '9,10',
      reason: 'a row needs the columns first, last and registry',
    },
  ])('refuses $name', async ({ row, reason }) => {
    const files = filesOf({ ases: `${ASES}${row}\n` })
    await expect(readRegistries(files)).rejects.toThrow(
      new AsnzoneError('ASNZONE_DATA', `${files.ases}:3: ${reason}`),
    )
  })

  test('refuses a file that is not there', async () => {
    const files = { ...filesOf({}), addresses: join(directory, 'nowhere.csv') }
    await expect(readRegistries(files)).rejects.toMatchObject({
      code: 'ASNZONE_DATA',
      message: expect.stringMatching(/nowhere\.csv.*no such file/),
    })
  })
})
