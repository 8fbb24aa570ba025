// Verdicts that are taken in: what is left out, what is kept, and what a damaged or foreign file does.

import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'libsql'
import { describe, expect, test } from 'vitest'
import { Excluded } from '../../src/learn/excluded.ts'
import { explain } from '../../src/learn/explain.ts'
import { Learner, type LearnSettings, learnSettings } from '../../src/learn/learner.ts'
import { readProduct } from '../../src/learn/product.ts'
import { LearnState } from '../../src/learn/state.ts'
import { STATE_FILE } from '../../src/learn/state-file.ts'
import type { Verdict } from '../../src/learn/verdict.ts'
import { parseCidr } from '../../src/table/cidr-text.ts'
import { temporaryFolder } from '../support/folders.ts'
import { smallTable } from '../support/small-table.ts'
import { DAY, HALF_LIFE, NOW } from './lessons.ts'

const TABLE = smallTable()
const table = () => TABLE

const SETTINGS: LearnSettings = {
  halfLife: HALF_LIFE,
  quota: 1000,
  excluded: new Excluded(),
  trusted: [],
  keep: false,
}

/** In 8.8.8.0/24 of AS15169, US. */
const verdict = (parts: Partial<Verdict> = {}): Verdict => ({
  time: NOW,
  address: '8.8.8.8',
  spam: true,
  weight: 1,
  undoes: false,
  reporter: 'local',
  ...parts,
})

interface Opened {
  readonly folder: string
  readonly learner: Learner
}

function open(settings: Partial<LearnSettings> = {}, folder = temporaryFolder(), maxKeys?: number): Opened {
  const all = { ...SETTINGS, ...settings }
  const state = new LearnState(join(folder, STATE_FILE), {
    halfLife: all.halfLife,
    ...(maxKeys !== undefined && { maxKeys }),
  })
  return { folder, learner: new Learner(state, table, all, () => NOW) }
}

const explained = ({ learner }: Opened, address = '8.8.8.8') =>
  explain(address, learner.state.model, TABLE, NOW, new Excluded())

describe('what teaches nothing is counted by its reason', () => {
  test.each([
    ['time-future', { time: NOW + 301 }],
    ['time-old', { time: NOW - 4 * HALF_LIFE }],
    ['unknown', { address: '9.9.9.9' }],
    ['address', { address: 'mail' }],
  ] as const)('%s', (reason, parts) => {
    const { learner } = open()
    learner.learn([verdict(parts), verdict(), { ignored: 'format' }])
    expect(learner.counts).toMatchObject({ spam: 1, ham: 0, ignored: { [reason]: 1, format: 1 } })
  })

  test('a clock that is a little ahead is none, and a verdict that counts a tenth is none', () => {
    const { learner } = open()
    learner.learn([verdict({ time: NOW + 300 }), verdict({ time: NOW - 3.3 * HALF_LIFE })])
    expect(learner.counts.spam).toBe(2)
  })

  test('what is excluded, by AS and by network', () => {
    const { learner } = open({ excluded: new Excluded([15169], [parseCidr('193.0.0.0/24')]) })
    learner.learn([verdict(), verdict({ address: '193.0.0.1' }), verdict({ address: '193.0.1.1' })])
    expect(learner.counts).toMatchObject({ spam: 1, ignored: { excluded: 2 } })
  })

  test('what a host of our own has passed on, whose address is none of those who sent it', () => {
    const setting = {
      halfLife: HALF_LIFE,
      quota: 9,
      exclude: { asns: [], networks: [] },
      keepVerdicts: false,
    }
    const { learner } = open(learnSettings({ ...setting, trusted: ['8.8.8.0/24', '2001:4860::/32'] }))
    learner.learn([verdict(), verdict({ address: '2001:4860::1' }), verdict({ address: '193.0.1.1' })])
    expect(learner.counts).toMatchObject({ spam: 1, ignored: { trusted: 2 } })
    expect(explained({ folder: '', learner })?.levels.at(-1)?.spam ?? 0).toBe(0)
  })

  test('a reporter over its quota, on one day', () => {
    const folder = temporaryFolder()
    const { learner } = open({ quota: 2 }, folder)
    learner.learn([verdict(), verdict(), verdict(), verdict({ reporter: 'mx1' })])
    expect(learner.counts).toMatchObject({ spam: 3, ignored: { quota: 1 } })
    learner.state.close()
    const again = open({ quota: 2 }, folder)
    again.learner.learn([verdict()])
    expect(again.learner.counts.ignored.quota).toBe(1)
    const tomorrow = new Learner(again.learner.state, table, { ...SETTINGS, quota: 2 }, () => NOW + DAY)
    tomorrow.learn([verdict()])
    expect(tomorrow.counts.spam).toBe(1)
  })

  test('more reporters than there can be', () => {
    const { learner } = open()
    learner.learn(Array.from({ length: 130 }, (_, at) => verdict({ reporter: `mx${at}` })))
    expect(learner.counts).toMatchObject({ spam: 128, ignored: { quota: 2 } })
  })
})

