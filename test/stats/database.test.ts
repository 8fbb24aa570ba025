// The statistics on disk, written and read through SQLite, and read by sqlite3's own shell.

import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { afterAll, describe, expect, it } from 'vitest'
import type { Increments } from '../../src/stats/aggregator.ts'
import { StatsReader, StatsWriter } from '../../src/stats/database.ts'
import { temporaryFolder } from '../support/folders.ts'

const NOON = new Date(2026, 10, 21, 12)
/** Closed all at once: each collection of garbage takes longer than a test. */
const open: { close: () => void }[] = []
afterAll(() => {
  for (const database of open) database.close()
})

function opened<D extends { close: () => void }>(database: D): D {
  open.push(database)
  return database
}

function increments(countries: Record<string, number>, ases: [number, string, number][] = []): Increments {
  return {
    countries: new Map(Object.entries(countries)),
    ases: new Map(ases.map(([asn, name, queries]) => [asn, { asn, name, queries }])),
  }
}

const fileIn = (folder: string): string => join(folder, 'stats.sqlite')

/** What sqlite3's own shell says. */
function shell(file: string, sql: string): string {
  return execFileSync('sqlite3', [file, sql], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim()
}

/** The files that this process has open. */
const namesOpen = (): string[] =>
  readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)]
    } catch {
      // It was that of the directory.
      return []
    }
  })

