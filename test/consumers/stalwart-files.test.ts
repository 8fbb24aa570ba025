// The CSV files that asnzone publishes, read as Stalwart's Resource variant reads them.

import { isIPv4, isIPv6 } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Asker, manyAddresses, nibblesOf, ownerName } from './harness/asker.ts'
import { Page } from './harness/page.ts'

/** Ranges of addresses in ascending order. */
interface Ranges<Value> {
  readonly starts: bigint[]
  readonly ends: bigint[]
  readonly values: Value[]
}

/** The files, as the page names them. */
const files = Page.read('stalwart').urls('http://127.0.0.1:8053/')

const asns: Record<number, Ranges<number>> = {}
const countries: Record<number, Ranges<string>> = {}
/** The first name that is seen for an AS counts. */
const names = new Map<number, string>()

let asker: Asker
beforeAll(async () => {
  asker = await Asker.start(['--publish-csv', '127.0.0.1:0'])
  const line = asker.server.log.find(({ msg }) => msg.startsWith('publishes the data as files on '))!
  const [base] = /http:.*/.exec(line.msg)!
  const texts = await Promise.all(
    files.map(async (file) => {
      const response = await fetch(base + file)
      expect(response.status, file).toBe(200)
      return response.text()
    }),
  )
  for (const [i, file] of files.entries()) {
    const rows = readRows(texts[i])
    const family = file.includes('ipv6') ? 6 : 4
    if (file.startsWith('asn')) {
      asns[family] = rangesOf(rows, family, ([, , asn, name]) => {
        const number = asNumber(asn)
        if (!names.has(number)) names.set(number, name)
        return number
      })
    } else {
      countries[family] = rangesOf(rows, family, ([, , country]) => countryCode(country))
    }
  }
})
afterAll(async () => {
  await asker?.server.stop()
})

it('names four files', () => {
  expect(files).toEqual(['asn-ipv4.csv', 'asn-ipv6.csv', 'country-ipv4.csv', 'country-ipv6.csv'])
})

it('finds in the files what the zone answers', async () => {
  let found = 0
  for (const address of manyAddresses(2000)) {
    const records = await asker.txt(`${ownerName(address)}.geo.asnzone.internal`)
    const [asn = '--', name, country = '--'] = records?.flat().join('').split(' | ') ?? []
    const number = look(asns, address)
    expect(number === undefined ? '--' : String(number), address).toBe(asn)
    if (number !== undefined) expect(names.get(number), address).toBe(name)
    expect(look(countries, address) ?? '--', address).toBe(country)
    if (records !== null) found++
  }
  expect(found).toBeGreaterThan(500)
})

/**
 * Splits a file: a quote begins or ends a quoted part, a comma outside of one ends a field, a line feed ends a row.
 * Stalwart leaves the file at a fifth field, loses a last row that isn't ended, and passes over rows whose addresses
 * are quoted: here all of that throws.
 */
function readRows(text: string): string[][] {
  const rows: string[][] = []
  let row = ['']
  let quoted = false
  for (const character of text) {
    if (character === '"') {
      quoted = !quoted
      if (row.length < 3) throw new Error(`a quote in field ${row.length} of row ${rows.length + 1}`)
    } else if (character === ',' && !quoted) {
      row.push('')
      if (row.length > 4) throw new Error(`a fifth field in row ${rows.length + 1}`)
    } else if (character === '\n') {
      rows.push(row)
      row = ['']
    } else {
      row[row.length - 1] += character
    }
  }
  if (row.length > 1 || row[0] !== '') throw new Error('the last row is not ended')
  return rows
}

function rangesOf<Value>(
  rows: readonly string[][],
  family: number,
  valueIn: (row: readonly string[]) => Value,
): Ranges<Value> {
  const ranges: Ranges<Value> = { starts: [], ends: [], values: [] }
  let before = -1n
  for (const row of rows) {
    const [start, end] = row.slice(0, 2).map((address) => numberOf(address, family))
    // They are searched by halving: that asks for order, and for ranges that don't overlap.
    if (start <= before || end < start) throw new Error(`out of order: ${row.join(',')}`)
    before = end
    ranges.starts.push(start)
    ranges.ends.push(end)
    ranges.values.push(valueIn(row))
  }
  return ranges
}

function look<Value>(ranges: Record<number, Ranges<Value>>, address: string): Value | undefined {
  const family = address.includes(':') ? 6 : 4
  const { starts, ends, values } = ranges[family]
  const wanted = numberOf(address, family)
  let low = 0
  let high = starts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (starts[middle] <= wanted) low = middle + 1
    else high = middle
  }
  return low > 0 && ends[low - 1] >= wanted ? values[low - 1] : undefined
}

/** An address in dots or colons, nothing else. */
function numberOf(address: string, family: number): bigint {
  if (!(family === 4 ? isIPv4(address) : isIPv6(address))) throw new Error(`no IPv${family}: ${address}`)
  if (family === 6) return BigInt(`0x${nibblesOf(address)}`)
  return BigInt(address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0))
}

/** A u32 in digits. */
function asNumber(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) > 4294967295) throw new Error(`no AS number: ${text}`)
  return Number(text)
}

/** Two or three octets, which are made upper case. */
function countryCode(text: string): string {
  if (![2, 3].includes(Buffer.byteLength(text))) throw new Error(`no country: ${text}`)
  return text.toUpperCase()
}
