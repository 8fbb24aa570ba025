// Descriptors that a shell hands to a command by name.

import { expect, test } from 'vitest'
import { descriptorNamed, handedOver } from '../../src/system/handed-over.ts'

test.each([
  ['/dev/stdin', 0],
  ['/dev/fd/63', 63],
  ['/proc/self/fd/7', 7],
  ['/dev/fd/', null],
  ['/dev/fd/63/x', null],
  ['/proc/1/fd/7', null],
  ['dev/fd/63', null],
  ['/dev/fd/12345678901', null],
])('%s is %s', (path, descriptor) => {
  expect(descriptorNamed(path)).toBe(descriptor)
})

test('those that arguments name are told, options with a value among them', () => {
  const args = [
    'node',
    'main.js',
    'learn',
    '/dev/fd/63',
    '--config=/dev/fd/62',
    '-c',
    '/dev/fd/61',
    '/etc/x=1',
  ]
  expect(handedOver(args)).toEqual([63, 62, 61])
})
