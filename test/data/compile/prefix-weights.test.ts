// The prefixes of the weights as layers.

import { describe, expect, it } from 'vitest'
import { prefixLayers } from '../../../src/data/compile/prefix-weights.ts'
import { parseCidr } from '../../../src/table/cidr-text.ts'
import { valueAt } from '../../../src/table/interval-map.ts'

describe('prefixLayers', () => {
  const prefixes = [
    '10.0.0.0/8',
    '10.1.2.0/24',
    '10.1.0.0/16',
    '10.1.2.0/24',
    '2001:db8::/32',
    '10.1.2.3',
    '::/0',
  ]
  const { v4, v6 } = prefixLayers(prefixes.map((cidr) => ({ cidr, weight: 1 })))

  it.each([
    { name: 'the widest', address: '10.200.0.1', cidr: 0 },
    { name: 'a narrower one that comes later', address: '10.1.200.1', cidr: 2 },
    { name: 'of two equals the first', address: '10.1.2.4', cidr: 1 },
    { name: 'a lone address', address: '10.1.2.3', cidr: 5 },
    { name: 'none', address: '11.0.0.0', cidr: -1 },
    { name: 'IPv6', address: '2001:db8::1', cidr: 4 },
    { name: 'all of IPv6', address: '2001:db9::1', cidr: 6 },
  ])('finds $name', ({ address, cidr }) => {
    const { start, family } = parseCidr(address)
    expect(valueAt(family === 4 ? v4 : v6, start)).toBe(cidr + 1)
  })

  it('is nothing everywhere without prefixes', () => {
    const none = prefixLayers([])
    expect(valueAt(none.v4, Uint32Array.of(0xffffffff))).toBe(0)
    expect(valueAt(none.v6, Uint32Array.of(1, 2, 3, 4))).toBe(0)
  })
})
