// The history as CSV: what a spreadsheet makes of it.

import fc from 'fast-check'
import { parseString } from 'fast-csv'
import { expect, test } from 'vitest'
import { HISTORY_HEADER, type HistoryRow, historyLines } from '../../src/export/history-csv.ts'
import { anyText } from '../support/any-text.ts'

const ROW: HistoryRow = {
  time: '2026-11-27T08:00:00Z',
  user: 'anna@example.org',
  address: '2001:db8::1',
  country: 'RU',
  asn: 65_551,
  rule: 'countries',
  action: 'reject',
  source: 'postfix',
  host: null,
}

test('a refusal is a line, and what is not known is empty', () => {
  expect(HISTORY_HEADER).toBe('time,user,address,country,asn,rule,action,source,host\n')
  const unknown = { ...ROW, country: null, asn: null, host: 'mx1' }
  expect(historyLines([ROW, unknown])).toBe(
    '2026-11-27T08:00:00Z,anna@example.org,2001:db8::1,RU,65551,countries,reject,postfix,\n' +
      '2026-11-27T08:00:00Z,anna@example.org,2001:db8::1,,,countries,reject,postfix,mx1\n',
  )
})

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '＝1', '=cmd|"/c calc"!A1'])(
  '%j is no formula',
  async (user) => {
    expect(await firstCell(historyLines([{ ...ROW, user }]))).toBe(`'${user}`)
  },
)

test('whatever a name is, it is one cell, and none that begins a formula', async () => {
  await fc.assert(
    fc.asyncProperty(anyText({ minLength: 1 }), async (user) => {
      fc.pre(!/[\r\n\p{Cs}]/u.test(user))
      const cell = await firstCell(historyLines([{ ...ROW, user }]))
      expect([user, `'${user}`]).toContain(cell)
      expect(cell).not.toMatch(/^[=+\-@\t]/)
    }),
    { numRuns: 200 },
  )
})

/** The name in the only line, as a reader of CSV has it. */
function firstCell(csv: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const rows: string[][] = []
    parseString(csv)
      .on('data', (row: string[]) => rows.push(row))
      .on('error', reject)
      .on('end', () => {
        expect([rows.length, rows[0]?.length]).toEqual([1, 9])
        resolve(rows[0]?.[1] ?? '')
      })
  })
}
