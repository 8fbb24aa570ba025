// Texts that are addresses, nearly are, or once were.

import fc from 'fast-check'

/** What addresses are made of, and a little that they are not. */
const ALPHABET = Array.from('0123456789abcdefABCDEFg.:::/- ')

const octet = fc.oneof(fc.integer({ min: 0, max: 300 }).map(String), fc.constantFrom('00', '01', '010', ''))

const group = fc.oneof(
  fc.integer({ min: 0, max: 0x11fff }).map((value) => value.toString(16)),
  fc.constant(''),
)

/** Groups between colons, some of them empty, perhaps with an IPv4 address at the end. */
const groups = fc
  .tuple(fc.array(group, { minLength: 1, maxLength: 9 }), fc.option(fc.ipV4()))
  .map(([parts, tail]) => (tail === null ? parts : [...parts, tail]).join(':'))

const near = fc.oneof(
  { weight: 2, arbitrary: fc.ipV4() },
  { weight: 3, arbitrary: fc.ipV6() },
  fc.array(octet, { minLength: 3, maxLength: 5 }).map((octets) => octets.join('.')),
  groups,
)

/** Removes so many characters at a place and puts others there. */
const change = fc.record({
  at: fc.nat({ max: 45 }),
  removed: fc.nat({ max: 3 }),
  put: fc.array(fc.constantFrom(...ALPHABET), { maxLength: 3 }).map((characters) => characters.join('')),
})

/** Addresses of both families, most of them changed in one or two places. Never with a zone (`%`). */
export const mutatedAddresses: fc.Arbitrary<string> = fc
  .tuple(near, fc.array(change, { maxLength: 2 }))
  .map(([text, changes]) =>
    changes.reduce((now, { at, removed, put }) => now.slice(0, at) + put + now.slice(at + removed), text),
  )
