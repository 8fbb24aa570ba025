// How lines of the log look where people read them, and when they are for the journal.

import { closeSync, fstatSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { layoutFor } from '../../src/app/log-layout.ts'
import { isJournal } from '../../src/system/journal.ts'
import { temporaryFolder } from '../support/folders.ts'

const TIME = '2026-11-22T01:02:03.456Z'
const json = (fields: object): string => JSON.stringify({ level: 30, time: TIME, ...fields })

const WARNING = json({ level: 40, sources: ['a'], msg: 'data is old' })

test.each([
  ['file', json({ msg: 'answers' }), `${TIME} INFO: answers\n`],
  ['file', WARNING, `${TIME} WARN: data is old\n`],
  ['journal', json({ msg: 'answers' }), '<6>answers\n'],
  ['journal', json({ level: 20, msg: 'read' }), '<7>read\n'],
  ['journal', WARNING, '<4>data is old\n'],
  ['journal', json({ level: 50, msg: 'failed' }), '<3>failed\n'],
  [
    'journal',
    json({ level: 50, msg: 'failed', stack: 'Error: x\n  at y' }),
    '<3>failed\n<3>    Error: x\n<3>      at y\n',
  ],
] as const)('in a %s: %s', (place, line, shown) => {
  expect(layoutFor(place, () => false)(line)).toBe(shown)
})

test('on a terminal: the time of day, and a word only where something is not as it should be', () => {
  vi.stubEnv('NO_COLOR', '1')
  const layout = layoutFor('terminal', () => false)
  expect(layout(json({ msg: 'answers' }))).toMatch(/^\d\d:\d\d:\d\d answers\n$/)
  expect(layout(WARNING)).toMatch(/^\d\d:\d\d:\d\d WARN: data is old\n$/)
  vi.stubEnv('NO_COLOR', '')
  expect(layoutFor('terminal', () => false)(WARNING)).toContain('\x1b[33mWARN\x1b[39m: data is old\n')
  vi.unstubAllEnvs()
})

test('fields are details', () => {
  const line = json({ data: 'a\u202eb', ms: 3, msg: 'new data' })
  expect(layoutFor('journal', () => true)(line)).toBe('<6>new data {"data":"a\\u202eb","ms":3}\n')
  expect(layoutFor('journal', () => false)(line)).toBe('<6>new data\n')
})

test.each(['terminal', 'file', 'journal'] as const)(
  'nothing forges a line or moves the cursor: %s',
  (place) => {
    vi.stubEnv('NO_COLOR', '1')
    const hostile = 'a\n<0>forged\x1b[2J\r'
    const text = layoutFor(place, () => true)(json({ msg: hostile, [hostile]: hostile, stack: hostile }))
    expect(text).not.toMatch(/^<0>|^forged|\p{Cc}\[|\r/mu)
    // The stack has two lines of its own, which are set back.
    expect(text.split('\n')).toHaveLength(4)
    vi.unstubAllEnvs()
  },
)

test('$JOURNAL_STREAM is of this very stream, or says nothing', () => {
  const folder = temporaryFolder({ a: '', b: '' })
  const [a, b] = ['a', 'b'].map((name) => openSync(join(folder, name), 'r'))
  const { dev, ino } = fstatSync(a)
  const environment = { JOURNAL_STREAM: `${dev}:${ino}` }
  expect(isJournal(environment, a)).toBe(true)
  expect(isJournal(environment, b)).toBe(false)
  expect(isJournal({}, a)).toBe(false)
  expect(isJournal({ JOURNAL_STREAM: '' }, a)).toBe(false)
  for (const descriptor of [a, b]) closeSync(descriptor)
  expect(isJournal(environment, 9999)).toBe(false)
})
