// What a zone answers with: a list of types, each with the template of its RDATA.
//
// A new type is its name in ANSWER_TYPES, that name in small letters as a key in definition.ts, a row here, and, unless
// there is a kind of template for it already, a file that compiles one. CONTRIBUTING.md has the recipe.

import { addressTemplate, mapped, mappedAddressTemplate } from './address-template.ts'
import type { ZoneDefinition } from './definition.ts'
import { ANSWER_TYPES, type AnswerType, typeNumber } from './record-type.ts'
import type { Template } from './template.ts'
import { TEST_ADDRESS, TEST_MAPPED_ADDRESS, TEST_TEXT } from './test-entry.ts'
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

/** How a type's template comes from a zone file, where its key is its name in small letters. */
interface Kind {
  /** The template, null where the zone has no such record; throws an Error with a short reason. */
  readonly compile: (definition: ZoneDefinition) => Template | null
  readonly testEntry: Uint8Array
}

/** Says that a zone has no record of a type that it would have otherwise. */
const NONE = 'none'

const KINDS: Readonly<Record<AnswerType, Kind>> = {
  TXT: {
    compile: ({ txt, unknown, 'multi-origin': multiOrigin }) =>
      txt === undefined ? null : textTemplate(txt, unknown, multiOrigin),
    testEntry: TEST_TEXT,
  },
  A: {
    compile: ({ a }) => (a === undefined ? null : addressTemplate(a)),
    testEntry: TEST_ADDRESS,
  },
  AAAA: {
    compile: ({ a, aaaa = a === undefined ? NONE : mapped(a) }) =>
      aaaa === NONE ? null : mappedAddressTemplate(aaaa),
    testEntry: TEST_MAPPED_ADDRESS,
  },
}

/**
 * What a zone answers with, in the order of ANSWER_TYPES.
 *
 * @throws {Error} with a short reason that names the field whose template is wrong.
 */
export function compileAnswers(definition: ZoneDefinition): Answer[] {
  return ANSWER_TYPES.flatMap((name) => {
    const { compile, testEntry } = KINDS[name]
    const key = name.toLowerCase() as Lowercase<AnswerType>
    let template: Template | null
    try {
      template = compile(definition)
    } catch (cause) {
      throw new Error(`${key}: ${(cause as Error).message}`, { cause })
    }
    const isDerived = definition[key] === undefined
    return template === null ? [] : [{ name, type: typeNumber(name), template, testEntry, isDerived }]
  })
}
