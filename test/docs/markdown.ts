// Reads the documents of the project, so that tests can hold them against the code.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The path of a file of the project, given from its root. */
export const projectPath = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url))

/** The text of a document, given by its path from the root of the project. */
export const readDocument = (name: string): string => readFileSync(projectPath(name), 'utf8')

/** A fenced block. */
export interface CodeBlock {
  /** What stands behind the fence; may be empty. */
  readonly language: string
  readonly code: string
}

/** All fenced blocks, in order. */
export function codeBlocks(text: string): CodeBlock[] {
  return [...text.matchAll(/^```(\S*)\n(.*?)^```$/gms)].map(([, language, code]) => ({ language, code }))
}

/** The one block of a language that nothing else in the document is written in. */
export function onlyBlock(text: string, language: string): string {
  const blocks = codeBlocks(text).filter((block) => block.language === language)
  if (blocks.length !== 1) throw new Error(`${blocks.length} blocks of ${language}, not one`)
  return blocks[0].code
}

/** A command of a console block, and what the block says that it prints. */
export interface ConsoleExample {
  readonly command: string
  readonly output: string
}

/** The commands of all console blocks: lines behind `$ `, each followed by its output. */
export function consoleExamples(text: string): ConsoleExample[] {
  return codeBlocks(text)
    .filter(({ language }) => language === 'console')
    .flatMap(({ code }) => code.split(/^\$ /m).slice(1))
    .map((example) => {
      const [command, ...output] = example.trimEnd().split('\n')
      return { command, output: output.join('\n') }
    })
}

/** The part of a document below a heading, up to the next heading of the same or a higher rank. */
export function section(text: string, heading: string): string {
  const lines = withoutCode(text).split('\n')
  const start = lines.findIndex((line) => line.replace(/^#+ /, '') === heading && line.startsWith('#'))
  if (start < 0) throw new Error(`there is no heading '${heading}'`)
  const rank = lines[start].indexOf(' ')
  const length = lines.slice(start + 1).findIndex((line) => /^#+ /.test(line) && line.indexOf(' ') <= rank)
  return text
    .split('\n')
    .slice(start + 1, length < 0 ? undefined : start + 1 + length)
    .join('\n')
}

/** The rows of the first table of a text without its head, cell by cell. */
export function firstTable(text: string): string[][] {
  const lines = withoutCode(text).split('\n')
  const start = lines.findIndex((line) => /^\|[-|]+\|$/.test(line))
  if (start < 0) throw new Error('there is no table')
  const rows = lines.slice(start + 1)
  const length = rows.findIndex((line) => !line.startsWith('|'))
  return rows.slice(0, length < 0 ? undefined : length).map((line) =>
    line
      .slice(1, line.lastIndexOf('|'))
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim().replaceAll('\\|', '|')),
  )
}

/** What stands between backticks, outside of fenced blocks. */
export const codeSpans = (text: string): string[] =>
  [...withoutCode(text).matchAll(/`([^`]+)`/g)].map(([, code]) => code)

/** The name that a heading has in links. */
export function anchors(text: string): string[] {
  return [...withoutCode(text).matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** The text with its fenced blocks blanked out, line for line. */
function withoutCode(text: string): string {
  return text.replace(/^```\S*\n.*?^```$/gms, (block) => block.replace(/[^\n]/g, ''))
}
