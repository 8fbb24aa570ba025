// A page of docs/consumers: the files that it tells the administrator to write and the commands that it shows.
// The tests use the very files and run the very commands, so the pages can't go stale.
//
//     `/etc/example.conf`:             the next code block is the whole file
//     `/etc/example.conf`, added:      the next code block stands at the end of the file
//     ```console                       lines after "$ " are commands, the others what they print;
//                                      … stands for anything in a line, and alone for any lines

import { readFileSync } from 'node:fs'
import type { Machine } from './machine.ts'

/** A file that a page tells to write. */
interface PageFile {
  readonly path: string
  readonly added: boolean
  readonly text: string
}

/** A command that a page shows, and what it prints there. */
export interface Shown {
  readonly command: string
  readonly output: string
}

/** A page, or the part of it below one heading. */
export class Page {
  readonly #text: string

  private constructor(text: string) {
    this.#text = text
  }

  /** Reads docs/consumers/NAME.md. */
  static read(name: string): Page {
    return new Page(readFileSync(new URL(`../../../docs/consumers/${name}.md`, import.meta.url), 'utf8'))
  }

  /** Reads docs/NAME.md. */
  static ofDocs(name: string): Page {
    return new Page(readFileSync(new URL(`../../../docs/${name}.md`, import.meta.url), 'utf8'))
  }

  /** The part below a heading, as far as the next one of any level. */
  section(title: string): Page {
    const lines = this.#text.split('\n')
    let inBlock = false
    const headings = lines.flatMap((line, i) => {
      if (line.startsWith('```')) inBlock = !inBlock
      const [, name] = /^#+ (.*)$/.exec(line) ?? []
      return inBlock || name === undefined ? [] : [{ name, line: i }]
    })
    const found = headings.findIndex(({ name }) => name === title)
    if (found < 0) throw new Error(`no heading "${title}"`)
    return new Page(lines.slice(headings[found].line, headings[found + 1]?.line).join('\n'))
  }

  /** The files. */
  get files(): readonly PageFile[] {
    const block = /^`(\/\S+)`(, added)?:\n+```\w*\n(.*?)^```$/gms
    return [...this.#text.matchAll(block)].map(([, path, added, text]) => ({
      path,
      added: added !== undefined,
      text,
    }))
  }

  /** Writes the files on a machine. */
  install(machine: Machine): void {
    this.installOf(machine, /./)
  }

  /** Writes those of the files whose paths match. */
  installOf(machine: Machine, paths: RegExp): void {
    const files = this.files.filter(({ path }) => paths.test(path))
    if (files.length === 0) throw new Error('this part of the page has no file to write')
    for (const { path, added, text } of files) {
      if (added) machine.append(path, text)
      else machine.write(path, text)
    }
  }

  /** The rest of each address in the text that begins with `base`. */
  urls(base: string): readonly string[] {
    return this.#text
      .split(base)
      .slice(1)
      .map((rest) => /^[^`\s]*/.exec(rest)![0])
  }

  /** What it says. */
  get text(): string {
    return this.#text
  }

  /** The commands of its first block of shell. */
  get script(): string {
    return /^```sh\n(.*?)^```$/ms.exec(this.#text)?.[1] ?? ''
  }

  /** The commands, with what they print. */
  get shown(): readonly Shown[] {
    return [...this.#text.matchAll(/^```console\n(.*?)^```$/gms)].flatMap(([, block]) =>
      block
        .split(/^\$ /m)
        .slice(1)
        .map((one) => {
          const [, command, output] = /^((?:.*\\\n)*.*)\n?((?:.*\n)*)$/.exec(one)!
          return { command, output }
        }),
    )
  }
}

/** A pattern for a shown output: … in a line is anything in it, … alone is any lines. */
export function shownPattern(output: string): RegExp {
  const lines = output
    .split('\n')
    .slice(0, -1)
    .map((line) =>
      line === '…' ? '(?:.*\\n)*?' : `${line.split('…').map(escapePattern).join('.*')}[ \\t\\r]*\\n`,
    )
  return new RegExp(`^${lines.join('')}$`)
}

const escapePattern = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
