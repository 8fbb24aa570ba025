// CSV files of many makers: what each column says is told by a header, or by how many columns there are.

import { describe, expect, test } from 'vitest'
import { Collector } from '../../../src/data/compile/collector.ts'
import { ValueTables } from '../../../src/data/compile/value-tables.ts'
import { readCsv } from '../../../src/data/formats/csv.ts'
import { readIpLocationDb } from '../../../src/data/formats/ip-location-db.ts'
import { readIptoasn } from '../../../src/data/formats/iptoasn.ts'
import { readPfx2as } from '../../../src/data/formats/pfx2as.ts'
import type { Dataset } from '../../../src/data/sources/dataset.ts'
import { collect } from '../../support/collect.ts'

const lines = (...rows: string[]): string => rows.map((row) => `${row}\n`).join('')

/** The files as their makers write them, shortened. */
const FILE = {
  asnBlocks: lines(
    'network,autonomous_system_number,autonomous_system_organization',
    '1.0.0.0/24,13335,CLOUDFLARENET',
    '2001:200::/32,2500,"WIDE Project"',
  ),
  ipinfoLite: lines(
    'network,country,country_code,continent,continent_code,asn,as_name,as_domain',
    '1.0.0.0/24,Australia,AU,Oceania,OC,AS13335,"Cloudflare, Inc.",cloudflare.com',
    '1.0.1.0/24,China,CN,Asia,AS,,,',
    '1.0.2.7,China,CN,Asia,AS,AS4134,CHINANET,',
    '2001:200::/32,Japan,JP,Asia,AS,AS2500,WIDE Project,wide.ad.jp',
  ),
  ipinfoCountryAsn: lines(
    'start_ip,end_ip,country,country_name,continent,continent_name,asn,as_name,as_domain',
    '1.0.0.0,1.0.0.255,AU,Australia,OC,Oceania,AS13335,"Cloudflare, Inc.",cloudflare.com',
    '1.0.1.0,1.0.3.255,CN,China,AS,Asia,,,',
  ),
  ipinfoPlus: lines(
    'network,city,region,region_code,country,country_code,latitude,longitude,geoname_id,asn,as_name',
    '1.0.0.0/24,Sydney,New South Wales,NSW,Australia,AU,-33.86785,151.20732,2147714,AS13335,"Cloudflare, Inc."',
  ),
  db1: lines('"0","16777215","-","-"', '"16777216","16777471","US","United States of America"'),
  db1v6: lines(
    '"0","281470698520575","-","-"',
    '"281470698520576","281470698520831","US","United States of America"',
    '"42540528726795050063891204319802818560","42540528806023212578155541913346768895","JP","Japan"',
  ),
  db5: lines(
    '"0","16777215","-","-","-","-","0.000000","0.000000"',
    '"16777216","16777471","US","United States of America","California","San Jose","37.339390","-121.894960"',
  ),
  db11: lines(
    '"16777216","16777471","US","United States of America","California","San Jose","37.339390","-121.894960","95101","-07:00"',
  ),
  ip2locationAsn: lines(
    '"0","16777215","0.0.0.0/8","-","-"',
    '"16777216","16777471","1.0.0.0/24","13335","CloudFlare, Inc."',
  ),
  dbipCountry: lines(
    '0.0.0.0,0.255.255.255,ZZ',
    '1.0.0.0,1.0.0.255,AU',
    '2001:200::,2001:200:ffff:ffff::,JP',
  ),
  dbipCity: lines(
    '0.0.0.0,0.255.255.255,ZZ,ZZ,,,0,0',
    '1.0.0.0,1.0.0.255,OC,AU,Queensland,"South Brisbane",-27.4767,153.017',
  ),
  city9: lines('1.0.0.0,1.0.0.255,AU,Queensland,,South Brisbane,4101,-27.4767,153.017'),
  city10: lines('1.0.0.0,1.0.0.255,AU,Queensland,,South Brisbane,,-27.4767,153.017,'),
  tor: lines('# Tor’s own', '#', '15726992,15726999,??', '16777216,16777471,AU'),
}

const CLOUDFLARE = '1.0.0.0-1.0.0.255 13335'
const WIDE = '2001:200::-2001:200:ffff:ffff:ffff:ffff:ffff:ffff'

