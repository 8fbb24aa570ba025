// CONTRIBUTING.md, docs/architecture.md and NOTICE against the package and its folders.

import { readdirSync } from 'node:fs'
import { dirname, posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { codeSpans, firstTable, projectPath, readDocument, section } from './markdown.ts'

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const manifest = JSON.parse(readDocument('package.json')) as Manifest
const contributing = readDocument('CONTRIBUTING.md')

test('every dependency has its reason', () => {
  const { dependencies, devDependencies } = manifest
  const named = firstTable(section(contributing, 'Why each dependency'))
  expect(named.map(([name]) => name)).toEqual([...Object.keys(dependencies), ...Object.keys(devDependencies)])
  for (const [name, reason] of named) expect(reason, name).not.toBe('')
})

test('dependencies have exact versions', () => {
  const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([])
})

test('what runs stands in dependencies, and nothing else does', () => {
  const sources = readdirSync(projectPath('src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readDocument(`src/${file}`))
  const imported = sources.flatMap((source) =>
    [...source.matchAll(/(?:from |import\()'((?:@[\w-]+\/)?[a-z][\w.-]*)['/]/g)].map(([, name]) => name),
  )
  const { dependencies } = manifest
  expect([...new Set(imported)].filter((name) => !(name in dependencies))).toEqual([])
  // Data, and what the pages load, is found by its name.
  const named = (name: string): boolean => sources.some((source) => source.includes(`'${name}`))
  expect(Object.keys(dependencies).filter((name) => !named(name))).toEqual([])
})

test('NOTICE names the data packages in the versions that are installed', () => {
  const data = Object.entries(manifest.dependencies).filter(([name]) => name.startsWith('@ip-location-db/'))
  expect(data).toHaveLength(2)
  for (const [name, version] of data) expect(readDocument('NOTICE')).toContain(`${name} ${version}`)
})

describe('the house', () => {
  const houses = ['CONTRIBUTING.md', 'docs/architecture.md'].map((name) => [name, houseOf(name)] as const)
  const folders = readdirSync(projectPath('src'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  )

  test.each(houses)('%s names every folder of src', (_, house) => {
    expect([...house.keys()].sort()).toEqual(folders.map(({ name }) => name).sort())
  })

  test.each([...houseOf('docs/architecture.md')])('src/%s imports from where it may', (folder, row) => {
    const allowed = row[2].split(', ')
    const files = readdirSync(projectPath(`src/${folder}`), { recursive: true, encoding: 'utf8' })
    const imports = files
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => importsOf(`src/${folder}/${file}`).map((from) => `${file}: ${from}`))
    const others = imports.filter((entry) => ![folder, ...allowed].includes(entry.replace(/.*: /, '')))
    expect(others).toEqual([])
  })
})

test('docs/architecture.md draws the folders of src as they are', () => {
  const tree = /^src\n([\s\S]*?)^```$/m.exec(readDocument('docs/architecture.md'))?.[1] ?? ''
  let folder = ''
  const drawn = [...tree.matchAll(/^([│ ]*)[├└]── ([\w-]+)$/gm)].map(([, indent, name]) => {
    if (indent === '') folder = name
    return indent === '' ? name : `${folder}/${name}`
  })
  const found = readdirSync(projectPath('src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => posix.relative(projectPath('src'), `${entry.parentPath}/${entry.name}`))
    .filter((path) => path.split('/').length <= 2)
  expect(drawn.sort()).toEqual(found.sort())
})

/** The rows of the table of folders, by the name of the folder in src. */
function houseOf(document: string): Map<string, string[]> {
  const rows = firstTable(section(readDocument(document), 'The house'))
  return new Map(
    rows.flatMap((row) => {
      const name = /^src\/(.*)\/$/.exec(codeSpans(row[0])[0])?.[1]
      return name === undefined ? [] : [[name, row]]
    }),
  )
}

/** The folders of src that a file imports from, and `node` where it imports from Node.js and may not. */
function importsOf(file: string): string[] {
  const isPure = /^src\/(dns|zones|table)\//.test(file)
  return [...readDocument(file).matchAll(/(?:from|import\() ?'([^']+)'/g)].flatMap(([, from]) => {
    if (from.startsWith('node:')) return isPure ? ['node'] : []
    if (!from.startsWith('.')) return []
    const [, folder] = posix.join(dirname(file), from).split('/')
    // errors.ts, log.ts and version.ts belong to no folder and to all.
    return folder.endsWith('.ts') ? [] : [folder]
  })
}
