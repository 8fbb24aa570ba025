// What a zone answers with: a list of types, each with the template of its RDATA.
//
// A new type is its name in ANSWER_TYPES, that name in small letters as a key in definition.ts, a row here, and, unless
// there is a kind of template for it already, a file that compiles one. CONTRIBUTING.md has the recipe.

import { addressTemplate, mapped, mappedAddressTemplate } from './address-template.ts'
import type { ZoneDefinition } from './definition.ts'
import { jsonTemplate } from './json-template.ts'
import { ANSWER_TYPES, type AnswerType, typeNumber } from './record-type.ts'
import type { Template } from './template.ts'
import { TEST_ADDRESS, TEST_JSON, TEST_MAPPED_ADDRESS, TEST_TEXT } from './test-entry.ts'
import { textTemplate } from './text-template.ts'

/** One type that a zone answers with. */
export interface Answer {
  readonly name: AnswerType
  /** The number of the type. */
  readonly type: number
  readonly template: Template
  /** RDATA for the entry that lists have for tests. */
  readonly testEntry: Uint8Array
  /** It says again what another answer says, and the zone file has no word of it. */
  readonly isDerived: boolean
}

/** How a type's template comes from a zone file, where its key is its name in small letters; TXT comes from `json`, too. */
interface Kind {
  /** The template, null where the zone has no such record; throws an Error with a short reason. */
  readonly compile: (definition: ZoneDefinition) => Template | null
  readonly testEntry: (definition: ZoneDefinition) => Uint8Array
}

/** Says that a zone has no record of a type that it would have otherwise. */
const NONE = 'none'

const KINDS: Readonly<Record<AnswerType, Kind>> = {
  TXT: {
    compile: ({ txt, json, unknown, 'multi-origin': multiOrigin }) => {
      if (json !== undefined) return jsonTemplate(json, multiOrigin)
      return txt === undefined ? null : textTemplate(txt, unknown, multiOrigin)
    },
    testEntry: ({ json }) => (json === undefined ? TEST_TEXT : TEST_JSON),
  },
  A: {
    compile: ({ a }) => (a === undefined ? null : addressTemplate(a)),
    testEntry: () => TEST_ADDRESS,
  },
  AAAA: {
    compile: ({ a, aaaa = a === undefined ? NONE : mapped(a) }) =>
      aaaa === NONE ? null : mappedAddressTemplate(aaaa),
    testEntry: () => TEST_MAPPED_ADDRESS,
  },
}

/** The key that a type comes from. */
function keyOf(name: AnswerType, { json }: ZoneDefinition): Lowercase<AnswerType> | 'json' {
  return name === 'TXT' && json !== undefined ? 'json' : (name.toLowerCase() as Lowercase<AnswerType>)
}

/**
 * What a zone answers with, in the order of ANSWER_TYPES.
 *
 * @throws {Error} with a short reason that begins with the field whose template is wrong: `txt: ` or `json.asn: `.
 */
export function compileAnswers(definition: ZoneDefinition): Answer[] {
  return ANSWER_TYPES.flatMap((name) => {
    const { compile, testEntry } = KINDS[name]
    const key = keyOf(name, definition)
    let template: Template | null
    try {
      template = compile(definition)
    } catch (cause) {
      // What is wrong with JSON says itself of which member.
      const { message } = cause as Error
      throw new Error(key === 'json' ? message : `${key}: ${message}`, { cause })
    }
    if (template === null) return []
    const isDerived = definition[key] === undefined
    return [{ name, type: typeNumber(name), template, testEntry: testEntry(definition), isDerived }]
  })
}
