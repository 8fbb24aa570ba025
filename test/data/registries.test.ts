// The regional registry of an address: the longest match in IANA's allocations.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { readRegistries } from '../../src/data/registries.ts'
import { AsnzoneError } from '../../src/errors.ts'
import { readAddress } from '../support/bigint-address.ts'
import { valueOfSteps } from '../support/painted-rows.ts'

const directory = mkdtempSync(join(tmpdir(), 'asnzone-registries-'))
afterAll(() => rmSync(directory, { recursive: true }))

function fileOf(text: string): string {
  const file = join(directory, 'registries.csv')
  writeFileSync(file, text)
  return file
}

async function registryOf(file: string | undefined, address: string): Promise<string> {
  const { names, v4, v6 } = await readRegistries(file)
  return names[valueOfSteps(address.includes(':') ? v6 : v4, readAddress(address)) - 1] ?? '--'
}

describe('IANA’s allocations', () => {
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
    ['10.0.0.1', '--'],
    ['127.0.0.1', '--'],
    ['224.0.0.1', '--'],
    ['255.255.255.255', '--'],
    ['::1', '--'],
    ['fe80::1', '--'],
  ])('%s is of %s', async (address, registry) => {
    expect(await registryOf(undefined, address)).toBe(registry)
  })

  test('name five registries', async () => {
    expect((await readRegistries()).names.toSorted()).toEqual([
      'afrinic',
      'apnic',
      'arin',
      'lacnic',
      'ripencc',
    ])
  })
})

describe('readRegistries', () => {
  test('the longest prefix wins, in whatever order', async () => {
    const lines = ['10.0.0.0/8,big', '10.1.0.0/16,middle', '10.1.2.0/24,small', '2001:db8::/32,six']
    for (const order of [lines, lines.toReversed()]) {
      const file = fileOf(['cidr,registry', ...order].join('\n'))
      const found = [
        '10.0.0.0',
        '10.1.0.0',
        '10.1.2.0',
        '10.1.3.0',
        '10.255.255.255',
        '11.0.0.0',
        '2001:db8::1',
      ]
      expect(await Promise.all(found.map((address) => registryOf(file, address)))).toEqual([
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
    const file = fileOf(text)
    await expect(readRegistries(file)).rejects.toThrow(
      new AsnzoneError('ASNZONE_DATA', `${file}:${line}: ${reason}`),
    )
  })

  test.each([
    { name: 'a row that is too long', text: 'cidr,registry\n1.0.0.0/8,apnic,x\n' },
    { name: 'a quote that is not closed', text: 'cidr,registry\n1.0.0.0/8,"apnic\n2.0.0.0/8,arin\n' },
  ])('refuses $name', async ({ text }) => {
    const file = fileOf(text)
    await expect(readRegistries(file)).rejects.toMatchObject({
      code: 'ASNZONE_DATA',
      message: expect.stringContaining(file),
    })
  })

  test('refuses a file that is not there', async () => {
    const file = join(directory, 'nowhere.csv')
    await expect(readRegistries(file)).rejects.toMatchObject({
      code: 'ASNZONE_DATA',
      message: expect.stringMatching(/nowhere\.csv.*no such file/),
    })
  })
})
