// Route origin validation, from files of routes and ROAs to the table, against the words of RFC 6811 over all ROAs.

import { describe, expect, test } from 'vitest'
import { widthOf } from '../../../src/table/address-arithmetic.ts'
import { addressAttributes } from '../../../src/table/attributes.ts'
import { addressText, readAddress, toWords } from '../../support/bigint-address.ts'
import { expectSame } from '../../support/expect-same.ts'
import { type SmallFile, tableOf } from '../../support/table-of-rows.ts'

/** A prefix as the bits that it begins with, a character each: one lies in another when its bits begin with those. */
interface Prefix {
  readonly family: 4 | 6
  readonly bits: string
}

/** An announced prefix; the first origin is the one that counts, null an AS_SET. */
interface Route extends Prefix {
  readonly origin: number | null
  /** The origins as pfx2as has them. */
  readonly text: string
}

interface Vrp extends Prefix {
  readonly maxLength: number
  readonly asn: number
  /** As the table writes it: made once, since each is looked at for each route. */
  readonly text: string
}

/** A route from `10.0.0.0/8 64500`, with origins as pfx2as has them. */
function routeOf(text: string): Route {
  const [prefix, origins] = text.split(' ')
  const isSet = /^\d+,/.test(origins)
  return { ...prefixOf(prefix), origin: isSet ? null : Number(origins.split('_')[0]), text: origins }
}

/** A payload from `10.0.0.0/8-24 64500`. */
function vrpOf(text: string): Vrp {
  const [, prefix, length, maxLength = length, asn] = /^(.*\/(\d+))(?:-(\d+))? (\d+)$/.exec(text) ?? []
  return vrpWith(prefixOf(prefix), Number(maxLength), Number(asn))
}

function vrpWith(prefix: Prefix, maxLength: number, asn: number): Vrp {
  const most = maxLength === prefix.bits.length ? '' : `-${maxLength}`
  return { ...prefix, maxLength, asn, text: `AS${asn} ${prefixText(prefix)}${most}` }
}

function prefixOf(text: string): Prefix {
  const [address, length] = text.split('/')
  const family = address.includes(':') ? 6 : 4
  const bits = readAddress(address).toString(2).padStart(SPACE[family], '0')
  return { family, bits: bits.slice(0, Number(length)) }
}

/** How many bits an address has. */
const SPACE = { 4: 32, 6: 128 } as const

/** The first address of a prefix. */
const firstOf = ({ family, bits }: Prefix): bigint => BigInt(`0b0${bits.padEnd(SPACE[family], '0')}`)

const addressTextOf = (prefix: Prefix): string => addressText(firstOf(prefix), widthOf(prefix.family))

const prefixText = (prefix: Prefix): string => `${addressTextOf(prefix)}/${prefix.bits.length}`

/** Payloads by family and bits, in the order in which they were given. */
function byPrefix(vrps: readonly Vrp[]): ReadonlyMap<string, Vrp[]> {
  const found = new Map<string, Vrp[]>()
  for (const vrp of vrps) {
    const key = `${vrp.family} ${vrp.bits}`
    const same = found.get(key)
    if (same === undefined) found.set(key, [vrp])
    else same.push(vrp)
  }
  return found
}

/** What RFC 6811 says of a route, with the payloads that decided: those cover it whose bits it begins with. */
function validated(route: Route, vrps: ReadonlyMap<string, Vrp[]>): { state: string; roas: string[] } {
  const covering = Array.from({ length: route.bits.length + 1 }, (_, length) => {
    return vrps.get(`${route.family} ${route.bits.slice(0, length)}`) ?? []
  }).flat()
  const matching = covering.filter(
    (vrp) => vrp.asn !== 0 && vrp.asn === route.origin && route.bits.length <= vrp.maxLength,
  )
  const decisive = matching.length > 0 ? matching : covering
  const roas = [...decisive]
    .sort((a, b) => b.bits.length - a.bits.length || a.asn - b.asn || a.maxLength - b.maxLength)
    .map(({ text }) => text)
    .filter((text, i, all) => all.indexOf(text) === i)
  return {
    state: covering.length === 0 ? 'not-found' : matching.length > 0 ? 'valid' : 'invalid',
    roas: roas.length > 5 ? [...roas.slice(0, 5), 'more'] : roas,
  }
}

