// What is learned of a stream that fails.

import { expect, test } from 'vitest'
import { learnFrom } from '../../src/learn/input.ts'
import type { Learner } from '../../src/learn/learner.ts'
import { plain } from '../../src/learn/readers/plain.ts'
import type { ReaderOptions } from '../../src/learn/readers/reader.ts'
import type { Reading } from '../../src/learn/verdict.ts'

async function* failing(): AsyncGenerator<Buffer> {
  yield Buffer.from('2026-11-27T08:15:00Z 8.8.8.8 spam\n')
  throw new Error('EIO')
}

test('what came before a stream fails is learned, and why it failed is told', async () => {
  const learned: Reading[] = []
  const learner = { learn: (batch: Reading[]) => void learned.push(...batch) } as unknown as Learner
  const options = { reporter: 'mx1', now: 0 } as ReaderOptions
  await expect(learnFrom(failing(), plain, () => options, learner)).rejects.toThrow('EIO')
  expect(learned).toMatchObject([{ address: '8.8.8.8', spam: true }])
})

test('a disk that is full meanwhile hides no reason', async () => {
  const learn = (batch: Reading[]): void => {
    if (batch.length > 0) throw new Error('ENOSPC')
  }
  const options = { reporter: 'mx1', now: 0 } as ReaderOptions
  const learned = learnFrom(failing(), plain, () => options, { learn } as unknown as Learner)
  await expect(learned).rejects.toThrow('EIO')
})
