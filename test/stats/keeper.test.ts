// Statistics that can't be written for a while.

import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { afterEach, beforeAll, describe, expect, it } from 'vitest'
import { StatsReader } from '../../src/stats/database.ts'
import { Keeper, type KeeperReport } from '../../src/stats/keeper.ts'
import { createRecordCounts, RecordCounter } from '../../src/stats/record-counts.ts'
import { parseCidr } from '../../src/table/cidr-text.ts'
import { recordOf, type Table } from '../../src/table/table.ts'
import { temporaryFolder } from '../support/folders.ts'
import { tableOf } from '../support/table-of-rows.ts'

let table: Table
beforeAll(async () => {
  table = await tableOf([
    {
      dataset: 'country',
      format: 'ip-location-db',
      name: 'country.csv',
      contents: '8.0.0.0,8.255.255.255,US\n',
    },
  ])
})

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

function setUp(file = join(temporaryFolder(), 'stats.sqlite')) {
  const reports: KeeperReport[] = []
  const keeper = new Keeper(
    file,
    (report) => reports.push(report),
    () => new Date(2026, 10, 21),
  )
  const counts = createRecordCounts(table.recordCount, 1)
  keeper.watch(table, counts)
  closers.push(() => keeper.close())
  const counter = new RecordCounter(counts, 0)
  const record = recordOf(table.find4(parseCidr('8.8.8.8').start[0]))
  const ask = (times = 1): void => {
    for (let i = 0; i < times; i++) counter.count(record)
  }
  const total = (): number => {
    const reader = new StatsReader(file)
    const counter = reader.countries('total')[0]?.counter ?? 0
    reader.close()
    return counter
  }
  return { file, keeper, reports, ask, total }
}

describe('Keeper', () => {
  it('makes the database at once, so that it can be read before the first query', () => {
    const { keeper, total } = setUp()
    keeper.write()
    expect(total()).toBe(0)
  })

  it('writes what was counted, and the rest when it is closed', () => {
    const { keeper, ask, total, reports } = setUp()
    ask(3)
    keeper.write()
    expect(total()).toBe(3)
    ask(4)
    keeper.close()
    expect(total()).toBe(7)
    expect(reports).toEqual([])
  })

  it('keeps what a locked database does not take, tells it each time, and goes on', () => {
    const { file, keeper, ask, total, reports } = setUp()
    keeper.write()
    const other = new Database(file)
    other.exec('BEGIN EXCLUSIVE')
    ask(2)
    keeper.write()
    ask(3)
    keeper.write()
    const locked = { error: 'database is locked' }
    expect(reports).toEqual([
      { ...locked, failures: 1 },
      { ...locked, failures: 2 },
    ])
    other.exec('ROLLBACK')
    other.close()
    expect(total()).toBe(0)
    ask(1)
    keeper.write()
    expect(total()).toBe(6)
    expect(reports.slice(2)).toEqual([{ error: null, failures: 2 }])
  })

  it('keeps what a damaged database does not take, until it is gone', () => {
    const { file, keeper, ask, total, reports } = setUp()
    writeFileSync(file, 'damaged'.repeat(1000))
    ask(5)
    keeper.write()
    keeper.write()
    expect(reports).toEqual([
      { error: 'file is not a database', failures: 1 },
      { error: 'file is not a database', failures: 2 },
    ])
    rmSync(file)
    keeper.write()
    expect(total()).toBe(5)
    expect(reports.at(-1)).toEqual({ error: null, failures: 2 })
  })

  it('makes the database anew when somebody has removed it', () => {
    const { file, keeper, ask, total } = setUp()
    ask(1)
    keeper.write()
    for (const ending of ['', '-wal', '-shm']) rmSync(file + ending, { force: true })
    ask(2)
    keeper.write()
    expect(total()).toBe(2)
  })

  it('goes on in the database that somebody has moved over its own', () => {
    const saved = setUp()
    saved.ask(5)
    saved.keeper.write()
    const copy = `${saved.file}.copy`
    const database = new Database(saved.file)
    database.exec(`VACUUM INTO '${copy}'`)
    database.close()
    const { file, keeper, ask, total } = setUp()
    ask(1)
    keeper.write()
    for (const ending of ['', '-wal', '-shm']) rmSync(file + ending, { force: true })
    renameSync(copy, file)
    ask(2)
    keeper.write()
    expect(total()).toBe(7)
  })

  it('counts what the old table still has when everybody has moved to the new one', () => {
    const { keeper, ask, total } = setUp()
    const counts = createRecordCounts(table.recordCount, 1)
    keeper.watch(table, counts)
    ask(2)
    keeper.dropOldTables()
    ask(100)
    keeper.write()
    expect(total()).toBe(2)
  })
})
