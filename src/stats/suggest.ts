// Proposes weights of countries from the queries that were seen.
//
// The countries that most queries come from get the most, those that are next get half of it, all others the
// opposite: the classes that Geo Weight's manual begins with. What was seen is spam, too, so this is a start to
// be looked at, not a judgement.

import type { CountryRow } from './database.ts'

/** Shares of the queries, added up from the country with the most, and the weight up to each. */
const CLASSES = [
  { share: 0.8, weight: 10 },
  { share: 0.95, weight: 5 },
] as const

const OTHERS = -5

/** All that a score can weigh. */
const COUNTRY = /^[A-Z]{2}$/

/** A `score` setting as YAML. Rows of one interval, the most queries first. */
export function suggestScore(rows: readonly CountryRow[]): string {
  const known = rows.filter(({ country }) => COUNTRY.test(country))
  const total = known.reduce((sum, { counter }) => sum + counter, 0)
  const classes = CLASSES.map(({ weight }) => ({ weight, codes: [] as string[] }))
  let before = 0
  for (const { country, counter } of known) {
    // A country belongs to the class that its first query falls into.
    const at = CLASSES.findIndex(({ share }) => before < share * total)
    if (at >= 0) classes[at].codes.push(country)
    before += counter
  }
  const lines = classes
    .filter(({ codes }) => codes.length > 0)
    .flatMap(({ codes, weight }) => [`    - codes: [${codes.join(', ')}]`, `      weight: ${weight}`])
  const countries = lines.length === 0 ? ['  countries: []'] : ['  countries:', ...lines]
  return [
    `# From ${total} queries of ${known.length} countries. They are of spam as well: look before you use it.`,
    'score:',
    ...countries,
    `  default: ${OTHERS}`,
    '',
  ].join('\n')
}
