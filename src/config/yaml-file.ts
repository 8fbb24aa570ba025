// Reads a YAML file and knows which line a value stands on, so that an error can name it.

import {
  type Alias,
  type Document,
  isNode,
  LineCounter,
  parseDocument,
  visit,
  type YAMLParseError,
} from 'yaml'
import { AsnzoneError, type ErrorCode } from '../errors.ts'
import { printable } from '../printable.ts'
import { fileReason } from '../system/file-reason.ts'
import { readNamedText } from '../system/safe-file.ts'

/** The contents of a YAML file. */
export interface YamlFile {
  readonly contents: unknown
  /** `file:line` of the value at a path of keys, or of the nearest one above it that exists. */
  readonly where: (path: readonly PropertyKey[]) => string
}

/** @throws {AsnzoneError} of the given code when the file can't be read or is not YAML. */
export function readYamlFile(path: string, code: ErrorCode): YamlFile {
  return parseYaml(path, readText(path, code), code)
}

/** @throws {AsnzoneError} of the given code when the file can't be read. */
export function readText(path: string, code: ErrorCode): string {
  try {
    return readNamedText(path)
  } catch (cause) {
    throw new AsnzoneError(code, `${path}: ${fileReason(cause)}`, { cause })
  }
}

/**
 * @param path where the text comes from
 * @throws {AsnzoneError} of the given code when the text is not YAML.
 */
export function parseYaml(path: string, text: string, code: ErrorCode): YamlFile {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const [error] = document.errors
  if (error !== undefined) {
    const [at] = error.pos
    const message = messageOf(error, text.slice(0, at), text.slice(at))
    const line = Math.min(lines.linePos(at).line, lastLine(text))
    throw new AsnzoneError(code, `${path}:${line}: ${message}`, { cause: error })
  }
  const where = (keys: readonly PropertyKey[]): string => {
    for (let depth = keys.length; depth > 0; depth--) {
      const node = document.getIn(keys.slice(0, depth), true)
      if (isNode(node) && node.range) return `${path}:${lines.linePos(node.range[0]).line}`
    }
    return path
  }
  try {
    return { contents: document.toJS() ?? {}, where }
  } catch (cause) {
    // Aliases of nothing, or of far too much, come to light only here.
    const alias = aliasOfNothing(document)
    const line = alias?.range ? `:${lines.linePos(alias.range[0]).line}` : ''
    const message = alias === null ? (cause as Error).message : unresolved(alias)
    throw new AsnzoneError(code, `${path}${line}: ${message}`, { cause })
  }
}

/** The last line with more than a comment, counted from 1: what is missing at the end is missing there. */
function lastLine(text: string): number {
  const last = text.split('\n').findLastIndex((line) => /^\s*[^\s#]/.test(line))
  return Math.max(last, 0) + 1
}

/** What the parser says in words that are for programmers, or without what to do, by its code. */
const MESSAGES: Partial<Record<YAMLParseError['code'], string>> = {
  MULTIPLE_DOCS: "here a second document begins, after a line of '---' or '...'; leave that line out",
  TAB_AS_INDENT: 'a tab indents this line, which YAML forbids; write blanks',
}

function aliasOfNothing(document: Document): Alias | null {
  let found: Alias | null = null
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document) !== undefined) return undefined
      found = alias
      return visit.BREAK
    },
  })
  return found
}

function unresolved({ source }: Alias): string {
  const text = printable(`*${source}`)
  return `${text} stands for a value that is marked with &${printable(source)}, and none is; a text that begins with * needs quotation marks: "${text}"`
}

/** What is wrong between what stands before and what begins there. */
function messageOf({ code, message }: YAMLParseError, before: string, rest: string): string {
  if (code === 'DUPLICATE_KEY') return doubled(rest)
  const known = MESSAGES[code]
  if (known !== undefined) return known
  // Within a map in braces, a brace ends a word that has no quotation marks: l.{domain}.
  const [braces] = /^\{[^\s{}]*\}[^\s,{}[\]]*/.exec(rest) ?? []
  const [word] = /[^\s,{}[\]]*$/.exec(before) ?? ['']
  if (code !== 'UNEXPECTED_TOKEN' || braces === undefined || word === '') return message
  return `a text with braces needs quotation marks here: write "${printable(word + braces)}"`
}

/** The complaint about a key that its map has already. */
function doubled(rest: string): string {
  const [key] = /^("[^"\n]*"|'[^'\n]*'|[^:\n]*)/.exec(rest) ?? ['']
  return `the key ${printable(key.trim())} is there twice; leave one out`
}