function filesOf(routes: readonly Route[], vrps: readonly Vrp[]): SmallFile[] {
  const rows = routes.map((route) => {
    return `${addressTextOf(route)}\t${route.bits.length}\t${route.text}\n`
  })
  const roas = vrps.map((vrp) => ({
    asn: vrp.asn,
    prefix: prefixText(vrp),
    maxLength: vrp.maxLength,
    ta: 'x',
  }))
  return [
    { name: 'routes', dataset: 'asn', format: 'pfx2as', contents: rows.join('') },
    { name: 'roas', dataset: 'rpki', format: 'vrp-json', contents: JSON.stringify({ roas }) },
  ]
}

/** What the table says of an address in a route. */
async function toldOf(
  files: readonly SmallFile[],
  routes: readonly Route[],
): Promise<{ state: string | null; roas: readonly string[] }[]> {
  const table = await tableOf(files)
  return routes.map((route) => {
    const known = addressAttributes(table, toWords(firstOf(route), widthOf(route.family)))
    return { state: known?.rpki ?? null, roas: known?.roas ?? [] }
  })
}

describe('one route', () => {
  test.each<{ name: string; route: string; vrps: string[]; state: string; roas?: string[] }>([
    { name: 'no ROA', route: '10.0.0.0/16 64500', vrps: ['11.0.0.0/8 64500'], state: 'not-found' },
    { name: 'its own', route: '10.0.0.0/16 64500', vrps: ['10.0.0.0/16 64500'], state: 'valid' },
    { name: 'one of another AS', route: '10.0.0.0/16 64500', vrps: ['10.0.0.0/16 64501'], state: 'invalid' },
    {
      name: 'one around it, up to its length',
      route: '10.0.0.0/16 64500',
      vrps: ['10.0.0.0/8-16 64500'],
      state: 'valid',
    },
    {
      name: 'one around it, not up to its length',
      route: '10.0.0.0/16 64500',
      vrps: ['10.0.0.0/8-15 64500'],
      state: 'invalid',
    },
    {
      name: 'one within it alone',
      route: '10.0.0.0/16 64500',
      vrps: ['10.0.0.0/17-24 64500'],
      state: 'not-found',
    },
    { name: 'one beside it', route: '10.0.0.0/16 64500', vrps: ['10.1.0.0/16 64500'], state: 'not-found' },
    { name: 'AS 0 alone', route: '10.0.0.0/16 64500', vrps: ['10.0.0.0/8-32 0'], state: 'invalid' },
    {
      name: 'AS 0 and a match, which wins',
      route: '10.0.0.0/16 64500',
      vrps: ['10.0.0.0/16-32 0', '10.0.0.0/8-16 64500'],
      state: 'valid',
      roas: ['AS64500 10.0.0.0/8-16'],
    },
    {
      name: 'several, of which one matches',
      route: '10.0.0.0/16 64500',
      vrps: ['10.0.0.0/16 64501', '10.0.0.0/12-24 64500', '10.0.0.0/12-15 64500'],
      state: 'valid',
      roas: ['AS64500 10.0.0.0/12-24'],
    },
    {
      name: 'several, of which none matches',
      route: '10.0.0.0/16 64500',
      vrps: ['10.0.0.0/12-14 64500', '10.0.0.0/16 64501', '10.0.0.0/16 0'],
      state: 'invalid',
      roas: ['AS0 10.0.0.0/16', 'AS64501 10.0.0.0/16', 'AS64500 10.0.0.0/12-14'],
    },
    {
      name: 'more than are kept',
      route: '10.0.0.0/16 64500',
      vrps: Array.from({ length: 7 }, (_, n) => `10.0.0.0/16 ${n + 1}`),
      state: 'invalid',
      roas: [
        'AS1 10.0.0.0/16',
        'AS2 10.0.0.0/16',
        'AS3 10.0.0.0/16',
        'AS4 10.0.0.0/16',
        'AS5 10.0.0.0/16',
        'more',
      ],
    },
    {
      name: 'the same twice',
      route: '10.0.0.0/16 64500',
      vrps: ['10.0.0.0/16 64500', '10.0.0.0/16 64500'],
      state: 'valid',
      roas: ['AS64500 10.0.0.0/16'],
    },
    {
      name: 'several origins: the first counts',
      route: '10.0.0.0/16 64500_64501',
      vrps: ['10.0.0.0/16 64501'],
      state: 'invalid',
    },
    {
      name: 'several origins, the first valid',
      route: '10.0.0.0/16 64501_64500',
      vrps: ['10.0.0.0/16 64501'],
      state: 'valid',
    },
    {
      name: 'an AS_SET, which nothing matches',
      route: '10.0.0.0/16 64500,64501',
      vrps: ['10.0.0.0/16 64500'],
      state: 'invalid',
    },
    {
      name: 'an AS_SET without ROAs',
      route: '10.0.0.0/16 64500,64501',
      vrps: ['11.0.0.0/16 64500'],
      state: 'not-found',
    },
    { name: 'the whole space', route: '10.0.0.0/16 64500', vrps: ['0.0.0.0/0-16 64500'], state: 'valid' },
    {
      name: 'IPv6',
      route: '2001:db8::/48 64500',
      vrps: ['2001:db8::/32-48 64500'],
      state: 'valid',
      roas: ['AS64500 2001:db8::/32-48'],
    },
    {
      name: 'IPv6, to the last bit',
      route: '2001:db8::1/128 64500',
      vrps: ['2001:db8::/32-127 64500'],
      state: 'invalid',
    },
    {
      name: 'the other family',
      route: '2001:db8::/48 64500',
      vrps: ['0.0.0.0/0-32 64500'],
      state: 'not-found',
    },
  ])('$name: $state', async ({ route: text, vrps: texts, state, roas }) => {
    const route = routeOf(text)
    const vrps = texts.map(vrpOf)
    const [told] = await toldOf(filesOf([route], vrps), [route])
    expect(told).toEqual(validated(route, byPrefix(vrps)))
    expect(told.state).toBe(state)
    if (roas !== undefined) expect(told.roas).toEqual(roas)
  })

  test('neighbours of one AS and length are told apart', async () => {
    const routes = ['10.0.0.0/24 64500', '10.0.1.0/24 64500', '10.0.2.0/24 64500'].map(routeOf)
    const vrps = ['10.0.1.0/24 64500', '10.0.2.0/24 64501'].map(vrpOf)
    const told = await toldOf(filesOf(routes, vrps), routes)
    expect(told.map(({ state }) => state)).toEqual(['not-found', 'valid', 'invalid'])
  })

  test('IPv4 inside IPv6 has the ROAs of IPv4', async () => {
    const table = await tableOf(filesOf([routeOf('8.8.8.0/24 15169')], [vrpOf('8.8.8.0/24 15169')]))
    expect(addressAttributes(table, [0, 0, 0xffff, 0x08080808])).toMatchObject({
      rpki: 'valid',
      roas: ['AS15169 8.8.8.0/24'],
    })
  })
})

