// Prints web/world.svg, the map of the pages, made from the public-domain shapes of Natural Earth (world-atlas):
// node scripts/make-world.js > web/world.svg
//
// The projection is Equal Earth, which shows areas as they are; web/map.js projects points in the same way. A
// country that is too small for the coarse shapes is a dot at its middle.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { geoCentroid, geoEqualEarth, geoPath } from 'd3-geo'
import countries from 'i18n-iso-countries'
import { feature } from 'topojson-client'

/** The picture: all longitudes, without Antarctica. */
const WIDTH = 960
const SCALE = WIDTH / (2 * 2.7066299836960748)
const NORTH = 84
const SOUTH = -57

/** The radius of a dot. */
const DOT = 2.2

const { resolve } = createRequire(import.meta.url)
const read = (name) => JSON.parse(readFileSync(resolve(`world-atlas/${name}.json`), 'utf8'))

/** The alpha-2 code of a shape; '' for land that has none. Natural Earth has no number for Kosovo. */
function codeOf({ id, properties }) {
  if (properties.name === 'Kosovo') return 'XK'
  return id === undefined ? '' : (countries.numericToAlpha2(id) ?? '')
}

/** The map as SVG. */
function worldSvg() {
  const projection = geoEqualEarth().scale(SCALE).translate([0, 0])
  const [, top] = projection([0, NORTH])
  const [, bottom] = projection([0, SOUTH])
  projection.translate([WIDTH / 2, -top])
  const path = geoPath(projection).digits(1)
  const coarse = read('countries-110m')
  const fine = read('countries-50m')
  const shapes = feature(coarse, coarse.objects.countries).features.filter((it) => codeOf(it) !== 'AQ')
  const known = new Set(shapes.map(codeOf))
  const small = feature(fine, fine.objects.countries).features.filter((it) => {
    const code = codeOf(it)
    return code !== '' && code !== 'AQ' && !known.has(code)
  })
  const dots = [...new Map(small.map((it) => [codeOf(it), it]))].map(([code, it]) => {
    const [x, y] = projection(geoCentroid(it)).map((number) => number.toFixed(1))
    return `<circle data-country="${code}" cx="${x}" cy="${y}" r="${DOT}"/>`
  })
  const paths = shapes.map((it) => {
    const code = codeOf(it)
    return `<path${code === '' ? '' : ` data-country="${code}"`} d="${path(it)}"/>`
  })
  const sphere = `<path class="sea" d="${path({ type: 'Sphere' })}"/>`
  const height = Math.round(bottom - top)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}">`,
    '<!-- Made by scripts/make-world.js from Natural Earth, which is in the public domain. -->',
    sphere,
    ...paths,
    ...dots,
    '</svg>',
    '',
  ].join('\n')
}

process.stdout.write(worldSvg())