describe('StatsWriter', () => {
  it('is no business of other users of the host: as a new file, and as one that was open to all', () => {
    const file = fileIn(temporaryFolder())
    const modes = (): number[] => [file, `${file}-journal`].map((name) => statSync(name).mode & 0o777)
    const first = opened(new StatsWriter(file))
    first.add(increments({ US: 1 }), NOON)
    expect(modes()).toEqual([0o640, 0o640])
    first.close()
    chmodSync(file, 0o644)
    opened(new StatsWriter(file)).add(increments({ US: 1 }), NOON)
    expect(modes()).toEqual([0o640, 0o640])
  })

  it('has the columns of Geo Weight, id first', () => {
    const file = fileIn(temporaryFolder())
    opened(new StatsWriter(file)).add(increments({ US: 2, DE: 1 }), NOON)
    expect(shell(file, "SELECT name, type, pk FROM pragma_table_info('GEO_STATS')").split('\n')).toEqual([
      'id|INTEGER|1',
      'country|VARCHAR(2)|0',
      'counter|INTEGER|0',
      'interval|VARCHAR(25)|0',
    ])
    expect(shell(file, 'SELECT count(DISTINCT id), min(id) FROM GEO_STATS')).toBe('8|1')
  })

  it.each([
    ['of asnzone 0.1', 'CREATE UNIQUE INDEX GEO_STATS_COUNTRY_INTERVAL ON GEO_STATS (country, interval);'],
    ['copied without its index', ''],
  ])('gives a table %s its id, and goes on counting in it', (_, index) => {
    const file = fileIn(temporaryFolder())
    shell(
      file,
      `CREATE TABLE GEO_STATS (country VARCHAR(2) NOT NULL, counter INTEGER NOT NULL, interval VARCHAR(25) NOT NULL);
       ${index}
       INSERT INTO GEO_STATS VALUES ('US', 40, 'total'), ('DE', 2, 'total'), ('US', 7, '2025')`,
    )
    opened(new StatsWriter(file)).add(increments({ US: 2 }), NOON)
    opened(new StatsWriter(file))
    expect(
      shell(file, "SELECT id, country, counter FROM GEO_STATS WHERE interval = 'total'").split('\n'),
    ).toEqual(['1|US|42', '2|DE|2'])
    expect(shell(file, "SELECT counter FROM GEO_STATS WHERE interval = '2025'")).toBe('7')
    expect(shell(file, "SELECT name FROM sqlite_schema WHERE name LIKE '%WITHOUT_ID%'")).toBe('')
    expect(shell(file, 'PRAGMA integrity_check')).toBe('ok')
  })

  it('leaves the table of asnzone 0.1 as it is while another program has it locked', () => {
    const file = fileIn(temporaryFolder())
    shell(
      file,
      "CREATE TABLE GEO_STATS (country, counter, interval); INSERT INTO GEO_STATS VALUES ('US', 40, 'total')",
    )
    const other = opened(new Database(file))
    other.exec('PRAGMA journal_mode = WAL; BEGIN IMMEDIATE')
    expect(() => new StatsWriter(file)).toThrow(/lock/)
    other.exec('ROLLBACK')
    expect(shell(file, 'SELECT * FROM GEO_STATS')).toBe('US|40|total')
  })

  it('counts each query in four intervals, and adds to what is there', () => {
    const file = fileIn(temporaryFolder())
    const writer = opened(new StatsWriter(file))
    writer.add(increments({ US: 2, DE: 1 }, [[15169, 'Google LLC', 3]]), NOON)
    writer.add(increments({ US: 5 }, [[15169, 'Google', 5]]), new Date(2026, 10, 22))
    writer.add(increments({ US: 1 }), new Date(2027, 0, 1))
    const reader = opened(new StatsReader(file))
    expect(reader.countries().map(({ interval, country, counter }) => [interval, country, counter])).toEqual([
      ['total', 'US', 8],
      ['total', 'DE', 1],
      ['2026', 'US', 7],
      ['2026', 'DE', 1],
      ['2026-11', 'US', 7],
      ['2026-11', 'DE', 1],
      ['2026-11-21', 'US', 2],
      ['2026-11-21', 'DE', 1],
      ['2026-11-22', 'US', 5],
      ['2027', 'US', 1],
      ['2027-01', 'US', 1],
      ['2027-01-01', 'US', 1],
    ])
    expect(reader.intervals()).toEqual([
      { interval: '2026', counter: 8 },
      { interval: '2026-11', counter: 8 },
      { interval: '2026-11-21', counter: 3 },
      { interval: '2026-11-22', counter: 5 },
      { interval: '2027', counter: 1 },
      { interval: '2027-01', counter: 1 },
      { interval: '2027-01-01', counter: 1 },
      { interval: 'total', counter: 9 },
    ])
    expect(reader.ases('total', 1)).toHaveLength(1)
    expect(reader.shareOf({ country: 'US' }, 'total')).toEqual({ queries: 8, of: 9 })
    expect(reader.shareOf({ asn: 15169 }, '2026-11-21')).toEqual({ queries: 3, of: 3 })
    expect(reader.shareOf({ asn: 64496 }, 'total')).toEqual({ queries: 0, of: 9 })
    expect(reader.shareOf({ country: 'US' }, '2025')).toEqual({ queries: 0, of: 0 })
    expect(reader.ases('total').map(({ asn, name, counter }) => [asn, name, counter])).toEqual([
      [15169, 'Google', 8],
    ])
    expect(reader.ases('2026-11-21').map(({ asn, name, counter }) => [asn, name, counter])).toEqual([
      [15169, 'Google LLC', 3],
    ])
  })

  it('goes on where it stopped', () => {
    const file = fileIn(temporaryFolder())
    for (let i = 0; i < 3; i++) {
      const writer = new StatsWriter(file)
      writer.add(increments({ US: 1 }), NOON)
      writer.close()
    }
    expect(opened(new StatsReader(file)).countries('total')).toMatchObject([{ country: 'US', counter: 3 }])
  })

  it('keeps nothing of the file open once it is closed, though somebody has the writer still', async () => {
    const file = fileIn(temporaryFolder())
    const writer = new StatsWriter(file)
    writer.add(increments({ US: 1 }), NOON)
    expect(namesOpen()).toContain(file)
    writer.close()
    await expect.poll(namesOpen, { timeout: 20_000 }).not.toContain(file)
    expect(() => writer.add(increments({ US: 1 }), NOON)).toThrow('it is closed')
  })

  it('makes the folder', () => {
    const file = join(temporaryFolder(), 'a', 'b', 'stats.sqlite')
    opened(new StatsWriter(file))
    expect(existsSync(file)).toBe(true)
  })

  it('writes whole numbers, beyond 2^32 too', () => {
    const file = fileIn(temporaryFolder())
    const writer = opened(new StatsWriter(file))
    writer.add(increments({ US: 2 ** 40 }, [[4294967295, 'The last', 2 ** 40]]), NOON)
    expect(shell(file, 'SELECT asn, typeof(asn), counter, typeof(counter) FROM ASN_STATS LIMIT 1')).toBe(
      '4294967295|integer|1099511627776|integer',
    )
  })

  it('writes all of an increment or nothing', () => {
    const file = fileIn(temporaryFolder())
    const writer = opened(new StatsWriter(file))
    writer.add(increments({ US: 1 }), NOON)
    const broken = increments({ US: 1 }, [[1, null as unknown as string, 1]])
    expect(() => writer.add(broken, NOON)).toThrow('NOT NULL')
    expect(opened(new StatsReader(file)).countries('total')).toMatchObject([{ country: 'US', counter: 1 }])
    writer.add(increments({ US: 1 }), NOON)
    expect(opened(new StatsReader(file)).countries('total')).toMatchObject([{ country: 'US', counter: 2 }])
  })

  describe('a clock that jumps (issue 14)', () => {
    const day = (days: number): Date => new Date(2026, 0, 1 + days, 12)

    function written(file: string): {
      add: (time: Date) => void
      intervals: () => string[]
      days: () => number
    } {
      const writer = opened(new StatsWriter(file))
      const reader = opened(new StatsReader(file))
      const intervals = (): string[] => reader.intervals().map(({ interval }) => interval)
      return {
        add: (time) => writer.add(increments({ US: 1 }, [[1, 'One', 1]]), time),
        intervals,
        days: () => intervals().filter((interval) => interval.length === 10).length,
      }
    }

    it('forgets the oldest of more than 400 days, not months and years', () => {
      const { add, intervals, days } = written(fileIn(temporaryFolder()))
      for (let at = 0; at < 403; at++) add(day(at))
      expect(days()).toBe(400)
      expect(intervals()).not.toContain('2026-01-03')
      expect(intervals()).toEqual(
        expect.arrayContaining(['2026-01-04', '2026-01', '2026', '2027-02-07', 'total']),
      )
    })

    it('forgets no day when it is ten years ahead for a write, and then what was written there', () => {
      const { add, intervals, days } = written(fileIn(temporaryFolder()))
      for (let at = 0; at < 100; at++) add(day(at))
      add(new Date(2036, 0, 1))
      expect(days()).toBe(101)
      add(day(100))
      expect(days()).toBe(102)
      for (const interval of ['2036', '2036-01', '2036-01-01']) expect(intervals()).toContain(interval)
      add(day(101))
      add(day(102))
      expect(days()).toBe(103)
      expect(intervals().filter((interval) => interval.startsWith('2036'))).toEqual([])
      expect(intervals()).toContain('2026-01-01')
    })

    it('removes nothing of the future when it is behind', () => {
      const { add, days } = written(fileIn(temporaryFolder()))
      for (let at = 100; at < 140; at++) add(day(at))
      for (let at = 0; at < 3; at++) add(day(at))
      expect(days()).toBe(43)
    })

    it('counts in the total alone before it is set', () => {
      const { add, intervals } = written(fileIn(temporaryFolder()))
      add(new Date(1970, 0, 1))
      add(new Date(2000, 0, 1))
      expect(intervals()).toEqual(['total'])
    })
  })

  it.each([
    {
      name: 'a file that is not a database',
      prepare: (file: string) => writeFileSync(file, 'no database'.repeat(500)),
    },
    {
      name: 'a folder where the file should be',
      prepare: (file: string) => void new StatsWriter(join(file, 'x')).close(),
    },
  ])('throws for $name', ({ prepare }) => {
    const file = fileIn(temporaryFolder())
    prepare(file)
    expect(() => opened(new StatsWriter(file))).toThrow()
  })
})