describe('what is known', () => {
  const vrps: SmallFile = {
    name: 'roas.csv',
    dataset: 'rpki',
    format: 'vrp-csv',
    contents: 'ASN,IP Prefix,Max Length,Trust Anchor\nAS15169,8.8.8.0/24,24,arin\n',
  }

  test('ranges tell no prefixes, so that nothing is known', async () => {
    const ranges = {
      name: 'ranges',
      dataset: 'asn',
      format: 'ip-location-db',
      contents: '8.8.8.0,8.8.8.255,15169,Google\n',
    } as const
    const table = await tableOf([ranges, vrps])
    expect(addressAttributes(table, [0x08080808])).toMatchObject({ asn: 15169, rpki: null, roas: [] })
    const none = { valid: 0, 'not-found': 0, invalid: 0 }
    expect(table.metadata().rpki).toEqual({ v4: none, v6: none })
  })

  test('the ROAs of all files count', async () => {
    const routes = ['8.8.8.0/24 15169', '8.8.4.0/24 15169', '9.9.9.0/24 19281'].map(routeOf)
    const table = await tableOf([...filesOf(routes, [vrpOf('8.8.4.0/24 15169')]), vrps])
    expect(table.metadata().rpki?.v4).toEqual({ valid: 2, 'not-found': 1, invalid: 0 })
    expect(table.metadata().sources.filter(({ what }) => what === 'rpki')).toMatchObject([
      { name: 'roas', family: 4, rows: 1, distinct: 1, addresses: 256 },
      { name: 'roas.csv', family: 4, rows: 1, distinct: 1, addresses: 256 },
    ])
  })

  test('without ROAs there is no state, and no count of them', async () => {
    const [routes] = filesOf([routeOf('8.8.8.0/24 15169')], [])
    const table = await tableOf([routes])
    expect(addressAttributes(table, [0x08080808])).toMatchObject({ asn: 15169, rpki: null })
    expect(table.metadata().rpki).toBeUndefined()
  })
})

