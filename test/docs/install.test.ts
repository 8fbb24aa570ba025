// docs/install.md, and that no page sends readers to a name that we don't hold.

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { codeBlocks, projectPath, readDocument } from './markdown.ts'

const FOLDERS = ['.ci', '.github', 'docker', 'docs', 'scripts', 'src', 'web']

/** All that is read or run by others. */
const texts = [
  ...readdirSync(projectPath('.'), { withFileTypes: true }).filter((entry) => entry.isFile()),
  ...FOLDERS.flatMap((folder) =>
    readdirSync(projectPath(folder), { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    ),
  ),
].map((entry) => {
  const path = `${entry.parentPath}/${entry.name}`
  return [path.slice(projectPath('.').length), readFileSync(path, 'utf8')] as const
})

/** A command that would take asnzone, or something for it, from the registry by its name. */
const FROM_REGISTRY =
  /\bnpm (?:install|i|add|exec|update|view)\b(?: -\S+)* asnzone\b(?!@\.)|\bpnpm add\b.*asnzone|\byarn\b.* add asnzone|\bnpx (?!--no-install )(?:-\S+ )*asnzone\b/

test('nothing installs asnzone from the registry by its name, which is free for anybody to take', () => {
  expect(texts.length).toBeGreaterThan(200)
  const strays = texts.filter(([path, text]) => path !== 'docs/release.md' && FROM_REGISTRY.test(text))
  expect(strays.map(([path]) => path)).toEqual([])
})

test('such commands would be found', () => {
  for (const command of [
    'npm install --global asnzone',
    'npm i -g asnzone@0.1.0',
    'npm install asnzone',
    'npx asnzone zones',
  ]) {
    expect(command).toMatch(FROM_REGISTRY)
  }
  expect('npm install --global ./dist-packages/asnzone-*.tgz').not.toMatch(FROM_REGISTRY)
})

describe('docs/install.md', () => {
  const page = readDocument('docs/install.md')
  const { scripts, engines } = JSON.parse(readDocument('package.json')) as {
    scripts: Record<string, string>
    engines: { node: string }
  }

  test('its commands of npm are there', () => {
    const named = [...page.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name)
    expect(named).toContain('package')
    expect(named.filter((name) => !(name in scripts))).toEqual([])
  })

  test('each way of installing has its lines', () => {
    const blocks = codeBlocks(page).map(({ code }) => code)
    for (const what of ['apt-get install ./', 'tar --extract', 'npm run build', 'npm install --global ./']) {
      expect(blocks.filter((code) => code.includes(what))).toHaveLength(1)
    }
    expect(page).toContain(`\`nodejs\` (${engines.node.replace('>=', '>= ')})`)
  })
})
