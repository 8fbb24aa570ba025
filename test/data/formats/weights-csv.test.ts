// Weights in files that people write.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readWeights } from '../../../src/data/compile/weights.ts'
import { readWeightFile } from '../../../src/data/formats/weights-csv.ts'
import { NO_WEIGHTS } from '../../../src/score/weights.ts'
import { temporaryFolder } from '../../support/folders.ts'

function fileOf(csv: string, name = 'weights.csv'): string {
  const file = join(temporaryFolder(), name)
  writeFileSync(file, csv)
  return file
}

describe('readWeightFile', () => {
  it('reads countries, AS numbers and networks; skips comments, empty lines and notes', async () => {
    const file = fileOf(
      [
        '\ufeffsubject,weight,note',
        '# a comment with a "quote", a comma',
        '',
        'AS64500,-20,"bulletproof hosting,\nsays Example"',
        'as64501, +3',
        '192.0.2.0/24,15',
        '2001:db8::/32,-7,documentation',
        '198.51.100.7,1',
        'cn,-5',
        ',,',
      ].join('\r\n'),
    )
    expect(await readWeightFile(file)).toEqual({
      countries: [{ codes: ['CN'], weight: -5 }],
      asns: [
        { asns: [64500], weight: -20 },
        { asns: [64501], weight: 3 },
      ],
      prefixes: [
        { cidr: '192.0.2.0/24', weight: 15 },
        { cidr: '2001:db8::/32', weight: -7 },
        { cidr: '198.51.100.7', weight: 1 },
      ],
    })
  })

  it.each([
    { name: 'no header', rows: 'AS1,5\n', line: 1, reason: "the first row has to be 'subject,weight'" },
    {
      name: 'no weight',
      rows: 'subject,weight\nAS1\n',
      line: 2,
      reason: 'a row needs subject, weight',
    },
    {
      name: 'a fraction',
      rows: 'subject,weight\n\nAS1,1.5\n',
      line: 3,
      reason: "'1.5' is not a whole number",
    },
    { name: 'an empty weight', rows: 'subject,weight\nAS1,\n', line: 2, reason: "'' is not a whole number" },
    { name: 'a word', rows: 'subject,weight\nAS1,bad\n', line: 2, reason: "'bad' is not a whole number" },
    {
      name: 'a weight beyond reason',
      rows: 'subject,weight\nAS1,1000001\n',
      line: 2,
      reason: "'1000001' is not a whole",
    },
    {
      name: 'a country that is none',
      rows: 'subject,weight\nXX,5\n',
      line: 2,
      reason: "'XX' is not an ISO 3166-1",
    },
    { name: 'AS0', rows: 'subject,weight\nAS0,5\n', line: 2, reason: "'AS0' is not an AS number" },
    {
      name: 'IPv4 inside IPv6',
      rows: 'subject,weight\n::ffff:8.8.8.0/120,5\n',
      line: 2,
      reason: "'::ffff:8.8.8.0/120' is IPv4 inside IPv6; write 8.8.8.0/24",
    },
    { name: 'a bad CIDR', rows: 'subject,weight\n1.2.3.0/33,5\n', line: 2, reason: "'1.2.3.0/33' is not" },
    { name: 'something else', rows: 'subject,weight\nGoogle,5\n', line: 2, reason: "'Google' is neither" },
    {
      name: 'a subject twice, behind a note of two lines',
      rows: 'subject,weight,note\nAS1,5,"a\nb"\nas1,6,\n',
      line: 4,
      reason: 'as1 has a weight in line 2 already',
    },
    { name: 'a quote that is not closed', rows: 'subject,weight\nAS1,5,"x\nAS2,1\n', line: 2, reason: '' },
  ])('refuses $name with the line', async ({ rows, line, reason }) => {
    const file = fileOf(rows)
    await expect(readWeightFile(file)).rejects.toThrow(`${file}:${line}: ${reason}`)
    await expect(readWeightFile(file)).rejects.toMatchObject({ code: 'ASNZONE_CONFIG' })
  })

  it('names a file that is missing', async () => {
    await expect(readWeightFile('/nowhere/weights.csv')).rejects.toThrow(
      '/nowhere/weights.csv: there is no such file or directory',
    )
  })
})

describe('readWeights', () => {
  it('gives none where they are switched off, and reads the files all the same', async () => {
    const countries = [{ codes: ['US'], weight: 3 }]
    const off = { ...NO_WEIGHTS, default: -5, countries, enabled: false }
    expect(await readWeights({ ...off, files: [] })).toEqual(NO_WEIGHTS)
    await expect(readWeights({ ...off, files: ['/nonexistent/weights.csv'] })).rejects.toThrow(/weights\.csv/)
  })

  it('puts the config before its files, and the files in their order', async () => {
    const first = fileOf('subject,weight\nDE,1\nAS2,2\n', 'first.csv')
    const second = fileOf('subject,weight\nDE,3\n10.0.0.0/8,4\n', 'second.csv')
    const countries = [{ codes: ['US'], weight: 10 }]
    const weights = await readWeights({ ...NO_WEIGHTS, default: -5, countries, files: [first, second] })
    expect(weights).toEqual({
      ...NO_WEIGHTS,
      default: -5,
      countries: [...countries, { codes: ['DE'], weight: 1 }, { codes: ['DE'], weight: 3 }],
      asns: [{ asns: [2], weight: 2 }],
      prefixes: [{ cidr: '10.0.0.0/8', weight: 4 }],
    })
  })
})
