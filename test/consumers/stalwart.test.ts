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

/** What Stalwart knows of a client. */
interface Client {
  readonly asn?: number
  readonly name?: string
  readonly country?: string
}

/**
 * Reads an answer as Stalwart's Dns variant does: all strings of all records in one text, split, trimmed; an AS
 * number is a u32 in digits, and without it the name is not kept.
 */
function readAnswer(records: readonly (readonly string[])[]): Client {
  const parts = records
    .flat()
    .join('')
    .split(setting('separator'))
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const asn = parts[Number(setting('asn'))] ?? ''
  const isAsn = /^\+?\d+$/.test(asn) && Number(asn) <= 4294967295
  return {
    ...(isAsn ? { asn: Number(asn), name: parts[Number(setting('asn-name'))] } : {}),
    country: parts[Number(setting('country'))],
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
  ['an address without a known AS', '160.66.190.92', { country: 'IT' }],
  ['a private address', '10.0.0.1', null],
])('%s', async (_, address, client) => {
  expect(await look(address)).toEqual(client)
})

it('has an AS number and a country of two letters in every answer, or neither', async () => {
  let found = 0
  for (const address of manyAddresses(2000)) {
    const client = await look(address)
    if (client === null) continue
    found++
    expect(client.country, address).toMatch(/^(?:[A-Z]{2}|--)$/)
    if (client.asn !== undefined) expect(client.name, address).toMatch(/[^ ]/)
  }
  expect(found).toBeGreaterThan(500)
})
