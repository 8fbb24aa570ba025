// A file in which no row tells anything is no data, whatever its format: it would date the data, and leave all of it out.

import { expect, test } from 'vitest'
import { FORMATS, type Format, type FormatName } from '../../src/data/formats/formats.ts'
import { temporaryFolder } from '../support/folders.ts'
import { loadSmall } from '../support/load-small.ts'

/** Without rows, as each format writes it. */
const EMPTY: Readonly<Record<string, string>> = {
  'vrp-json': '{"roas":[]}',
  'vrp-csv': 'ASN,IP Prefix,Max Length,Trust Anchor\n',
  overrides: 'cidr,asn,name\n',
}

const cases = (Object.entries(FORMATS) as [FormatName, Format][]).flatMap(([format, { datasets, kind }]) =>
  kind === 'binary' ? [] : datasets.map((dataset) => ({ format, dataset })),
)

test.each(cases)('$format for $dataset', async ({ format, dataset }) => {
  const folder = temporaryFolder({ file: EMPTY[format] ?? '' })
  const source = {
    dataset,
    format,
    name: 'the file',
    path: `${folder}/file`,
    date: null,
    licence: '',
    attribution: '',
  }
  const table = loadSmall([source])
  if (dataset === 'override') await expect(table).resolves.toBeDefined()
  else
    await expect(table).rejects.toMatchObject({
      code: 'ASNZONE_DATA',
      message: expect.stringMatching(/^the file:/),
    })
})
