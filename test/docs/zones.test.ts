// docs/zones.md against the code: fields, defaults, countries, and the errors that it shows.

import { beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { PRESETS, placeOfField, readZoneDefinitions } from '../../src/config/zone-files.ts'
import { allCountryCodes, countryNumber } from '../../src/data/countries.ts'
import { askResponder } from '../../src/dns/ask-responder.ts'
import { Responder } from '../../src/dns/responder.ts'
import { NO_WEIGHTS } from '../../src/score/weights.ts'
import { addressTemplate } from '../../src/zones/address-template.ts'
import { parseZoneFile, type ZoneDefinition } from '../../src/zones/definition.ts'
import { jsonTemplate } from '../../src/zones/json-template.ts'
import { CONDITION_NAMES } from '../../src/zones/lists.ts'
import { textFieldNames } from '../../src/zones/text-template.ts'
import { compileZoneSet } from '../../src/zones/zone-set.ts'
import { temporaryFolder } from '../support/folders.ts'
import { smallTable } from '../support/small-table.ts'
import { type SmallFile, tableOf } from '../support/table-of-rows.ts'
import { codeBlocks, codeSpans, firstTable, readDocument, section } from './markdown.ts'

const manual = readDocument('docs/zones.md')
const [{ code: everyField }] = codeBlocks(section(manual, 'Every field, in one example'))
const options = {
  domain: 'asnzone.internal',
  countries: ['US'],
  authority: { nameservers: [Uint8Array.of(0)], contact: Uint8Array.of(0), serial: 1, about: [] },
}

describe('fields of a zone', () => {
  const rows = firstTable(section(manual, 'Every field, in one example'))
  const fields = rows.map(([field]) => codeSpans(field)[0])

  test('the example has them all and compiles', () => {
    // What no zone can have together is in the second one.
    const [written, second] = Object.values((parse(everyField) as { zones: Record<string, object> }).zones)
    expect(Object.keys(written)).toEqual(fields.filter((field) => field !== 'json'))
    expect(Object.keys({ ...written, ...second }).sort()).toEqual([...fields].sort())
    const zones = compile(parseZoneFile('example.yaml', parse(everyField)))
    const names = ['networks.asnzone.internal', 'networks.example.net', 'objects.asnzone.internal']
    expect(zones.map(({ name }) => name)).toEqual(names)
  })

  test('none is missing: these are what a definition consists of', () => {
    const [first, second] = parseZoneFile('example.yaml', parse(everyField))
    const { id: _id, file: _file, ...definition } = { ...second, ...first }
    expect(Object.keys(definition).sort()).toEqual([...fields].sort())
  })

  test('defaults', () => {
    const example = { ask: '8.8.8.8', type: 'TXT', answer: '' }
    const min = { apex: 'a', owner: 'ip', txt: '', example }
    const definition = parseZoneFile('least.yaml', { zones: { min } })[0] as unknown as Record<
      string,
      unknown
    >
    for (const [field, , standard] of rows) {
      const [name] = codeSpans(field)
      const [shown] = codeSpans(standard)
      if (shown !== undefined) expect([name, String(definition[name])]).toEqual([name, shown])
    }
  })
})

describe('lists of your own', () => {
  const part = section(manual, 'Lists of your own')
  const examples = codeBlocks(part).map(({ code }) => code)
  let responder: Responder

  beforeAll(async () => {
    const folder = temporaryFolder(Object.fromEntries(examples.map((code, i) => [`${i}.yaml`, code])))
    const definitions = readZoneDefinitions(folder, []).filter(({ file }) => file.startsWith(folder))
    const file = (
      dataset: SmallFile['dataset'],
      contents: string,
      format: SmallFile['format'] = 'ip-location-db',
    ): SmallFile => ({
      dataset,
      format,
      name: `${format}-${dataset}`,
      contents,
    })
    const table = await tableOf(
      [
        file(
          'asn',
          '8.8.8.0,8.8.8.255,15169,Google LLC\n159.99.0.0,159.99.0.255,14061,"DigitalOcean, LLC"\n',
        ),
        file('asn', '77.0.0.0\t24\t64500\n', 'pfx2as'),
        file('rpki', 'ASN,IP Prefix,Max Length,Trust Anchor\nAS64501,77.0.0.0/24,24,ripe\n', 'vrp-csv'),
        file('country', '8.8.8.0,8.8.8.255,US\n77.0.0.0,77.0.0.255,RU\n159.99.0.0,159.99.0.255,NL\n'),
      ],
      {
        originPoint: { latitude: 52.52, longitude: 13.4 },
        weights: { ...NO_WEIGHTS, countries: [{ codes: ['RU'], weight: -10 }] },
      },
    )
    responder = new Responder(table, compileZoneSet(definitions, options))
  })

  test('the shortest is three lines below the key of all zones', () => {
    expect(examples).toHaveLength(6)
    expect(examples[0].trimEnd().split('\n')).toHaveLength(4)
  })

  test.each(firstTable(part).map((row) => row.map((cell) => codeSpans(cell)[0] ?? cell)))(
    '%s is %s, %s',
    (name, address, text) => {
      const expected = (answer: string): string => (answer === 'NXDOMAIN' ? '' : answer)
      expect(askResponder(responder, name, 'A')).toBe(expected(address))
      expect(askResponder(responder, name, 'TXT').replaceAll('"', '')).toBe(expected(text))
    },
  )

  test('conditions', () => {
    const documented = part.slice(part.indexOf('| condition |'))
    expect(firstTable(documented).map(([name]) => codeSpans(name)[0])).toEqual(CONDITION_NAMES)
  })
})

describe('template fields', () => {
  const part = section(manual, 'Template fields')

  test('of a TXT record', () => {
    const documented = firstTable(part).map(([field]) => codeSpans(field)[0])
    expect(documented).toEqual(textFieldNames().map((name) => `{${name}}`))
  })

  test('of an A record', () => {
    const known = messageOf(() => addressTemplate('{?}.0.0.0')).replace(/.* known are /, '')
    const sentence = part.slice(part.indexOf('In `a`'), part.indexOf('Everything else'))
    expect(codeSpans(sentence).filter((code) => code.startsWith('{'))).toEqual(known.split(' '))
  })
})

describe('groups', () => {
  const SEATTLE = {
    continent: 'NA',
    city: 'Seattle',
    region: 'WA',
    country: 'US',
    latitude: '47.6',
    longitude: '-122.3',
  }
  const known = smallTable(undefined, { location: 1, distance: 1319 }, SEATTLE)
  const unknown = smallTable()
  const places = section(readDocument('docs/score.md'), 'What is shown of a place')
  const rows = [
    ...firstTable(section(manual, 'Groups')),
    ...firstTable(places).map(([, ...cells]) => cells),
  ].map((cells) => cells.map(codeSpans))

  test.each(rows.map(([[template, stands = ''], [all], [little]]) => [template, stands, all, little]))(
    '%s',
    (template, stands, all, little) => {
      const txt = template
      const zone = {
        apex: 'who.test',
        owner: 'ip',
        txt,
        ...parse(stands),
        example: { ask: '', type: 'TXT', answer: '' },
      }
      const zones = compileZoneSet(parseZoneFile('own.yaml', { zones: { zone } }), options, placeOfField)
      const answers = [known, unknown].map((table) =>
        askResponder(new Responder(table, zones), '8.8.8.8.who.test', 'TXT'),
      )
      expect(answers).toEqual([`"${all}"`, `"${little}"`])
    },
  )
})

test('the object of the preset json, and how long it may get', () => {
  const part = section(manual, 'JSON')
  const preset = readZoneDefinitions(undefined, []).find(({ id }) => id === 'json')!
  expect(part).toContain(`\n${preset.example?.answer}\n`)
  expect(part).toContain(`has ${jsonTemplate(preset.json!, false).maxOctets} of the 1,024 octets`)
})

test('kinds of owner', () => {
  const documented = firstTable(section(manual, 'Names')).map(([owner]) => codeSpans(owner)[0])
  const zone = { apex: 'a', owner: '?', txt: '', example: { ask: '', type: 'TXT', answer: '' } }
  const known = messageOf(() => parseZoneFile('x.yaml', { zones: { zone } })).replace(/.* is not one of /, '')
  expect(documented.join(', ')).toBe(known)
})

describe('countries as numbers', () => {
  const part = section(manual, 'Countries as numbers')

  test.each(firstTable(part).map((row) => [row[0].slice(0, 2), ...row.slice(1)]))(
    '%s',
    (code, number, address) => {
      const n = countryNumber(code)
      expect(String(n)).toBe(number)
      expect(`127.0.${n >> 8}.${n & 255}`).toBe(address)
    },
  )

  test('how many there are', () => {
    expect(part).toContain(`${allCountryCodes().length} of them`)
  })
})

describe('what is refused', () => {
  const blocks = codeBlocks(section(manual, 'What is refused, and how')).map(({ code }) => code)
  const pairs = blocks.flatMap((code, i) => (i % 2 === 0 ? [[blocks[i + 1].trimEnd(), code] as const] : []))

  test.each(pairs)('%s', (message, code) => {
    const folder = temporaryFolder({ 'wrong.yaml': code })
    const shown = messageOf(() => compile(readZoneDefinitions(folder, [])))
    expect(shown.replaceAll(`${folder}/`, '').replaceAll(PRESETS, '')).toBe(message)
  })
})

function compile(definitions: readonly ZoneDefinition[]) {
  return compileZoneSet(definitions, options, placeOfField).zones
}

function messageOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('nothing was refused')
}
