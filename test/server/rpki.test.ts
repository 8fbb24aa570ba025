// What RPKI says, as the running server answers it, from files that change and files that are wrong.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { ownerOf } from '../../src/zones/example.ts'
import { temporaryFolder } from '../support/folders.ts'
import { dig, type RunningServer, runCli, startServer } from '../support/programs.ts'

const folder = temporaryFolder()
const routes = join(folder, 'routes')
const roas = join(folder, 'vrps.json')
const config = join(folder, 'asnzone.yaml')

const ROA = { asn: 'AS15169', prefix: '8.8.8.0/24', maxLength: 24, ta: 'arin' }
const OTHER = { asn: 13335, prefix: '1.1.0.0/16', maxLength: 24, ta: 'apnic' }
const V6 = { asn: 15169, prefix: '2001:4860::/32', maxLength: 48, ta: 'arin' }

const write = (list: readonly object[]): void => writeFileSync(roas, JSON.stringify({ roas: list }))

writeFileSync(
  routes,
  '8.8.8.0\t24\t15169\n1.1.1.0\t24\t64500\n9.9.9.0\t24\t19281\n2001:4860:4860::\t48\t15169\n',
)
writeFileSync(
  config,
  stringify({
    feed: 'none',
    score: { rpki: { invalid: -20 } },
    sources: [
      { what: 'rpki', format: 'vrp-json', from: roas },
      { what: 'asn', format: 'pfx2as', from: routes },
    ],
  }),
)

let server: RunningServer
const data = temporaryFolder()

beforeAll(async () => {
  write([ROA, OTHER, V6])
  server = await startServer(['--config', config, '--data-dir', data])
})

afterAll(() => server.stop())

const short = (name: string, type: string): Promise<string> =>
  dig(server.addresses[0], ['+short', `${name}.asnzone.internal`, type])

describe('the zones', () => {
  test.each([
    ['8.8.8.8', '127.0.0.2', '"valid | 15169 | 8.8.8.0/24 | AS15169 8.8.8.0/24"'],
    ['9.9.9.9', '127.0.0.3', '"not-found | 19281 | 9.9.9.0/24 |"'],
    ['1.1.1.1', '127.0.0.4', '"invalid | 64500 | 1.1.1.0/24 | AS13335 1.1.0.0/16-24"'],
    [
      '2001:4860:4860::8888',
      '127.0.0.2',
      '"valid | 15169 | 2001:4860:4860::/48 | AS15169 2001:4860::/32-48"',
    ],
    ['::ffff:808:808', '127.0.0.2', '"valid | 15169 | ::ffff:808:800/120 | AS15169 8.8.8.0/24"'],
  ])('%s: %s', async (address, a, txt) => {
    expect(await short(`${ownerOf(address)}.rpki`, 'A')).toBe(a)
    expect(await short(`${ownerOf(address)}.rpki`, 'TXT')).toBe(txt)
    expect(await short(`${address}.rpki.ip`, 'TXT')).toBe(`"${txt.slice(1).split(' ')[0]}"`)
  })

  test('an address of which nothing is known does not exist', async () => {
    const printed = await dig(server.addresses[0], ['1.0.0.10.rpki.asnzone.internal', 'A'])
    expect(printed).toContain('status: NXDOMAIN')
  })

  test('the score', async () => {
    expect(await short('1.1.1.1.score', 'TXT')).toBe('"-20 | rpki invalid -20"')
    expect(await short('8.8.8.8.score', 'TXT')).toBe('')
  })

  test('lookup', async () => {
    const { stdout } = await runCli(['lookup', '--config', config, '--data-dir', data, '1.1.1.1'])
    expect(stdout).toContain('  RPKI       invalid: AS13335 1.1.0.0/16-24\n')
    const { stdout: json } = await runCli([
      'lookup',
      '--config',
      config,
      '--data-dir',
      data,
      '--json',
      '8.8.8.8',
    ])
    expect(JSON.parse(json)).toMatchObject({ rpki: 'valid', roas: ['AS15169 8.8.8.0/24'] })
  })
})

test('a new file counts after a reload, and a wrong one is refused by line, ROA and mend', async () => {
  const reload = () => runCli(['reload', '--config', config, '--data-dir', data])
  write([ROA, { ...OTHER, asn: 64500 }, V6])
  expect(await reload()).toMatchObject({ code: 0 })
  expect(await short('1.1.1.1.rpki', 'TXT')).toBe('"valid | 64500 | 1.1.1.0/24 | AS64500 1.1.0.0/16-24"')
  write([ROA, { ...OTHER, maxLength: 15 }, V6])
  const refused = await reload()
  expect(refused.code).not.toBe(0)
  expect(refused.stderr).toContain(
    `${roas}:1: roas[1]: its maximum length, 15, is not from 16 to 32 as that of a /16 is; mend it, or have the validator write the file again`,
  )
  writeFileSync(roas, '{"roas":[{"asn":1,')
  expect((await reload()).stderr).toContain(
    `${roas}:1: the JSON ends too early: the file was cut off; fetch it again`,
  )
  expect(await short('1.1.1.1.rpki', 'A')).toBe('127.0.0.2')
})

test('check says that ROAs without announced prefixes tell nothing', async () => {
  const ranges = join(folder, 'ranges.csv')
  writeFileSync(ranges, '8.8.8.0,8.8.8.255,15169,Google\n')
  const vrps = join(folder, 'vrps.csv')
  writeFileSync(vrps, 'ASN,IP Prefix,Max Length,Trust Anchor\nAS15169,8.8.8.0/24,24,arin\n')
  const other = join(folder, 'ranges.yaml')
  const sources = [
    { what: 'rpki', format: 'vrp-csv', from: vrps },
    { what: 'asn', format: 'ip-location-db', from: ranges },
  ]
  writeFileSync(other, stringify({ feed: 'none', sources }))
  const { code, stderr, stdout } = await runCli(['check', '--config', other, '--data-dir', temporaryFolder()])
  expect(`${stdout}${stderr}`).toContain('rpki: no source tells which prefixes are announced')
  expect(code).toBe(0)
})
