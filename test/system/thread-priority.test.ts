// What forbids a thread to change when it is given the processor ends nothing.

import { expect, test, vi } from 'vitest'
import type { Libc } from '../../src/system/libc.ts'
import { answerSoon } from '../../src/system/thread-priority.ts'

test.skipIf(process.platform !== 'linux')('a thread that can have no short slice goes on without', () => {
  const sched_setattr = vi.fn<Libc['sched_setattr']>(() => {
    throw new Error('operation not permitted')
  })
  expect(() => answerSoon({ sched_setattr } as unknown as Libc)).not.toThrow()
  expect(sched_setattr).toHaveBeenCalledOnce()
})
