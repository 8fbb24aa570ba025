// Which column of a CSV file says what: its header tells, and where it has none, how many columns there are.
//
//     network,autonomous_system_number,…                 GeoLite2 Blocks and Locations, IPinfo, IP2Location, DB-IP
//     "0","16777215","-","-"                             IP2Location without a header: every field is quoted
//     1.0.0.0,1.0.0.255,OC,AU,Queensland,…               DB-IP Lite and ip-location-db without a header

import type { Dataset } from '../../sources/dataset.ts'
import { type CsvRow, fieldText } from './csv-rows.ts'

/** The columns that say something, each −1 where there is none. */
export interface CsvLayout {
  /** How many columns each row has. */
  readonly columns: number
  /** First and last address; where a column holds networks, both are that column. */
  readonly start: number
  readonly end: number
  readonly asn: number
  readonly name: number
  readonly country: number
  readonly region: number
  readonly city: number
  readonly latitude: number
  readonly longitude: number
  /** GeoNames' number of the place and of the country of registration, where nothing else tells the country. */
  readonly geoname: number
  readonly registered: number
}

/** What a column can say. */
type Role = Exclude<keyof CsvLayout, 'columns'> | 'network'

/** What columns are called, the name that is preferred first. */
export const COLUMN_NAMES: Readonly<Record<Role, readonly string[]>> = {
  network: ['network', 'cidr', 'prefix'],
  start: ['start_ip', 'ip_from', 'ip_range_start', 'ip_start', 'range_start', 'start', 'first'],
  end: ['end_ip', 'ip_to', 'ip_range_end', 'ip_end', 'range_end', 'end', 'last'],
  asn: ['asn', 'autonomous_system_number', 'as_number'],
  name: ['as_name', 'autonomous_system_organization', 'as_organization', 'as', 'org', 'name'],
  country: ['country_code', 'country_iso_code', 'cc', 'country'],
  region: ['region_name', 'region', 'subdivision_1_iso_code', 'state1', 'stateprov', 'region_code'],
  city: ['city', 'city_name'],
  latitude: ['latitude', 'lat'],
  longitude: ['longitude', 'lon', 'lng'],
  geoname: ['geoname_id'],
  registered: ['registered_country_geoname_id'],
}

const NOTHING: CsvLayout = {
  columns: 0,
  start: -1,
  end: -1,
  asn: -1,
  name: -1,
  country: -1,
  region: -1,
  city: -1,
  latitude: -1,
  longitude: -1,
  geoname: -1,
  registered: -1,
}

const QUOTE = 0x22
const SLASH = 0x2f

/** Whether a row is a header: its first field is a word, which no address and no number is. */
export function isHeader(row: CsvRow): boolean {
  return /^[a-z][\w -]*$/i.test(fieldText(row, 0))
}

/**
 * The layout of a file whose first row is a header.
 *
 * @throws {Error} with a short reason when the header has not what the file is read for.
 */
export function layoutOfHeader(row: CsvRow, dataset: Dataset): CsvLayout {
  const header = Array.from({ length: row.fields }, (_, field) => fieldText(row, field).trim().toLowerCase())
  const column = (role: Role): number => {
    const name = COLUMN_NAMES[role].find((known) => header.includes(known))
    return name === undefined ? -1 : header.indexOf(name)
  }
  const network = column('network')
  const country = column('country')
  const isRange = column('start') >= 0 && column('end') >= 0
  const layout: CsvLayout = {
    columns: row.fields,
    start: isRange ? column('start') : network,
    end: isRange ? column('end') : network,
    asn: column('asn'),
    name: column('name'),
    country,
    region: column('region'),
    city: column('city'),
    latitude: column('latitude'),
    longitude: column('longitude'),
    geoname: country < 0 || (network < 0 && !isRange) ? column('geoname') : -1,
    registered: country < 0 ? column('registered') : -1,
  }
  const lacks = (roles: readonly Role[]): Error => {
    const known = roles.map((role) => COLUMN_NAMES[role].slice(0, 2).join(' or ')).join(', or ')
    return new Error(`the header has no column such as ${known}; it is ${header.join(',').slice(0, 200)}`)
  }
  if (layout.start < 0 && !isGeonames(layout)) throw lacks(['network', 'start'])
  const needed = NEEDED[dataset] ?? []
  if (needed.length > 0 && needed.every((role) => layout[role] < 0)) throw lacks(needed)
  return layout
}