test('10,000 routes, as each beginning of each is looked for among the ROAs', async () => {
  const random = randomNumbers(6811)
  const below = (max: number): number => Math.floor(random() * max)
  const ases = Array.from({ length: 12 }, (_, n) => 64500 + n)
  /** Prefixes in a small part of the space, so that they lie in each other. */
  const prefixIn = (family: 4 | 6): Prefix => {
    const { bits } = prefixOf(family === 4 ? '10.0.0.0/8' : '2001:db8::/32')
    return { family, bits: bits + Array.from({ length: 5 + below(12) }, () => below(2)).join('') }
  }
  const routes = new Map<string, Route>()
  for (const family of [4, 6] as const) {
    while (routes.size < (family === 4 ? 5000 : 10_000)) {
      const prefix = prefixIn(family)
      const [first, second] = [ases[below(12)], ases[below(12)]]
      const kind = below(20)
      const isSet = kind === 0 && first !== second
      const text = kind < 2 && first !== second ? `${first}${isSet ? ',' : '_'}${second}` : String(first)
      routes.set(prefix.bits, { ...prefix, origin: isSet ? null : first, text })
    }
  }
  const all = [...routes.values()]
  const vrps = Array.from({ length: 2000 }, (): Vrp => {
    const { family, bits, origin } = all[below(all.length)]
    const length = bits.length - below(4) + 1
    const maxLength = Math.min(SPACE[family], length + (below(2) === 0 ? 0 : below(10)))
    const asn = [0, origin ?? 1, origin ?? 2, ases[below(12)]][below(4)]
    return vrpWith({ family, bits: bits.padEnd(length, '0').slice(0, length) }, maxLength, asn)
  })
  const told = await toldOf(filesOf(all, vrps), all)
  // The first address of a route may be in a longer one, which is what the table tells of.
  const lengths = [...new Set(all.map(({ bits }) => bits.length))].sort((a, b) => b - a)
  const longest = all.map(({ family, bits }): Route => {
    const address = bits.padEnd(SPACE[family], '0')
    const length = lengths.find((it) => routes.has(address.slice(0, it)))
    return routes.get(address.slice(0, length))!
  })
  const covering = byPrefix(vrps)
  const right = longest.map((route) => validated(route, covering))
  expectSame(told, right)
  for (const state of ['valid', 'not-found', 'invalid']) {
    expect(right.filter((one) => one.state === state).length, state).toBeGreaterThan(500)
  }
  expect(right.filter(({ roas }) => roas.includes('more')).length).toBeGreaterThan(0)
  expect(new Set(longest).size).toBeGreaterThan(7000)
})

/** Numbers from 0 up to 1, the same with each run (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
