import fc from 'fast-check'
import { Address6 } from 'ip-address'
import { describe, expect, test } from 'vitest'
import { countedNetwork, parseClientAddress } from '../../src/policy/client-address.ts'
import { isIn } from '../../src/policy/networks.ts'
import { nameIn, normalSubject, type SubjectSettings } from '../../src/policy/subject.ts'

const settings = { user: ['sasl_username', 'sender'], case: 'lower', separator: '+' } as const
const subjectOf = (of: Record<string, string>, by: SubjectSettings) =>
  normalSubject(nameIn(new Map(Object.entries(of)), by), by)

describe('the account of a request', () => {
  test.each([
    ['the first attribute that is not empty', { sasl_username: '', sender: 'a@x' }, 'a@x'],
    ['the first of two', { sasl_username: 'u', sender: 'a@x' }, 'u'],
    ['neither: a bounce (F7)', { sasl_username: '', sender: '' }, null],
    ['none of them', { client_address: '192.0.2.1' }, null],
    ['upper case', { sasl_username: 'User@Example.COM' }, 'user@example.com'],
    ['a tag', { sasl_username: 'user+tag@x' }, 'user@x'],
    ['a tag without a domain', { sasl_username: 'user+tag' }, 'user'],
    ['a separator in the domain', { sasl_username: 'user@x+y' }, 'user@x+y'],
    ['a name that begins with the separator', { sasl_username: '+user@x' }, '+user@x'],
    ['a name of 320 octets', { sasl_username: 'x'.repeat(320) }, 'x'.repeat(320)],
    ['a name of 321 octets', { sasl_username: 'x'.repeat(321) }, null],
    ['a control character', { sasl_username: 'a\u0007b' }, null],
  ])('%s', (_, of, subject) => {
    expect(subjectOf(of, settings)).toBe(subject)
  })

  test('case is kept where that is wanted', () => {
    const kept = { ...settings, case: 'keep' } as const
    expect(subjectOf({ sender: 'Ab@X' }, kept)).toBe('Ab@X')
  })
})

describe('the address of a client', () => {
  test.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['::1', '::1'],
  ])('%s', (text, canonical) => {
    expect(parseClientAddress(text)?.text).toBe(canonical)
  })

  test.each([
    'unknown',
    '',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    'a.b.c.d',
    '::g',
    ':',
    '192.0.2.1/24',
    '2001:db8::/32',
    '1::2::3',
    'x'.repeat(10_000),
  ])('%j is none (F19)', (text) => {
    expect(parseClientAddress(text)).toBeNull()
  })

  test('each IPv6 address is read as ip-address reads it', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const parsed = parseClientAddress(text)
        const bits = new Address6(text).bigInt()
        if (bits >> 32n === 0xffffn) expect(parsed?.family).toBe(4)
        else expect(new Address6(parsed?.text ?? '').bigInt()).toBe(bits)
      }),
    )
  })

  test('a /64 counts as one address (F3)', () => {
    const prefixes = { ipv4: 32, ipv6: 64 }
    const networks = ['2a02:2e0:3fe:1001::1', '2a02:2e0:3fe:1001:ffff::9'].map((text) => {
      const address = parseClientAddress(text)
      return address === null ? null : countedNetwork(address, prefixes)
    })
    expect(networks).toEqual(['2a02:2e0:3fe:1001::/64', '2a02:2e0:3fe:1001::/64'])
    const v4 = parseClientAddress('192.0.2.77')
    expect(v4 === null ? null : countedNetwork(v4, prefixes)).toBe('192.0.2.77')
    expect(v4 === null ? null : countedNetwork(v4, { ipv4: 24, ipv6: 64 })).toBe('192.0.2.0/24')
  })

  test.each([
    ['192.0.2.0', 24, '192.0.2.255', true],
    ['192.0.2.0', 24, '192.0.3.0', false],
    ['0.0.0.0', 0, '255.255.255.255', true],
    ['2001:db8::', 32, '2001:db8:ffff::', true],
    ['2001:db8::', 33, '2001:db8:8000::', false],
    ['2001:db8::1', 128, '2001:db8::1', true],
    ['2001:db8::1', 128, '2001:db8::2', false],
    ['::', 0, '192.0.2.1', false],
  ])('%s/%i and %s: %s', (network, length, text, isInside) => {
    const start = parseClientAddress(network)
    const address = parseClientAddress(text)
    if (start === null || address === null) throw new Error('no address')
    expect(isIn([{ ...start, length }], address)).toBe(isInside)
  })
})
