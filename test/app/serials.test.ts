// The serial of a server: kept in the data directory, greater after each change, the same where nothing changed.

import { mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, type MockInstance, test, vi } from 'vitest'
import { SERIAL_FILE, Serials } from '../../src/app/serials.ts'
import { loadSettings } from '../../src/config/load.ts'
import type { Settings } from '../../src/config/setting-values.ts'
import { readSnapshot, writeSnapshot } from '../../src/data/snapshot/snapshot.ts'
import type { Table } from '../../src/table/table.ts'
import { parseZoneFile, type ZoneDefinition } from '../../src/zones/definition.ts'
import { temporaryFolder } from '../support/folders.ts'
import { smallTable } from '../support/small-table.ts'
import { tableOf } from '../support/table-of-rows.ts'

const NOW = Date.parse('2026-11-20T06:30:00Z')
const TABLE = smallTable()

let directory: string
let warnings: string[]

beforeEach(() => {
  directory = join(temporaryFolder(), 'data')
  warnings = []
})

const settingsWith = (options: Record<string, unknown>): Settings =>
  loadSettings({ options: { 'data-dir': directory, ...options } })

/** The serials of one start. */
function serials(now = NOW, options: Record<string, unknown> = {}) {
  const ours = new Serials(
    directory,
    (message) => warnings.push(message),
    () => now,
  )
  return {
    of: (table: Table, definitions: readonly ZoneDefinition[], others = options) =>
      ours.of(table, { definitions, settings: settingsWith(others) }),
  }
}

const tableWith = (contents: string): Promise<Table> =>
  tableOf([{ dataset: 'override', format: 'overrides', name: 'o.csv', contents: `cidr,asn\n${contents}` }])

describe('issue 14, item 3: the serial', () => {
  test('is the hour of the data at first, that of the change then, and one more within the hour', async () => {
    const ours = serials()
    expect(ours.of(TABLE, [])).toBe(2026061719)
    expect(ours.of(await tableWith('10.0.0.0/8,64512'), [])).toBe(2026112006)
    expect(ours.of(await tableWith('10.0.0.0/8,64513'), [])).toBe(2026112007)
    // Back to what was before is a change, too: a secondary has the other.
    expect(ours.of(TABLE, [])).toBe(2026112008)
    expect(warnings).toEqual([])
  })

  test('stays over a restart with the same content, and rises over one with another', async () => {
    const changed = await tableWith('10.0.0.0/8,64512')
    serials().of(TABLE, [])
    expect(serials().of(changed, [])).toBe(2026112006)
    expect(serials(NOW + 86_400_000).of(await tableWith('10.0.0.0/8,64512'), [])).toBe(2026112006)
    expect(serials().of(TABLE, [])).toBe(2026112007)
    expect(statSync(join(directory, SERIAL_FILE)).mode & 0o777).toBe(0o640)
  })

  test('of a snapshot that was served before is known without reading the table once more', () => {
    const file = join(temporaryFolder(), 'table.snapshot')
    writeSnapshot(file, TABLE, Buffer.alloc(32))
    const read = (): { table: Table; content: MockInstance } => {
      const table = readSnapshot(file)
      if (table === null) throw new Error('no snapshot')
      return { table, content: vi.spyOn(table, 'content', 'get') }
    }
    const first = serials().of(TABLE, [])
    const [second, third, other] = [read(), read(), read()]
    expect(serials().of(second.table, [])).toBe(first)
    expect(second.content).toHaveBeenCalled()
    expect(serials().of(third.table, [])).toBe(first)
    expect(third.content).not.toHaveBeenCalled()
    expect(serials(NOW, { domain: 'other.test' }).of(other.table, [])).toBeGreaterThan(first)
  })

  test('rises when zones or names change', () => {
    const zones = parseZoneFile('z.yaml', { zones: { z: { apex: 'z.test', owner: 'none' } } })
    serials().of(TABLE, [])
    expect(serials().of(TABLE, zones)).toBe(2026112006)
    expect(serials(NOW, { contact: 'dns.test' }).of(TABLE, zones)).toBe(2026112007)
    expect(serials(NOW, { contact: 'dns.test', 'rate-limit': 1 }).of(TABLE, zones)).toBe(2026112007)
  })

  test('of a clock that was wrong is left in two changes', async () => {
    mkdirSync(directory)
    writeFileSync(join(directory, SERIAL_FILE), JSON.stringify({ serial: 2036010100, content: '' }))
    const ours = serials()
    expect(ours.of(TABLE, [])).toBe(2036010100 + 2 ** 31 - 1)
    expect(ours.of(await tableWith('10.0.0.0/8,64512'), [])).toBe(2026112006)
  })

  test.each([
    ['is damaged', () => writeFileSync(join(directory, SERIAL_FILE), '{'), 'JSON'],
    [
      'is of something else',
      () => writeFileSync(join(directory, SERIAL_FILE), '{"serial":-1}'),
      'it is damaged',
    ],
    [
      'is far too long',
      () => writeFileSync(join(directory, SERIAL_FILE), ' '.repeat(10_000)),
      'it is too long',
    ],
    ['is a folder', () => mkdirSync(join(directory, SERIAL_FILE)), 'it is not a file'],
    ['is a link', () => symlinkSync('/etc/hostname', join(directory, SERIAL_FILE)), 'ELOOP'],
  ])('begins anew, with a warning, when its file %s', (_name, make, reason) => {
    mkdirSync(directory)
    make()
    expect(serials().of(TABLE, [])).toBe(2026061719)
    expect(warnings[0]).toContain(reason)
    expect(warnings[0]).toContain('starts from the time of the data')
  })

  test('rises as long as the server runs where it can’t be kept', async () => {
    writeFileSync(directory, 'no folder')
    const ours = serials()
    expect(ours.of(TABLE, [])).toBe(2026061719)
    expect(ours.of(await tableWith('10.0.0.0/8,64512'), [])).toBe(2026112006)
    expect(warnings.some((message) => message.startsWith('the SOA serial is not kept'))).toBe(true)
  })
})
