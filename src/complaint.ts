// Turns what a schema complains of into our words: what stands there, and what has to.
//
// A schema of ours says what it expects as a noun phrase, «a duration such as 12h», which follows «is not»; what a
// check of its own throws is a whole sentence, and is taken as it is.

import type { z } from 'zod'
import { nearest } from './nearest.ts'
import { printable } from './printable.ts'

/** The options of `safeParse` for `complaintOf`: what was found is kept, and zod's own words are not made. */
export const FOR_COMPLAINTS = { reportInput: true, error: () => '' } as const

/** The most characters of a text that are shown. */
const MOST_SHOWN = 60

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of keys and values',
  record: 'a map of keys and values',
}

/** What is wrong, in one line without the place. The issue has to come of a parse with `FOR_COMPLAINTS`. */
export function complaintOf(issue: z.core.$ZodIssue): string {
  const { input, message } = issue
  switch (issue.code) {
    case 'custom':
      return message
    case 'unrecognized_keys':
      return `no such key as '${printable(String(issue.keys[0]))}'${message === '' ? '' : `; ${message}`}`
    case 'invalid_key':
      return `'${printable(String(input))}' is not ${issue.issues[0]?.message || 'a key'}`
    case 'too_small':
    case 'too_big':
      return message === '' ? outOfRange(issue) : isNot(input, message)
    case 'invalid_union':
      return message === '' ? noneOf(issue) : isNot(input, message)
    case 'invalid_value':
      return isNot(input, `${message || expectedBy(issue)}${meantOf(input, issue.values.map(String))}`)
    default:
      return isNot(input, message || expectedBy(issue)) + quotedNumber(issue) + emptyMap(issue)
  }
}

/** The word that was probably meant: one of which this is the beginning or the end is, too. */
function meantOf(input: unknown, words: readonly string[]): string {
  if (typeof input !== 'string' || input.length < 3) return ''
  const word = input.toLowerCase()
  const isPart = (it: string): boolean => it.startsWith(word) || (it.length > 2 && word.startsWith(it))
  const meant = words.find(isPart) ?? nearest(word, words)
  return meant === undefined ? '' : `; did you mean '${meant}'?`
}

/** YAML reads what has digits alone as a number. */
function quotedNumber(issue: z.core.$ZodIssue): string {
  const { code, input, message } = issue
  const isText = code === 'invalid_type' && issue.expected === 'string' && message === ''
  return isText && typeof input === 'number' ? `; write "${input}"` : ''
}

/** Who switches something on by `true`, or by its name alone, wants it as it is without any of its keys. */
function emptyMap({ code, input, ...issue }: z.core.$ZodIssue): string {
  const isMap = code === 'invalid_type' && 'expected' in issue && issue.expected === 'object'
  return isMap && (input === true || input === null) ? '; write {} for its defaults' : ''
}

function isNot(input: unknown, expected: string): string {
  if (input === undefined) return `it is missing; write ${expected}`
  return `${shown(input)} is not ${expected}`
}

function shown(input: unknown): string {
  if (input === '') return 'an empty text'
  if (typeof input === 'string') {
    const text = input.length > MOST_SHOWN ? `${input.slice(0, MOST_SHOWN)}…` : input
    return `'${printable(text)}'`
  }
  if (Array.isArray(input)) return input.length === 0 ? 'an empty list' : 'a list'
  if (typeof input === 'object' && input !== null) return 'a map of keys and values'
  return input === null ? 'nothing' : String(input)
}

/** What an issue without a message of its own expects. */
function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[issue.expected] ?? issue.expected
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`
    case 'too_small':
      return issue.origin === 'array' ? 'a list' : 'a text'
    case 'invalid_union':
      return expectedByAny(issue.errors)
    default:
      return issue.message || 'what is read here'
  }
}

function outOfRange(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const { input, inclusive = true } = issue
  const isBelow = issue.code === 'too_small'
  const bound = String(isBelow ? issue.minimum : issue.maximum)
  if (issue.origin === 'string' || issue.origin === 'array') {
    const what = issue.origin === 'string' ? 'text' : 'list'
    if (isBelow) return `the ${what} is empty; write ${what === 'text' ? 'one' : 'one with something in it'}`
    return `the ${what} has more than ${bound} ${what === 'text' ? 'characters' : 'items'}`
  }
  if (!inclusive)
    return `${shown(input)} is too ${isBelow ? 'little; write more' : 'much; write less'} than ${bound}`
  return `${shown(input)} is ${isBelow ? 'less' : 'more'} than ${bound}, the ${isBelow ? 'least' : 'most'}`
}

/** The alternative that came furthest tells most: of the right kind, but for a part of it. */
function noneOf(issue: z.core.$ZodIssueInvalidUnion): string {
  const firsts = issue.errors.flatMap(([first]) => (first === undefined ? [] : [first]))
  const deep = firsts.find(({ path }) => path.length > 0)
  if (deep !== undefined) {
    const [at] = deep.path
    // What a check throws tells of the item itself.
    if (deep.code === 'custom') return complaintOf(deep)
    return `${typeof at === 'number' ? `item ${at + 1}` : String(at)}: ${complaintOf(deep)}`
  }
  const near = firsts.find(({ code }) => code !== 'invalid_type')
  return near === undefined ? isNot(issue.input, expectedByAny(issue.errors)) : complaintOf(near)
}

function expectedByAny(errors: readonly (readonly z.core.$ZodIssue[])[]): string {
  const expected = errors.flatMap(([first]) =>
    first === undefined ? [] : [first.message || expectedBy(first)],
  )
  return [...new Set(expected)].join(' or ')
}