describe("sqlite3's own shell", () => {
  it('reads what is written, while the database is open and in the middle of a write', () => {
    const file = fileIn(temporaryFolder())
    const writer = opened(new StatsWriter(file))
    writer.add(increments({ US: 7 }), NOON)
    const sql = "SELECT country, counter FROM GEO_STATS WHERE interval = 'total'"
    expect(shell(file, sql)).toBe('US|7')
    const other = opened(new Database(file))
    other.exec('BEGIN IMMEDIATE; UPDATE GEO_STATS SET counter = 100')
    expect(shell(file, sql)).toBe('US|7')
    other.exec('COMMIT')
    expect(shell(file, sql)).toBe('US|100')
    writer.add(increments({ US: 1 }), NOON)
    expect(shell(file, sql)).toBe('US|101')
    expect(shell(file, 'PRAGMA integrity_check')).toBe('ok')
  })

  it('and the writer lock each other out as two writers do', () => {
    const file = fileIn(temporaryFolder())
    const writer = opened(new StatsWriter(file))
    writer.add(increments({ US: 1 }), NOON)
    shell(file, "UPDATE GEO_STATS SET counter = counter + 10 WHERE interval = 'total'")
    writer.add(increments({ US: 1 }), NOON)
    expect(shell(file, "SELECT counter FROM GEO_STATS WHERE interval = 'total'")).toBe('12')
    const other = opened(new Database(file))
    other.exec('BEGIN IMMEDIATE')
    expect(() => shell(file, 'UPDATE GEO_STATS SET counter = 0')).toThrow('locked')
    other.exec('ROLLBACK')
  })

  it('sees the indexes that Geo Weight has', () => {
    const file = fileIn(temporaryFolder())
    opened(new StatsWriter(file)).add(increments({ US: 1 }), NOON)
    expect(() =>
      shell(file, "INSERT INTO GEO_STATS (country, counter, interval) VALUES ('US', 1, 'total')"),
    ).toThrow('UNIQUE')
  })
})

