// Tools that aren't run here: the rules by which their sources read answers, over addresses of both families.

import { BlockList } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Asker, manyAddresses, ownerName } from './harness/asker.ts'

/** How a tool asks and what it must find. */
interface Tool {
  readonly name: string
  /** Its zone for an address; undefined when it has none for the family. */
  readonly zone: (isIpv6: boolean) => string | undefined
  /** What it reads: the AS numbers and the network; it throws what it would complain of. */
  readonly read: (records: readonly (readonly string[])[]) => { asns: string[]; network: string }
}

const cymru = (isIpv6: boolean): string => (isIpv6 ? 'origin6.asn.cymru.com' : 'origin.asn.cymru.com')

const tools: readonly Tool[] = [
  {
    name: 'trippy',
    zone: cymru,
    read: ([first]) => {
      const fields = first.join('').split('|')
      if (fields.length !== 5) throw new Error('not four pipes')
      return { asns: fields[0].trim().split(' '), network: fields[1].trim() }
    },
  },
  {
    name: 'Zonemaster',
    zone: (isIpv6) => `${isIpv6 ? 'origin6' : 'origin'}.asnzone.internal`,
    read: (records) => {
      const [fields] = records
        .map((record) => record.join('').split(/[ ][|][ ]?/))
        .filter((all) => all.length > 1)
      return { asns: fields[0].split(/\s+/), network: fields[1] }
    },
  },
  {
    name: "nitefood's asn",
    zone: (isIpv6) => (isIpv6 ? undefined : cymru(isIpv6)),
    read: ([[first]]) => {
      const [asn] = first.split(' ')
      return { asns: [asn], network: first.split('|')[1].trim() }
    },
  },
  {
    name: 'ipwhois',
    zone: cymru,
    read: ([first]) => {
      const [asn, network, country, registry, date] = first
        .join('')
        .split('|')
        .map((field) => field.trim())
      if ([country, registry, date].includes(undefined as never)) throw new Error('fields are missing')
      return { asns: asn.split(' '), network }
    },
  },
  {
    name: 'dnsdbq',
    zone: (isIpv6) => (isIpv6 ? undefined : 'asn.routeviews.org'),
    read: ([first]) => {
      if (first.length !== 3) throw new Error('not three strings')
      return { asns: [first[0]], network: `${first[1]}/${first[2]}` }
    },
  },
]

let asker: Asker
beforeAll(async () => {
  asker = await Asker.start()
})
afterAll(async () => {
  await asker?.server.stop()
})

it.each(tools)('$name reads a number and the network around the address', async ({ zone, read }) => {
  let found = 0
  for (const address of manyAddresses(1000)) {
    const suffix = zone(address.includes(':'))
    const records = suffix && (await asker.txt(`${ownerName(address)}.${suffix}`))
    if (!records) continue
    found++
    const { asns, network } = read(records)
    expect(asns, address).toEqual([expect.stringMatching(/^[1-9]\d*$/)])
    expect(contains(network, address), `${network} around ${address}`).toBe(true)
  }
  expect(found).toBeGreaterThan(200)
})

it.each([15169, 13238, 3333, 21859, 206564])(
  'AS%i: trippy counts four pipes, and the name is behind the last for all',
  async (asn) => {
    const [[text]] = (await asker.txt(`AS${asn}.asn.cymru.com`))!
    const fields = text.split('|')
    expect(fields).toHaveLength(5)
    expect(fields[0].trim()).toBe(String(asn))
    expect(fields[4].trim()).not.toBe('')
  },
)

/** Whether a CIDR block contains an address. */
function contains(network: string, address: string): boolean {
  const family = address.includes(':') ? 'ipv6' : 'ipv4'
  const [base, length] = network.split('/')
  const block = new BlockList()
  block.addSubnet(base, Number(length), family)
  return block.check(address, family)
}
