// What is lent to a thread is kept for exactly as long as the thread may read it.

import { expect, test } from 'vitest'
import { borrow, lend } from '../../../src/server/mmsg/lent-service.ts'
import { Loans } from '../../../src/server/mmsg/loans.ts'
import type { Service } from '../../../src/server/service.ts'
import { loadLibc } from '../../../src/system/libc.ts'

test('what a thread reads is kept until an order that brings something else is carried out', () => {
  const loans = new Loans<string>()
  loans.add(1, 'first')
  expect(loans.kept).toEqual(['first'])
  loans.carriedOut(1)
  loans.add(3, 'second')
  loans.carriedOut(2)
  expect(loans.kept).toEqual(['first', 'second'])
  loans.add(4, 'third')
  loans.carriedOut(3)
  expect(loans.kept).toEqual(['second', 'third'])
  loans.carriedOut(5)
  expect(loans.kept).toEqual(['third'])
  loans.carriedOut(6)
  expect(loans.kept).toEqual(['third'])
})

test('several orders that are carried out at once leave the newest', () => {
  const loans = new Loans<string>()
  for (const order of [1, 2, 3]) loans.add(order, `table ${order}`)
  loans.carriedOut(3)
  expect(loans.kept).toEqual(['table 3'])
})

test('nothing is kept for a thread that has ended', () => {
  const loans = new Loans<string>()
  loans.add(1, 'table')
  loans.end()
  expect(loans.kept).toEqual([])
})

test('a service that was handed over as plain data is read, and its records counted, in the memory that was lent', async () => {
  const libc = await loadLibc()
  const table = new SharedArrayBuffer(1 << 16)
  new Uint8Array(table)[40_000] = 99
  const counts = new SharedArrayBuffer(1 << 14)
  const service = {
    table,
    recordCounts: { buffer: counts, slices: 2 },
    definitions: [],
  } as unknown as Service
  const lent = structuredClone(lend(service, libc))
  const borrowed = borrow(lent, libc)
  expect(borrowed.table.byteLength).toBe(1 << 16)
  expect(new Uint8Array(borrowed.table)[40_000]).toBe(99)
  expect(borrowed.recordCounts?.slices).toBe(2)
  new Uint32Array(borrowed.recordCounts!.buffer)[1] = 7
  expect(new Uint32Array(counts)[1]).toBe(7)
  expect(borrow(lend({ ...service, recordCounts: undefined }, libc), libc).recordCounts).toBeUndefined()
})
