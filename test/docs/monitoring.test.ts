// The files for Prometheus against the metrics and the manual.

import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { outcomeNames } from '../../src/dns/outcome.ts'
import { codeBlocks, codeSpans, firstTable, readDocument, section } from './markdown.ts'

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string
      readonly expr: string
      readonly annotations: Readonly<Record<string, string>>
    }[]
  }[]
}

const metrics = section(readDocument('docs/http.md'), 'Metrics')
const rules = (parse(readDocument('docs/monitoring/asnzone-alerts.yaml')) as Rules).groups.flatMap(
  (group) => group.rules,
)

test('the manual has the scrape configuration of the file', () => {
  const [block] = codeBlocks(metrics).filter(({ language }) => language === 'yaml')
  const file = readDocument('docs/monitoring/prometheus.yaml')
  expect(file).toContain(block.code)
  expect(parse(file)).toMatchObject({ rule_files: ['asnzone-alerts.yaml'] })
})

test('the manual has a row for each alert', () => {
  const table = firstTable(metrics.slice(metrics.indexOf('| alert ')))
  expect(table.map(([name]) => codeSpans(name)[0])).toEqual(rules.map(({ alert }) => alert))
})

describe.each(rules)('$alert', ({ expr, annotations }) => {
  test('is about metrics that there are', () => {
    const known = firstTable(metrics).map(([name]) => codeSpans(name)[0])
    // A histogram is named by what it counts.
    const named = (expr.match(/\basnzone_\w+/g) ?? []).map((name) => name.replace(/_bucket$/, ''))
    expect(named.filter((name) => !known.includes(name))).toEqual([])
    expect(named.length + (expr.match(/\bup\{/g) ?? []).length).toBeGreaterThan(0)
  })

  test('is about outcomes that there are', () => {
    const named = [...expr.matchAll(/outcome=~?"([^"]+)"/g)].flatMap(([, names]) => names.split('|'))
    expect(named.filter((name) => !(outcomeNames as string[]).includes(name))).toEqual([])
  })

  test('says what is wrong and what to do', () => {
    expect(Object.keys(annotations)).toEqual(['summary', 'description'])
  })
})