describe('StatsReader', () => {
  it('says what to do when there is nothing', () => {
    const file = fileIn(temporaryFolder())
    expect(() => new StatsReader(file)).toThrow(`${file}: no statistics yet; serve counts with 'stats: true'`)
  })

  it('names a file that is not a database', () => {
    const file = fileIn(temporaryFolder())
    writeFileSync(file, 'no database'.repeat(500))
    expect(() => new StatsReader(file)).toThrow(`${file}: file is not a database`)
  })

  it('reads while a writer is at work, and writes nothing itself', () => {
    const folder = temporaryFolder()
    const file = fileIn(folder)
    const writer = opened(new StatsWriter(file))
    writer.add(increments({ US: 1 }), NOON)
    const reader = opened(new StatsReader(file))
    expect(reader.countries('total')).toMatchObject([{ counter: 1 }])
    writer.add(increments({ US: 1 }), NOON)
    expect(reader.countries('total')).toMatchObject([{ counter: 2 }])
    expect(reader.countries('1999')).toEqual([])
  })
})

describe('a folder with blanks and signs in its name', () => {
  it('is no trouble', () => {
    const folder = join(temporaryFolder(), 'a b?c#d%20e')
    const file = fileIn(folder)
    opened(new StatsWriter(file)).add(increments({ US: 1 }), NOON)
    expect(opened(new StatsReader(file)).countries('total')).toHaveLength(1)
    rmSync(folder, { recursive: true, force: true })
  })
})
