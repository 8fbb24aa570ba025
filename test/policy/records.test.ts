import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Records } from '../../src/policy/records.ts'
import { rulesWith } from './rules-with.ts'

const recordsOf = (...senders: readonly string[]) =>
  new Records(
    rulesWith(),
    senders.map((sender) => ({ sender, comment: '', rules: {} })),
    (name) => name.toLowerCase(),
  )

const matched = (subject: string, ...senders: readonly string[]): string | null =>
  recordsOf(...senders).of(subject).record?.sender ?? null

describe('the first record that matches', () => {
  test.each([
    ['its own', 'u@x', ['v@x', 'u@x', '*'], 'u@x'],
    ['its own, in another case', 'u@x', ['U@X'], 'U@X'],
    ['its domain', 'u@x', ['v@x', '@x'], '@x'],
    ['its domain with a star', 'u@x', ['*@x'], '*@x'],
    ['a part of its name', 'sales-eu@x', ['sales-*@x'], 'sales-*@x'],
    ['everybody', 'u@x', ['@y', '*'], '*'],
    ['everybody, first', 'u@x', ['*', 'u@x'], '*'],
    ['none', 'u@x', ['@y', 'v@x'], null],
    ['a star holds no @', 'a@b@x', ['a*x'], null],
    ['another domain with the same end', 'u@yx', ['@x'], null],
    ['a name without a domain', 'u', ['@', '*@*', 'u'], 'u'],
    ['twice: the first', 'u@x', ['u@x', 'U@x'], 'u@x'],
  ])('%s', (_, subject, senders, found) => {
    expect(matched(subject, ...senders)).toBe(found)
  })
})

test('only what a record names is replaced', () => {
  const defaults = rulesWith()
  const limits = { countries: 5, ips: 10, asns: null }
  const records = new Records(defaults, [{ sender: 'u@x', comment: '', rules: { limits } }], (name) => name)
  expect(records.of('u@x').rules).toEqual({ ...defaults, limits })
  expect(records.of('v@x')).toEqual({ rules: defaults, record: null })
})

test('a pattern matches what the same regular expression matches', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '@', '*'), minLength: 1, maxLength: 8 })
  const names = fc.string({ unit: fc.constantFrom('a', 'b', '@'), minLength: 1, maxLength: 10 })
  fc.assert(
    fc.property(letters, names, (pattern, subject) => {
      fc.pre(pattern !== '*' && !pattern.startsWith('@'))
      const expression = new RegExp(`^${pattern.replaceAll('*', '[^@]*')}$`)
      expect(matched(subject, pattern) !== null).toBe(expression.test(subject))
    }),
    { numRuns: 5000 },
  )
})
