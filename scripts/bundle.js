// Puts the program and the threads that it starts into few files, with the packages that they need: npm run
// build:bundle, after build:ts.
//
// They are some 400 modules, and to find and read those is a third of a start from the snapshot. What the bundle is
// made of stays in dist/ for the tests and the benches; the package has the bundle only (`files` in package.json).
// What the compiler writes runs as well, with the packages that are installed beside it.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { billOfMaterials } from './sbom.js'

const DIST = fileURLToPath(new URL('../dist/', import.meta.url))

const { files } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

/** The program, and the files that its threads are started from: the package names them in `files`. */
const ENTRIES = files.filter((file) => file.endsWith('.js')).map((file) => relative('dist', file))

/** Packages with binaries, which are looked for where they are installed. */
const NATIVE = ['koffi', 'libsql']

/** Bundled files may name files of asnzone when they are as deep as most modules are: in a folder of dist/. */
const CHUNKS = 'chunks'

/** The program begins with how it takes signals; all the rest is loaded by `RUN`. */
const [MAIN, EARLY, RUN] = ['cli/main', 'system/early-signals', 'cli/run'].map((name) =>
  join(DIST, `${name}.js`),
)

/** Makes modules fit for another place: `new URL('…', import.meta.url)` is a file in dist/ or beside it. */
const rebased = {
  name: 'rebased',
  transform(code, id) {
    if (!id.startsWith(DIST)) return null
    return code.replace(/new URL\('(\.[^']*)', import\.meta\.url\)/g, (_, path) => {
      const target = relative(DIST, resolve(dirname(id), path))
      return `new URL('../${target}${path.endsWith('/') ? '/' : ''}', import.meta.url)`
    })
  },
}

/** What reads the code that shapes tables, in dist/, becomes what it has read. */
const digested = {
  name: 'digested',
  async load(id) {
    if (id !== join(DIST, 'data/snapshot/code-digest.js')) return null
    const { codeDigest } = await import(id)
    return `export const codeDigest = () => '${codeDigest()}'`
  },
}

/** The presets become what is in them, beside their texts; where they lay when they were bundled is nobody's business. */
const readPresets = {
  name: 'read presets',
  async transform(code, id) {
    if (id !== join(DIST, 'config/known-presets.js')) return null
    const { readZoneDefinitions } = await import(join(DIST, 'config/zone-files.js'))
    const zones = readZoneDefinitions(undefined, [])
    const known = [...new Set(zones.map(({ file }) => file))].map((preset) => [
      readFileSync(preset, 'utf8'),
      JSON.stringify(
        zones.filter(({ file }) => file === preset).map((zone) => ({ ...zone, file: undefined })),
      ),
    ])
    return code.replace('new Map()', () => `new Map(${JSON.stringify(known)})`)
  },
}

/**
 * Puts what an entry imports when it starts into one file beside it: each file more takes a millisecond or two to find
 * and read. The entry is not in it, because it waits at its end for files that are loaded later and need the others.
 * Nor is what runs before all the rest is read.
 */
function besides(entry) {
  const imported = new Set()
  const addImportsOf = (module, chunking) => {
    for (const it of chunking.getModuleInfo(module)?.importedIds ?? []) {
      if (imported.has(it)) continue
      imported.add(it)
      addImportsOf(it, chunking)
    }
  }
  const start = entry === MAIN ? RUN : entry
  return (id, chunking) => {
    if (imported.size === 0) addImportsOf(start, chunking)
    return id !== start && imported.has(id) ? basename(entry, '.js') : null
  }
}

/** The files of an entry. Entries share none: they run in threads of their own. */
async function filesOf(entry) {
  const input = join(DIST, entry)
  const bundle = await rolldown({
    input: { [entry.replace(/\.js$/, '')]: input },
    platform: 'node',
    external: NATIVE,
    plugins: [rebased, digested, readPresets],
  })
  const { output } = await bundle.generate({
    dir: DIST,
    chunkFileNames: `${CHUNKS}/[name]-[hash].js`,
    codeSplitting: {
      groups: [
        { name: 'early-signals', test: (id) => id === EARLY, priority: 1 },
        { name: besides(input), debugName: 'besides' },
      ],
    },
  })
  await bundle.close()
  return output
}

if (readFileSync(MAIN, 'utf8').includes(`/${CHUNKS}/`))
  throw new Error('dist/ is bundled already: npm run build:ts comes before')

// A plugin that finds nothing would change nothing, without a word.
for (const module of ['data/snapshot/code-digest.js', 'config/known-presets.js', 'system/early-signals.js']) {
  if (!existsSync(join(DIST, module)))
    throw new Error(`${module} is not where scripts/bundle.js looks for it`)
}

const output = (await Promise.all(ENTRIES.map(filesOf))).flat()
rmSync(join(DIST, CHUNKS), { recursive: true, force: true })
mkdirSync(join(DIST, CHUNKS))
for (const { fileName, code } of output) writeFileSync(join(DIST, fileName), code)

const misplaced = output.filter(
  ({ fileName, code }) => fileName.split('/').length !== 2 && /new URL\("?\.\.\//.test(code),
)
if (misplaced.length > 0) {
  throw new Error(`${misplaced[0].fileName} names a file of asnzone, from too deep in dist/`)
}
const bundled = foldersOf(output.flatMap(({ moduleIds }) => moduleIds))
writeFileSync(join(DIST, 'licences.txt'), licencesOf(bundled))
const packageFolders = new Set([...bundled].map((folder) => relative(join(DIST, '..'), folder)))
writeFileSync(join(DIST, 'sbom.cdx.json'), billOfMaterials(packageFolders))

/** The folders of the packages that modules are from. */
function foldersOf(modules) {
  return new Set(modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []))
}

/** The licences of packages. */
function licencesOf(folders) {
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = readdirSync(folder).find((it) => /^licen[cs]e/i.test(it))
    const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
    return `${name} ${version}, ${license}\n${text}`
  })
  return `The program has these packages in it.\n\n\n${texts.join('\n\n')}`
}
