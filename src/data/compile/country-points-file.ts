// Where the table of the countries' points lies.

import { fileURLToPath } from 'node:url'

/** The file that is shipped with asnzone; scripts/country-points.js makes it. */
export const COUNTRY_POINTS_FILE = fileURLToPath(new URL('../../../data/country-points.csv', import.meta.url))