describe('ASes', () => {
  test.each<[string, string, readonly string[], number]>([
    ['GeoLite2 ASN Blocks', FILE.asnBlocks, [CLOUDFLARE, `${WIDE} 2500`], 0],
    ['IPinfo Lite', FILE.ipinfoLite, [CLOUDFLARE, '1.0.2.7-1.0.2.7 4134', `${WIDE} 2500`], 1],
    ['IPinfo country and ASN', FILE.ipinfoCountryAsn, [CLOUDFLARE], 1],
    ['IPinfo Plus, with as many columns as it has', FILE.ipinfoPlus, [CLOUDFLARE], 0],
    ['IP2Location ASN', FILE.ip2locationAsn, [CLOUDFLARE], 1],
    ['AS in front of the number', '1.0.0.0,1.0.0.255,AS13335,x\n', [CLOUDFLARE], 0],
    ['as in front of it', '1.0.0.0/24,as13335,x\n', [CLOUDFLARE], 0],
    ['a byte order mark before the header', `\ufeff${FILE.asnBlocks}`, [CLOUDFLARE, `${WIDE} 2500`], 0],
  ])('%s', async (_name, text, rows, skipped) => {
    for (const chunk of [7, 1 << 20]) {
      const found = await collect(readCsv, 'asn', text, chunk)
      expect(found.rows.asn).toEqual(rows)
      expect(found.skipped).toBe(skipped)
    }
  })

  test('have the names that are theirs, not those of companies', async () => {
    const text = lines(
      'start_ip,end_ip,name,domain,asn,as_name',
      '1.0.0.0,1.0.0.255,APNIC and Cloudflare,cloudflare.com,AS13335,"Cloudflare, Inc."',
    )
    expect((await collect(readCsv, 'asn', text)).names).toEqual({ AS13335: 'Cloudflare, Inc.' })
    // What has no name names nothing, so that the guard notices when names get lost.
    const nameless = await collect(readCsv, 'names', 'network,asn,as_name\n1.0.0.0/24,1,\n1.0.1.0/24,2,B\n')
    expect(nameless).toMatchObject({ names: { AS2: 'B' }, namedCount: 1 })
    const only = await collect(readCsv, 'names', FILE.ipinfoLite)
    expect(only.rows).toEqual({})
    expect(only.names).toEqual({ AS13335: 'Cloudflare, Inc.', AS4134: 'CHINANET', AS2500: 'WIDE Project' })
  })
})

describe('countries', () => {
  const US = '1.0.0.0-1.0.0.255 US'
  const AU = '1.0.0.0-1.0.0.255 AU'
  test.each<[string, string, readonly string[], number]>([
    ['IPinfo Lite', FILE.ipinfoLite, [AU, '1.0.1.0-1.0.1.255 CN', '1.0.2.7-1.0.2.7 CN', `${WIDE} JP`], 0],
    ['IPinfo country and ASN', FILE.ipinfoCountryAsn, [AU, '1.0.1.0-1.0.3.255 CN'], 0],
    ['IP2Location DB1, quoted, with - for unknown', FILE.db1, [US], 1],
    ['IP2Location DB1 of IPv6, which has IPv4 embedded', FILE.db1v6, [US, `${WIDE} JP`], 1],
    ['IP2Location DB5', FILE.db5, [US], 1],
    ['DB-IP Lite country', FILE.dbipCountry, [AU, '2001:200::-2001:200:ffff:ffff:: JP'], 1],
    ['DB-IP Lite city', FILE.dbipCity, [AU], 1],
    ['ip-location-db city', FILE.city10, [AU], 0],
    ['Tor’s geoip', FILE.tor, [AU], 1],
  ])('%s', async (_name, text, rows, skipped) => {
    const found = await collect(readCsv, 'country', text)
    expect(found.rows.country).toEqual(rows)
    expect(found.skipped).toBe(skipped)
  })
})

