// Files of environment variables: quotes, comments, and lines that are none.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseEnvFile } from '../../../src/config/policy/env-file.ts'
import { anyText } from '../../support/any-text.ts'

const read = (text: string) => Object.fromEntries(parseEnvFile('/etc/default/x', text).variables)

test.each([
  ['A=b', 'b'],
  ['  export A=b  ', 'b'],
  ['A="b c" # d', 'b c'],
  ['A=\'b "c" # d\'', 'b "c" # d'],
  ['A="b \\"c\\" \\\\ \\$d"', 'b "c" \\ $d'],
  ['A=b#c', 'b#c'],
  ['A=b #c', 'b'],
  ['A=b\\ #c', 'b #c'],
  ['A=b\\', 'b'],
  ['A=b  c', 'b  c'],
  ['A=', ''],
  ['A= ', ''],
  ['A="a=b"', 'a=b'],
  ['A=x\nA=y', 'y'],
  ['#A=x\n;A=z\n\nA=y\r\n', 'y'],
  ['A="one \\\n  two"', 'one two'],
  ['\uFEFFA=b', 'b'],
  ['A=\'b\'"c"d', 'bcd'],
])('%j', (text, value) => {
  expect(read(text)).toEqual({ A: value })
})

test.each([
  ['A=b\nc', '/etc/default/x:2: a line has to be NAME=VALUE or a comment'],
  ['A=b\n\n1A=c', '/etc/default/x:3: a line has to be NAME=VALUE or a comment'],
  ['A="b', '/etc/default/x:1: A: a quote is not closed'],
  ["A=b'", '/etc/default/x:1: A: a quote is not closed'],
])('%j is passed over, and told with its line', (text, message) => {
  const { variables, faults } = parseEnvFile('/etc/default/x', `${text}\nB=c`)
  expect(variables.get('B')).toBe('c')
  expect(faults).toEqual([message])
})

test('a file with no variable in it is refused with its first line', () => {
  expect(() => read('# x\n\nb\nc')).toThrow('/etc/default/x:3: a line has to be NAME=VALUE or a comment')
  expect(read('# x\n\n')).toEqual({})
})

test('a line separator of Unicode ends no line', () => {
  expect(read('A="b\u2028c"')).toEqual({ A: 'b\u2028c' })
})

test('what is quoted comes back', () => {
  const quoted = anyText().filter((value) => !/[\r\n]/.test(value))
  fc.assert(
    fc.property(quoted, (value) => {
      expect(read(`A="${value.replace(/["\\$`]/g, '\\$&')}"`)).toEqual({ A: value })
    }),
  )
})
