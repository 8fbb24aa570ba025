// Benches, fuzzers and scripts are run seldom: what they import of asnzone has to be there all the same.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { projectPath } from './docs/markdown.ts'

const FILES = ['bench', 'fuzz', 'scripts'].flatMap((folder) =>
  readdirSync(projectPath(folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js') && !name.includes('node_modules'))
    .map((name) => `${folder}/${name}`),
)

/** Each name that a file imports from dist/, and the module that should have it. */
function importsOf(file: string): readonly (readonly [string, string])[] {
  const text = readFileSync(projectPath(file), 'utf8')
  return [...text.matchAll(/^import \{([^}]+)\} from '(\.[^']*\/dist\/[^']+)'/gm)].flatMap(
    ([, names, from]) =>
      names
        .split(',')
        .map((name) => name.trim().replace(/ as .*/, ''))
        .filter((name) => name !== '')
        .map((name) => [name, join(dirname(file), from)] as const),
  )
}

/** The names that a module exports, read and not run: to load all of them takes seconds. */
function exportsOf(module: string): readonly string[] {
  const text = readFileSync(projectPath(module), 'utf8')
  const declared = text.matchAll(/^export (?:async )?(?:function\*?|class|const|let) ([\w$]+)/gm)
  const listed = [...text.matchAll(/^export \{([^}]*)\}/gm)].flatMap(([, names]) => names.split(','))
  return [
    ...[...declared].map(([, name]) => name),
    ...listed.map((name) => name.trim().replace(/.* as /, '')),
  ]
}

test.each(FILES.filter((file) => importsOf(file).length > 0))('%s', (file) => {
  for (const [name, from] of importsOf(file)) {
    expect(exportsOf(from), `${name} of ${from}`).toContain(name)
  }
})