describe('places', () => {
  test.each<[string, string, string]>([
    ['IPinfo', FILE.ipinfoPlus, 'AU -33.8678 151.2073'],
    ['IP2Location DB5', FILE.db5, 'US 37.3394 -121.895'],
    ['IP2Location DB11', FILE.db11, 'US 37.3394 -121.895'],
    ['DB-IP Lite', FILE.dbipCity, 'AU -27.4767 153.017'],
    ['nine columns', FILE.city9, 'AU -27.4767 153.017'],
    ['ten columns', FILE.city10, 'AU -27.4767 153.017'],
  ])('%s', async (_name, text, place) => {
    expect((await collect(readCsv, 'city', text)).rows.location).toEqual([`1.0.0.0-1.0.0.255 ${place}`])
  })
})

describe('GeoLite2 Blocks and Locations', () => {
  const countries = lines(
    'geoname_id,locale_code,continent_code,continent_name,country_iso_code,country_name,is_in_european_union',
    '2077456,en,OC,Oceania,AU,Australia,0',
    '1814991,en,AS,Asia,CN,China,0',
    '6255148,en,EU,Europe,,,0',
  )
  const countryBlocks = lines(
    'network,geoname_id,registered_country_geoname_id,represented_country_geoname_id,is_anonymous_proxy,is_satellite_provider,is_anycast',
    '1.0.0.0/24,2077456,2077456,,0,0,1',
    '1.0.1.0/24,,1814991,,0,0,',
    '1.0.2.0/24,6255148,,,0,0,',
    '1.0.3.0/24,,,,1,0,',
  )
  const cities = lines(
    'geoname_id,locale_code,continent_code,continent_name,country_iso_code,country_name,subdivision_1_iso_code,subdivision_1_name,subdivision_2_iso_code,subdivision_2_name,city_name,metro_code,time_zone,is_in_european_union',
    '5375480,en,NA,"North America",US,"United States",CA,California,,,"Mountain View",807,America/Los_Angeles,0',
  )
  const cityBlocks = lines(
    'network,geoname_id,registered_country_geoname_id,represented_country_geoname_id,is_anonymous_proxy,is_satellite_provider,postal_code,latitude,longitude,accuracy_radius,is_anycast',
    '8.8.8.0/24,5375480,6252001,,0,0,94043,37.4223,-122.0850,1000,',
  )

  /** Reads files one after the other, as those of one source are. */
  async function read(dataset: Dataset, ...texts: string[]) {
    const valueTables = new ValueTables()
    let into = new Collector(dataset, valueTables)
    for (const text of texts) {
      into = new Collector(dataset, valueTables)
      const chunks = (async function* () {
        yield Buffer.from(text)
      })()
      await readCsv({ name: 'blocks.csv', chunks }, into)
    }
    return into
  }

  test('countries, by where an address is, then by where it is registered', async () => {
    const into = await read('country', countries, countryBlocks)
    expect(into.rows).toEqual({ 4: 2, 6: 0 })
    expect(into.skipped).toBe(2)
    const { values } = into.layer('country', 4).finish()
    const codes = [...values].map((value) =>
      String.fromCharCode((65 + (value - 1) / 26) | 0, 65 + ((value - 1) % 26)),
    )
    expect(codes).toEqual(['AU', 'CN'])
  })

  test('places', async () => {
    const into = await read('city', cities, cityBlocks)
    expect(into.valueTables.locations.describe(into.layer('location', 4).finish().values[0])).toMatchObject({
      city: 'Mountain View',
      region: 'CA',
      country: 'US',
      latitude: '37.4223',
      longitude: '-122.085',
    })
  })

  test('the file of Locations tells how many places it names', async () => {
    expect((await read('country', countries)).geonames).toBe(3)
  })

  test('Blocks without Locations are refused with what to do', async () => {
    await expect(read('country', countryBlocks)).rejects.toThrow(
      'blocks.csv:2: it tells places by geoname_id; name the file of Locations before it in from',
    )
  })
})

describe('a header decides', () => {
  test('in a file that is configured as one of ip-location-db', async () => {
    const ases = await collect(readIpLocationDb, 'asn', FILE.ipinfoLite, 9)
    expect(ases.rows.asn?.[0]).toBe(CLOUDFLARE)
    const countries = await collect(readIpLocationDb, 'country', FILE.ipinfoLite, 9)
    expect(countries.counts).toEqual({ 4: 3, 6: 1 })
  })

  test('columns in any order, and their names in any case', async () => {
    const text = lines('Country_Code,ASN,Network', 'AU,13335,1.0.0.0/24')
    expect((await collect(readCsv, 'asn', text)).rows.asn).toEqual([CLOUDFLARE])
    expect((await collect(readCsv, 'country', text)).rows.country).toEqual(['1.0.0.0-1.0.0.255 AU'])
  })
})