/** What a file has to have one of, by what it is read for. */
const NEEDED: Partial<Readonly<Record<Dataset, readonly Exclude<Role, 'network'>[]>>> = {
  asn: ['asn'],
  names: ['asn'],
  country: ['country', 'geoname'],
  city: ['latitude', 'geoname'],
}

/** Whether a file tells places by GeoNames' numbers, and no addresses. */
export function isGeonames(layout: CsvLayout): boolean {
  return layout.start < 0 && layout.geoname >= 0 && layout.country >= 0
}

/**
 * The layout of a file without a header, by its first row.
 *
 * @throws {Error} with a short reason when no such file is known.
 */
export function layoutOfRow(row: CsvRow, dataset: Dataset): CsvLayout {
  const isNetwork = row.bytes.subarray(row.starts[0], row.ends[0]).includes(SLASH)
  const attributes = isNetwork ? 1 : 2
  const count = row.fields - attributes
  const addresses = { ...NOTHING, columns: row.fields, start: 0, end: attributes - 1 }
  const isAs = dataset === 'asn' || dataset === 'names'
  // IP2Location's files of ASes have the network a second time.
  const asn = isAs ? (count === 3 ? attributes + 1 : attributes) : -1
  if (isAs && count >= 1 && count <= 3) return { ...addresses, asn, name: count === 1 ? -1 : asn + 1 }
  if (dataset === 'country' && (count === 1 || count === 2)) return { ...addresses, country: attributes }
  const place = isAs ? undefined : placeColumns(row, attributes)
  if (dataset === 'city' && place?.latitude === undefined) throw unknownColumns(row)
  if (place !== undefined) return { ...addresses, ...place }
  throw unknownColumns(row)
}

/** What separates the columns of other files, and which format reads such. */
const SEPARATORS: readonly (readonly [octet: number, reason: string])[] = [
  [0x09, 'tabs; the formats iptoasn and pfx2as read such files'],
  [0x7c, "'|'; the format rir reads such files"],
  [0x3b, "';'; write commas"],
]

function unknownColumns({ fields, bytes, starts, ends }: CsvRow): Error {
  const only = bytes.subarray(starts[0], ends[0])
  const separator = fields === 1 && SEPARATORS.find(([octet]) => only.includes(octet))
  if (separator) return new Error(`its columns are separated by ${separator[1]}`)
  return new Error(
    `${fields} ${fields === 1 ? 'column' : 'columns'}, as no file that is known has; give it a header`,
  )
}

/** The columns of a place; undefined when there are not as many as in any file. */
function placeColumns(row: CsvRow, attributes: number): Partial<CsvLayout> | undefined {
  const count = row.fields - attributes
  const isQuoted = row.starts[0] > 0 && row.bytes[row.starts[0] - 1] === QUOTE
  const columns = (names: string): Partial<CsvLayout> =>
    Object.fromEntries(names.split(',').flatMap((name, i) => (name === '' ? [] : [[name, attributes + i]])))
  const isCode = /^([A-Z]{2})?$/.test(fieldText(row, attributes + 1))
  if (isQuoted && count >= 4)
    return columns(count < 6 ? 'country,,region,city' : 'country,,region,city,latitude,longitude')
  // ip-location-db, with a time zone and without; DB-IP Lite has the continent before the country.
  if (count === 7 || count === 8) return columns('country,region,,city,,latitude,longitude')
  if (count === 6)
    return columns(
      isCode ? ',country,region,city,latitude,longitude' : 'country,,region,city,latitude,longitude',
    )
  return undefined
}