test('what was learned is there when the file is opened again, and nobody else may read it', () => {
  const { folder, learner } = open()
  learner.learn([verdict(), verdict({ address: '193.0.0.1', spam: false })])
  const before = explained({ folder, learner })
  learner.state.close()
  const again = open({}, folder)
  expect(explained(again)).toEqual(before)
  expect(before?.levels.map(({ name, spam, ham }) => [name, spam, ham])).toEqual([
    ['all', 1, 1],
    ['US', 1, 0],
    ['AS15169', 1, 0],
    ['8.8.8.0/24', 1, 0],
  ])
  expect(statSync(join(folder, STATE_FILE)).mode & 0o077).toBe(0)
})

test('two that learn at once lose nothing of each other', () => {
  const folder = temporaryFolder()
  const [one, other] = [open({}, folder), open({}, folder)]
  for (let i = 0; i < 3; i++) {
    one.learner.learn([verdict({ address: `8.8.8.${i}` })])
    other.learner.learn([verdict({ address: `8.8.8.${i + 10}`, spam: false })])
  }
  one.learner.learn([])
  one.learner.state.transaction(() => {})
  expect(explained(one)?.levels[0]).toMatchObject({ spam: 3, ham: 3 })
  expect(explained(other)?.levels[0]).toMatchObject({ spam: 3, ham: 3 })
})

test('a batch that fails is not learned, in memory either', () => {
  const opened = open()
  opened.learner.learn([verdict()])
  const wrong = {
    ...verdict(),
    reporter: undefined as unknown as string,
    address: undefined as unknown as string,
  }
  expect(() => opened.learner.learn([verdict(), wrong])).toThrow()
  opened.learner.state.transaction(() => {})
  expect(explained(opened)?.levels[0].spam).toBe(1)
  expect(opened.learner.counts.spam).toBe(1)
})

test('no address is stored, but a hash of this installation', () => {
  const files = [open(), open()].map(({ folder, learner }) => {
    learner.learn([verdict({ address: '193.0.0.77' })])
    const database = new Database(join(folder, STATE_FILE))
    const [{ hash }] = database.prepare('SELECT hash FROM ADDRESS').all() as { hash: number }[]
    database.close()
    return { hash, octets: readFileSync(join(folder, STATE_FILE)) }
  })
  expect(files[0].hash).not.toBe(files[1].hash)
  for (const { octets } of files) expect(octets.includes('193.0.0.77')).toBe(false)
})

test('verdicts are kept for --check where that is asked for, 60 days', () => {
  const opened = open({ keep: true })
  opened.learner.learn([verdict({ time: NOW - 61 * DAY }), verdict({ time: NOW - DAY, spam: false })])
  expect(opened.learner.state.kept(10)).toHaveLength(2)
  const later = new Learner(opened.learner.state, table, SETTINGS, () => NOW + 2 * DAY)
  later.learn([verdict()])
  expect(opened.learner.state.kept(10)).toEqual([
    { time: NOW - DAY, address: '8.8.8.8', spam: false, weight: 1 },
  ])
})

