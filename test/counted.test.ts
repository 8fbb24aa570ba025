// Numbers of things in sentences.

import { expect, test } from 'vitest'
import { counted } from '../src/counted.ts'

test('one is one, all else is several', () => {
  expect([0, 1, 2].map((count) => counted(count, 'row'))).toEqual(['0 rows', '1 row', '2 rows'])
  expect(
    [1, 1200].map((count) => counted(count, 'query', 'queries', (it) => it.toLocaleString('en'))),
  ).toEqual(['1 query', '1,200 queries'])
})
