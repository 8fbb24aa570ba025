// Writes the manual pages into dist/man; npm run build:man, after build:ts.

import { mkdirSync, writeFileSync } from 'node:fs'
import { manualPages } from '../dist/cli/manual.js'

const folder = new URL('../dist/man/', import.meta.url)
const seconds = process.env.SOURCE_DATE_EPOCH
const date = seconds === undefined ? new Date() : new Date(Number(seconds) * 1000)

mkdirSync(folder, { recursive: true })
for (const [name, page] of Object.entries(manualPages(date.toISOString().slice(0, 10)))) {
  writeFileSync(new URL(name, folder), page)
}
