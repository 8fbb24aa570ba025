// Completion, in the shells themselves, and the manual pages by mandoc's judgement.

import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { type CommandNode, commandTree } from '../../src/cli/command-tree.ts'
import { completionScript, type Shell } from '../../src/cli/completion.ts'
import { createProgram } from '../../src/cli/program.ts'
import { environmentName, SETTINGS, settingNames } from '../../src/config/settings.ts'
import { projectPath } from '../docs/markdown.ts'
import { temporaryFolder } from '../support/folders.ts'

const commands: readonly CommandNode[] = commandTree(createProgram())

/** .ci/run sets it: a program that is missing is a failure there. */
const isMissing = (program: string): boolean =>
  !process.env.REQUIRE_PROGRAMS && spawnSync(program, ['--version']).error !== undefined

const scriptOf = (shell: Shell): string =>
  join(temporaryFolder({ asnzone: completionScript(commands, shell) }), 'asnzone')

/** What each shell is to offer for a line that ends where the cursor is. */
const OFFERS = [
  ['commands', 'asnzone pro', ['probe']],
  ['options', 'asnzone serve --log-', ['--log-file', '--log-format', '--log-level']],
  ['options of a command only', 'asnzone probe --log-', []],
  ['values', 'asnzone serve --log-level w', ['warn']],
  ['values of an argument', 'asnzone init st', ['stalwart']],
] as const

describe.skipIf(isMissing('bash'))('bash', () => {
  test.each(OFFERS)('%s', (_, line, words) => {
    const typed = line.split(' ')
    const set = `COMP_WORDS=(${typed.join(' ')}); COMP_CWORD=${typed.length - 1}`
    const program = `set -u; source "$0"; ${set}; _asnzone; printf '%s\\n' "\${COMPREPLY[@]}"`
    const offered = execFileSync('bash', ['-c', program, scriptOf('bash')], { encoding: 'utf8' })
    expect(offered.trim().split('\n').filter(Boolean).sort()).toEqual(words)
  })
})

describe.skipIf(isMissing('fish'))('fish', () => {
  test.each(OFFERS)('%s', (_, line, words) => {
    const program = `source ${scriptOf('fish')}; complete -C '${line}'`
    const env = { ...process.env, HOME: temporaryFolder() }
    const offered = execFileSync('fish', ['--no-config', '-c', program], { encoding: 'utf8', env })
    const names = offered.split('\n').map((it) => it.split('\t')[0])
    // From version 4 on it offers what has the word anywhere in it, too, such as --query-log-every for --log-.
    const typed = line.split(' ').at(-1) as string
    expect(names.filter((name) => name.startsWith(typed)).sort()).toEqual(words)
  })
})

describe.skipIf(isMissing('zsh'))('zsh', () => {
  test.each(OFFERS)('%s', (_, line, words) => {
    // What zsh's own functions are given to choose from; they have tests of their own.
    const program = `
      compdef() { : }
      _describe() { print -rl -- \${(P)2} }
      _arguments() { print -rl -- "$@" }
      source $0
      words=(\${=1}) CURRENT=$#words
      _asnzone`
    const offered = execFileSync('zsh', ['-f', '-c', program, scriptOf('zsh'), line], { encoding: 'utf8' })
    for (const word of words) expect(offered).toMatch(new RegExp(`(^|[*(: ])${word}\\b`, 'm'))
    if (words.length === 0) expect(offered).not.toContain(line.split(' ').at(-1))
  })
})

describe('the manual', () => {
  let pages: Record<string, string>

  beforeAll(() => {
    const folder = projectPath('dist/man')
    pages = Object.fromEntries(
      readdirSync(folder).map((name) => [
        name,
        readFileSync(join(folder, name), 'utf8').replaceAll('\\-', '-'),
      ]),
    )
  })

  test.skipIf(isMissing('mandoc'))('mandoc has nothing to say about it', () => {
    for (const name of Object.keys(pages)) {
      const { stdout } = spawnSync('mandoc', ['-Tlint', projectPath(`dist/man/${name}`)], {
        encoding: 'utf8',
      })
      expect(stdout).toBe('')
    }
  })

  test('asnzone(1) has every command and every option that is not a setting', () => {
    const page = pages['asnzone.1']
    for (const { name, options } of commands) {
      expect(page).toMatch(new RegExp(`^\\.SS asnzone ${name}\\b`, 'm'))
      for (const { long, isSetting } of options) {
        if (!isSetting) expect(page).toMatch(new RegExp(`^\\.B (-\\w, )?--${long}\\b`, 'm'))
      }
    }
  })

  test('asnzone.yaml(5) has every setting', () => {
    const page = pages['asnzone.yaml.5']
    for (const name of settingNames) {
      expect(page).toMatch(new RegExp(`^\\.TP\\n\\.B ${name}: `, 'm'))
      if (SETTINGS[name].kind !== 'structure') expect(page).toContain(environmentName(name))
    }
  })
})
