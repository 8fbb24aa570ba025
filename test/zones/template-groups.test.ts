// Groups of templates: what is cut how, what goes where a field is unknown, and what is refused.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { packetOver } from '../../src/zones/packet.ts'
import { QueriedName } from '../../src/zones/queried-name.ts'
import { splitTemplate, type TemplateGroup, type TemplatePart } from '../../src/zones/template-groups.ts'
import { textTemplate } from '../../src/zones/text-template.ts'
import { textStrings } from '../support/message.ts'
import { smallTable } from '../support/small-table.ts'

type Part = TemplatePart | TemplateGroup

/** A template that is cut into these parts. */
const written = (parts: readonly Part[]): string =>
  parts
    .map(({ literal, field, group }) => {
      if (literal !== undefined) return literal.replace(/[[\]\\]/g, '\\$&')
      return field === undefined ? `[${written(group)}]` : `{${field}}`
    })
    .join('')

/** Parts as a template is cut: no empty literal, and none after another. */
const tidy = <P extends Part>(parts: readonly P[]): P[] =>
  parts.filter(
    ({ literal }, i) => literal === undefined || (literal !== '' && parts[i - 1]?.literal === undefined),
  )

const awkward = fc.string({ unit: fc.constantFrom('[', ']', '\\', '}', ' ', 'a', 'é', '|'), minLength: 1 })
const literal = awkward.map((text): TemplatePart => ({ literal: text }))
const field = fc
  .oneof(
    fc.constantFrom('country', 'city', 'a[b', '\\'),
    fc.string().map((text) => text.replaceAll('}', '')),
  )
  .map((name): TemplatePart => ({ field: name }))
const group = fc
  .tuple(fc.array(literal, { maxLength: 1 }), fc.array(fc.oneof(literal, field)), field)
  .map(([before, between, last]): TemplateGroup => ({ group: tidy([...before, ...between, last]) }))

describe('splitTemplate', () => {
  test('whatever is written is read again', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(literal, field, group)), (parts) => {
        // A literal that is left out may bring two others together, or what was after it.
        const once = tidy(tidy(parts))
        fc.pre(once.every(({ literal }, i) => literal === undefined || once[i - 1]?.literal === undefined))
        expect(splitTemplate(written(once))).toEqual(once)
      }),
      { numRuns: 500 },
    )
  })

  test('any text is cut into parts that mean the same, or refused in words', () => {
    const text = fc.string({ unit: fc.constantFrom('[', ']', '{', '}', '\\', 'a', ' '), maxLength: 16 })
    fc.assert(
      fc.property(text, (template) => {
        let parts: Part[]
        try {
          parts = splitTemplate(template)
        } catch (error) {
          expect((error as Error).message).toContain(`'${template}' has a`)
          return
        }
        expect(splitTemplate(written(parts))).toEqual(parts)
        // Nothing is lost but the backslashes of escapes: each text that stays has its octets in order.
        expect(written(parts).replaceAll('\\', '')).toBe(template.replaceAll('\\', ''))
      }),
      { numRuns: 2000 },
    )
  })

  test('a backslash is a backslash unless a bracket or another one follows', () => {
    expect(splitTemplate('a\\b\\{asn}\\\\ \\[x\\] end\\')).toEqual([
      { literal: 'a\\b\\' },
      { field: 'asn' },
      { literal: '\\ [x] end\\' },
    ])
  })

  test.each([
    ['{country}[, {city}', "has a '[' without a ']'; end the group with ']'"],
    ['{country}, {city}]', "has a ']' without a '['; leave it out"],
    ['[{country}[, {city}]]', "has a '[' within a group; end that group before it with ']'"],
    ['[{country}] [km]', 'has a group without a field; leave its brackets out'],
    ['AS{asn} []', 'has a group without a field; leave its brackets out'],
  ])('refuses %s', (template, reason) => {
    expect(() => splitTemplate(template)).toThrow(
      new Error(`'${template}' ${reason}, or write \\[ and \\] for brackets that are text`),
    )
  })

  test('a field without an end has no group in it', () => {
    expect(() => splitTemplate('[{city] {asn')).toThrow("'[{city] {asn' has a '{' without a '}'")
  })
})

describe('groups in answers', () => {
  const here = { location: 1, distance: 1319, score: { sum: 0, parts: '' } }
  const full = smallTable(undefined, here)
  const bare = smallTable()
  const answer = (template: string, table = full, unknown = '--'): string => {
    const compiled = textTemplate([template], unknown)
    const out = Buffer.alloc(compiled.maxOctets + 4)
    const queried = new QueriedName()
    const entry = table.find4(0x08080808)
    Object.assign(queried, { family: 4, word0: 0x08080808, record: entry >>> 8, prefixLength: entry & 0xff })
    const end = compiled.write(packetOver(out), 0, table, queried)
    expect(end).toBeLessThanOrEqual(compiled.maxOctets)
    return textStrings(out.subarray(0, end)).join('')
  }

  test('go where a field in them is unknown', () => {
    const template = '{country}[, {region}][, {city}][, {distance}km]'
    expect(answer(template)).toBe('US, California, Mountain View, 1319km')
    expect(answer(template, bare)).toBe('US')
  })

  test('go as a whole, and nothing else does', () => {
    expect(answer('[{asn} {city} ]{allocated} {name}[ in {country}]', bare)).toBe('-- Google LLC in US')
    expect(answer('[{allocated}{asn}][{asn}{allocated}]{asn}')).toBe('15169')
  })

  test('may be all of an answer, or its brackets text', () => {
    expect(answer('[{city}]', bare)).toBe('')
    expect(answer('\\[{asn}\\][ \\[{city}\\]]')).toBe('[15169] [Mountain View]')
  })

  test('say what a model says', () => {
    const known = {
      asn: '15169',
      country: 'US',
      prefix: '8.8.8.0/24',
      name: 'Google LLC',
      range: '8.8.8.0-8.8.8.255',
    }
    const names = [...Object.keys(known), 'allocated', 'city', 'distance']
    const anyField = fc.constantFrom(...names).map((name): TemplatePart => ({ field: name }))
    const anyGroup = fc
      .tuple(fc.array(fc.oneof(literal, anyField), { maxLength: 3 }), anyField)
      .map(([parts, last]): TemplateGroup => ({ group: [...parts, last] }))
    const saidOf = (parts: readonly Part[], unknown: string | null): string | null => {
      let said = ''
      for (const part of parts) {
        const text =
          part.literal ??
          (part.field === undefined
            ? (saidOf(part.group, null) ?? '')
            : known[part.field as keyof typeof known]) ??
          unknown
        if (text === null) return null
        said += text
      }
      return said
    }
    fc.assert(
      fc.property(
        fc.array(fc.oneof(literal, anyField, anyGroup), { maxLength: 8 }),
        awkward,
        (parts, unknown) => {
          fc.pre(Buffer.byteLength(written(parts)) < 200)
          expect(answer(written(parts), bare, unknown)).toBe(saidOf(parts, unknown)!.replace(/ +$/, ''))
        },
      ),
      { numRuns: 500 },
    )
  })
})