describe('refuses', () => {
  test.each<[string, Dataset, string, string]>([
    ['an empty file', 'asn', '', 'file:1: the file is empty; fetch it again'],
    ['a header alone', 'asn', 'network,asn\n', 'file:1: the file is empty; fetch it again'],
    ['no AS', 'asn', 'network,asn\n1.0.0.0/24,\n', 'file:1: no row tells an AS'],
    [
      'a header without networks',
      'asn',
      'asn,name\n1,x\n',
      'file:1: the header has no column such as network or cidr, or start_ip or ip_from; it is asn,name',
    ],
    [
      'a header without ASes',
      'asn',
      'network,country_code\n1.0.0.0/24,AU\n',
      'file:1: the header has no column such as asn or autonomous_system_number; it is network,country_code',
    ],
    [
      'a header without coordinates, for places',
      'city',
      'network,country_code\n1.0.0.0/24,AU\n',
      'file:1: the header has no column such as latitude or lat, or geoname_id; it is network,country_code',
    ],
    [
      'too many columns',
      'asn',
      'network,asn\n1.0.0.0/24,1,x\n',
      'file:2: 3 columns, not the 2 of the first row',
    ],
    ['no network', 'asn', 'network,asn\nx,1\n', "file:2: 'x' is not an IP address or a CIDR"],
    [
      'bits after a length',
      'asn',
      'network,asn\n1.0.0.1/24,1\n',
      "file:2: '1.0.0.1/24' has bits after its length; did you mean 1.0.0.0/24?",
    ],
    [
      'bits after a length in IPv6',
      'asn',
      'network,asn\n2001:db8::1/32,1\n',
      "file:2: '2001:db8::1/32' has bits after its length; did you mean 2001:db8::/32?",
    ],
    [
      'semicolons',
      'asn',
      'network;asn\n1.0.0.0/24;1\n',
      "file:1: its columns are separated by ';'; write commas",
    ],
    [
      'tabs',
      'country',
      '1.0.0.0\t1.0.0.255\tAU\n',
      'file:1: its columns are separated by tabs; the formats iptoasn and pfx2as read such files',
    ],
    [
      'a file of the registries',
      'country',
      '2|apnic|20260101|1|19830705|20251231|+0000\n',
      "file:1: its columns are separated by '|'; the format rir reads such files",
    ],
    ['no AS number', 'asn', 'network,asn\n1.0.0.0/24,1.5\n', "file:2: '1.5' is not an AS number"],
    [
      'no country',
      'country',
      'network,country_code\n1.0.0.0/24,AUS\n',
      "file:2: 'AUS' is not a two-letter country code",
    ],
    [
      'columns of no known file',
      'country',
      '1.0.0.0,1.0.0.255,a,b,c,d,e\n',
      'file:1: 7 columns, as no file that is known has; give it a header',
    ],
  ])('%s', async (_name, dataset, text, message) => {
    await expect(collect(readCsv, dataset, text)).rejects.toThrow(message)
  })
})

test('ip2country of iptoasn.com has countries alone', async () => {
  const text = '1.0.0.0\t1.0.0.255\tAU\n1.0.1.0\t1.0.3.255\tNone\n'
  const { rows, skipped } = await collect(readIptoasn, 'country', text)
  expect(rows).toEqual({ country: ['1.0.0.0-1.0.0.255 AU'] })
  expect(skipped).toBe(1)
  await expect(collect(readIptoasn, 'asn', text)).rejects.toThrow('3 columns')
})

test('a .dat file of pyasn has networks in one column, and comments', async () => {
  const text =
    '; IP-ASN32-DAT file\n; Converted on : Mon\n;\n# x\n1.0.0.0/24\t13335\n2001:200::/32\t2500\n10.1.0.0/16\tAS64512\n'
  const { rows } = await collect(readPfx2as, 'asn', text, 5)
  expect(rows.asn).toEqual([`${CLOUDFLARE} /24`, '10.1.0.0-10.1.255.255 64512 /16', `${WIDE} 2500 /32`])
})
