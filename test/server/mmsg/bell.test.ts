// What wakes a worker: the number of its descriptor is another's once it is closed.

import { expect, test } from 'vitest'
import { Bell } from '../../../src/server/mmsg/bell.ts'
import type { Libc } from '../../../src/system/libc.ts'

test('a bell that is closed is neither rung nor closed again', () => {
  const calls: string[] = []
  const libc = {
    eventfd: () => 7,
    write: (fd: number) => calls.push(`write ${fd}`),
    close: (fd: number) => calls.push(`close ${fd}`),
  } as unknown as Libc
  const bell = new Bell(libc)
  bell.ring()
  bell.close()
  bell.ring()
  bell.close()
  expect(calls).toEqual(['write 7', 'close 7'])
})
