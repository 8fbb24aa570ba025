// What a mail server is answered: an action of Postfix's access(5), in the words of the settings.

/** The longest answer, in octets. */
export const MOST_ANSWER_OCTETS = 400

/** The first words that Postfix knows; to any other it answers all mail with 451. */
const WORDS = [
  'REJECT',
  'DEFER',
  'DEFER_IF_PERMIT',
  'DEFER_IF_REJECT',
  'DUNNO',
  'WARN',
  'INFO',
  'PREPEND',
  'HOLD',
]

/** What can be said of a request in an answer. */
export const MACROS = ['user', 'address', 'country', 'rule', 'until'] as const

/** The values of macros. */
export type MacroValues = Readonly<Record<(typeof MACROS)[number], string>>

/** The answer that lets a request go on. */
export const DUNNO = 'DUNNO'

const MACRO = /%\{([^}]*)\}/g

/** Why a text can't be an answer, and what to write; null when it can. */
export function answerFault(text: string): string | null {
  const word = text.split(/\s/, 1)[0]
  if (!WORDS.includes(word.toUpperCase()) && !/^[45]\d\d$/.test(word)) {
    return `'${word}' is not an action of Postfix, which would answer all mail with 451: begin with ${WORDS.join(', ')}, 4NN or 5NN`
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (/[\u0000-\u001f\u007f-\u009f]/.test(text)) return 'it has a control character; write it in one line'
  if (new TextEncoder().encode(text).length > MOST_ANSWER_OCTETS)
    return `it has more than ${MOST_ANSWER_OCTETS} octets`
  for (const [, name] of text.matchAll(MACRO)) {
    if (!(MACROS as readonly string[]).includes(name)) {
      return `there is no %{${name}}; known are ${MACROS.map((known) => `%{${known}}`).join(' ')}`
    }
  }
  return null
}

/** A text with its macros filled in; what they stand for can add no line. */
export function fillIn(text: string, values: MacroValues): string {
  const filled = text.replace(MACRO, (_, name: keyof MacroValues) => clean(values[name]))
  return cut(filled)
}

/** The octets of an answer. */
export const composeAnswer = (action: string): string => `action=${action}\n\n`

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
const clean = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '')

function cut(text: string): string {
  // No unit of a string has more than three octets in UTF-8.
  if (text.length * 3 <= MOST_ANSWER_OCTETS) return text
  const encoder = new TextEncoder()
  let shorter = text
  while (encoder.encode(shorter).length > MOST_ANSWER_OCTETS) shorter = [...shorter].slice(0, -1).join('')
  return shorter
}