test('a table of keys that is full forgets what is worth least, on the disk as well', () => {
  const opened = open({ quota: 10_000 }, temporaryFolder(), 1000)
  const old = Array.from({ length: 3000 }, (_, at) =>
    verdict({ time: NOW - 30 * DAY + at, address: `200.0.${at >> 8}.${at & 255}` }),
  )
  opened.learner.learn(old)
  opened.learner.learn([verdict()])
  const { keys } = opened.learner.state.model
  expect(keys.count).toBeLessThanOrEqual(1000)
  const database = new Database(join(opened.folder, STATE_FILE))
  const { rows } = database
    .prepare('SELECT (SELECT count(*) FROM LEARNED) + (SELECT count(*) FROM ADDRESS) AS rows')
    .get() as { rows: number }
  database.close()
  expect(rows).toBe(keys.count)
  expect(explained(opened)?.levels.at(-1)?.spam).toBe(1)
})

describe('a file that is none of ours is refused with what to do', () => {
  const refused = (prepare: (path: string) => void): unknown => {
    const folder = temporaryFolder()
    prepare(join(folder, STATE_FILE))
    try {
      open({}, folder)
    } catch (error) {
      return error
    }
    return null
  }
  const changed = (statement: string) => (path: string) => {
    const { learner } = open({}, join(path, '..'))
    learner.learn([verdict()])
    learner.state.close()
    const database = new Database(path)
    database.exec(statement)
    database.close()
  }
  test.each([
    ['octets of anything', (path: string) => writeFileSync(path, 'x'.repeat(10_000)), 'move it away'],
    ['a newer version', changed('PRAGMA user_version = 2'), 'a newer asnzone has written it'],
    [
      'a key that is none',
      changed("UPDATE LEARNED SET key = 'USA' WHERE key = 'US'"),
      "'country USA' is not",
    ],
    ['a count that is none', changed("UPDATE LEARNED SET spam = 'x'"), 'is not a row of .*; move it away: '],
    ['a count below none', changed('UPDATE LEARNED SET ham = -1'), 'is not a row of what was learned'],
    ['a reporter that there is not', changed('DELETE FROM REPORTER'), 'is not a row of what was learned'],
    ['no key of hashes', changed('DELETE FROM SETTING'), 'the key of its hashes is missing; move it away: '],
    ['a table that is missing', changed('DROP TABLE LEARNED'), 'no such table: LEARNED; move it away: '],
    ['a link', (path: string) => symlinkSync('/etc/passwd', path), 'is not a file$'],
  ])('%s', (_, prepare, reason) => {
    expect(refused(prepare)).toMatchObject({
      code: 'ASNZONE_DATA',
      message: expect.stringMatching(new RegExp(`${STATE_FILE}:? .*${reason}`)),
    })
  })
})

test('what answers are made of is written, and read by the compile', () => {
  const { folder, learner } = open()
  learner.learn([
    ...Array.from({ length: 20 }, (_, at) => verdict({ address: `8.8.8.${at}` })),
    ...Array.from({ length: 80 }, (_, at) => verdict({ address: `193.0.0.${at}`, spam: false })),
  ])
  expect(learner.writeProduct(folder)).toBe(readProduct(folder)?.length)
  expect(readProduct(folder)?.map((row) => [row.kind, row.text])).toEqual([
    ['country', 'NL | 0 spam, 80 ham | 2026-11-27'],
    ['country', 'US | 20 spam, 0 ham | 2026-11-27'],
    ['as', 'AS3333 | 0 spam, 80 ham | 2026-11-27'],
    ['as', 'AS15169 | 20 spam, 0 ham | 2026-11-27'],
    ['network', 'AS3333 | 0 spam, 80 ham | 193.0.0.0/21 | 0 spam, 80 ham | 2026-11-27'],
    ['network', 'AS15169 | 20 spam, 0 ham | 8.8.8.0/24 | 20 spam, 0 ham | 2026-11-27'],
    ['network', 'AS3333 | 0 spam, 80 ham | 193.0.0.0/24 | 0 spam, 80 ham | 2026-11-27'],
  ])
})
