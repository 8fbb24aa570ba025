// Stalwart has no package here: its rules for reading answers, with the settings of docs/consumers/stalwart.md.

import { afterAll, beforeAll, expect, it } from 'vitest'
import { Asker, manyAddresses, ownerName } from './harness/asker.ts'
import { Page } from './harness/page.ts'

const [{ text: settings }] = Page.read('stalwart').files

/** A setting of the page, by its key; the keys differ in all tables. */
function setting(key: string): string {
  const [, value] = new RegExp(`^${key} = "?([^"\\n]*)"?$`, 'm').exec(settings)!
  return value
}

/** What Stalwart knows of a client; null is Rust's None. */
interface Client {
  readonly asn: number | null
  readonly name: string | null
  readonly country: string | null
}

/**
 * Reads an answer as Stalwart's Dns variant does: all strings of all records in one text, split, trimmed. An empty
 * part counts as a part, and what it stands for is None; any other country is one. An AS number is a u32 in digits,
 * and without it the name is not kept.
 */
function readAnswer(records: readonly (readonly string[])[]): Client {
  const parts = records
    .flat()
    .join('')
    .split(setting('separator'))
    .map((part) => part.trim() || null)
  const part = (key: string): string | null => parts[Number(setting(key))] ?? null
  const asn = part('asn')
  const isAsn = asn !== null && /^\+?\d+$/.test(asn) && Number(asn) <= 4294967295
  return {
    asn: isAsn ? Number(asn) : null,
    name: isAsn ? part('asn-name') : null,
    country: part('country'),
  }
}

let asker: Asker
beforeAll(async () => {
  asker = await Asker.start()
})
afterAll(async () => {
  await asker?.server.stop()
})

/** What Stalwart would know of an address; null when there is no answer. */
async function look(address: string): Promise<Client | null> {
  const zone = setting(address.includes(':') ? 'ipv6' : 'ipv4')
  const records = await asker.txt(`${ownerName(address)}.${zone}`)
  return records && readAnswer(records)
}

it.each([
  ['an IPv4 address', '8.8.8.8', { asn: 15169, name: 'Google LLC', country: 'US' }],
  ['an IPv6 address', '2a02:6b8::feed:ff', { asn: 13238, name: 'YANDEX LLC', country: 'RU' }],
  ['an address without a known AS', '160.66.190.92', { asn: null, name: null, country: 'IT' }],
  [
    'an address without a known country',
    '23.128.68.1',
    { asn: 27439, name: 'MultiPlex Networks LLC', country: null },
  ],
  ['a private address', '10.0.0.1', null],
])('%s', async (_, address, client) => {
  expect(await look(address)).toEqual(client)
})

it('takes no stand-in for a country: where the zone for people has one, it knows None', async () => {
  const geo = await asker.txt(`${ownerName('23.128.68.1')}.geo.asnzone.internal`)
  expect(geo).toEqual([['27439 | MultiPlex Networks LLC | -- | -- | 0']])
  let found = 0
  for (const address of manyAddresses(2000)) {
    const client = await look(address)
    if (client === null) continue
    found++
    expect(client.country ?? 'US', address).toMatch(/^[A-Z]{2}$/)
    expect(client.name ?? 'unknown', address).toMatch(/[^ -]/)
  }
  expect(found).toBeGreaterThan(500)
})
