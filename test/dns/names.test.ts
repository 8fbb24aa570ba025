// Names, types, classes and RCODEs as text.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { className, nameText, rcodeName, typeName } from '../../src/dns/names.ts'

const wire = (...labels: string[]): Buffer =>
  Buffer.concat([
    ...labels.flatMap((label) => [Buffer.from([label.length]), Buffer.from(label, 'latin1')]),
    Buffer.from([0]),
  ])

test.each([
  ['the root', [], '.'],
  ['a name', ['8', 'geo', 'Example', 'test'], '8.geo.Example.test'],
  ['a dot in a label', ['a.b', 'test'], 'a\\.b.test'],
  ['a backslash', ['a\\b'], 'a\\\\b'],
  ['a blank', ['a b'], 'a\\032b'],
  ['a new line', ['a\nb'], 'a\\010b'],
  ['octets beyond ASCII', ['\xff\x80'], '\\255\\128'],
])('%s', (_, labels, text) => {
  expect(nameText(wire(...labels), 0)).toBe(text)
})

test('whatever the octets, the text is of visible ASCII, and different names have different texts', () => {
  const label = fc
    .uint8Array({ minLength: 1, maxLength: 63 })
    .map((octets) => Buffer.from(octets).toString('latin1'))
  const names = fc.array(label, { maxLength: 3 })
  fc.assert(
    fc.property(names, names, (one, other) => {
      const text = nameText(wire(...one), 0)
      expect(text).toMatch(/^[\x21-\x7e]+$/)
      expect(text === nameText(wire(...other), 0)).toBe(wire(...one).equals(wire(...other)))
    }),
  )
})

test('numbers', () => {
  expect([1, 16, 28, 255, 65280].map(typeName)).toEqual(['A', 'TXT', 'AAAA', 'ANY', 'TYPE65280'])
  expect([1, 3, 255, 7].map(className)).toEqual(['IN', 'CH', 'ANY', 'CLASS7'])
  expect([0, 3, 5, 16, 7].map(rcodeName)).toEqual(['NOERROR', 'NXDOMAIN', 'REFUSED', 'BADVERS', 'RCODE7'])
})
