// docs/policy.md and policy-fleet.md against the code: their examples of a config are accepted, their fields of records
// and of the log are those that there are.

import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { conductOf } from '../../src/app/policy.ts'
import { loadSettings } from '../../src/config/load.ts'
import { readRecords } from '../../src/config/policy/records.ts'
import { verdictFields } from '../../src/policy-server/log-lines.ts'
import type { Verdict } from '../../src/policy-server/surface.ts'
import { temporaryFolder } from '../support/folders.ts'
import { codeBlocks, codeSpans, firstTable, readDocument, section } from './markdown.ts'

const manual = readDocument('docs/policy.md')

describe('an example of a config', () => {
  const examples = [manual, readDocument('docs/policy-fleet.md')]
    .flatMap(codeBlocks)
    .filter(({ language }) => language === 'yaml')

  test.each(examples)('is accepted: $code', ({ code }) => {
    const configFile = join(temporaryFolder({ 'asnzone.yaml': code }), 'asnzone.yaml')
    const settings = loadSettings({ configFile })
    expect(settings.policy.listen).not.toEqual([])
    const oddities: string[] = []
    conductOf(settings, (message) => oddities.push(message))
    expect(oddities).toEqual([])
  })

  test('there are some', () => expect(examples.length).toBeGreaterThan(1))
})

test('a record has the fields of the manual, and no other', () => {
  const fields = firstTable(section(manual, 'Records')).flatMap(([names]) => codeSpans(names))
  const { rules: defaults } = loadSettings({}).policy
  const known = fields.filter((field) => {
    const { fault } = readRecords([{ sender: 'x', [field]: {} }], { defaults, isZeroDefault: false })
    return fault?.unknownKey === undefined || fault.unknownKey === null
  })
  expect(known).toEqual(fields)
  const { fault } = readRecords([{ sender: 'x', other: 1 }], { defaults, isZeroDefault: false })
  expect(fault?.unknownKey).toBe('other')
})

test('a line of the log has the fields of the manual', () => {
  const fields = firstTable(section(manual, 'The log')).flatMap(([names]) => codeSpans(names))
  const counts = { ips: 1, countries: 1, homeIps: 0, homeCountries: 0, asns: 1 }
  const verdict = { counts, limits: counts, action: 'none', would: null, block: null } as unknown as Verdict
  const line = verdictFields(verdict, { source: 'postfix', queue: '', instance: '' })
  expect(fields.sort()).toEqual(Object.keys(line).sort())
})
