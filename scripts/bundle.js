// Puts the program and the threads that it starts into few files, with the packages that they need; npm run build
// runs it behind the compiler.
//
// They are some 400 modules, and to find and read those is a third of a start from the snapshot. What the bundle is
// made of stays in dist/ for the tests and the benches; the package has the bundle only (`files` in package.json).

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const DIST = fileURLToPath(new URL('../dist/', import.meta.url))

const { files, dependencies } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))

/** The program, and the files that its threads are started from: the package names them in `files`. */
const ENTRIES = files.filter((file) => file.endsWith('.js')).map((file) => relative('dist', file))

/** Bundled files may name files of asnzone when they are as deep as most modules are: in a folder of dist/. */
const CHUNKS = 'chunks'

/** Makes modules fit for another place: `new URL('…', import.meta.url)` is a file in dist/ or beside it. */
const moved = {
  name: 'moved',
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
    if (id !== join(DIST, 'data/code-digest.js')) return null
    const { codeDigest } = await import(id)
    return `export const codeDigest = () => '${codeDigest()}'`
  },
}

const bundle = await rolldown({
  input: Object.fromEntries(ENTRIES.map((entry) => [entry.replace(/\.js$/, ''), join(DIST, entry)])),
  platform: 'node',
  // Installed beside it: they have binaries or data, which are looked for there.
  external: Object.keys(dependencies),
  plugins: [moved, digested],
})
rmSync(join(DIST, CHUNKS), { recursive: true, force: true })
const { output } = await bundle.write({ dir: DIST, chunkFileNames: `${CHUNKS}/[name]-[hash].js` })
await bundle.close()

const misplaced = output.filter(
  ({ fileName, code }) => fileName.split('/').length !== 2 && /new URL\("?\.\.\//.test(code),
)
if (misplaced.length > 0) {
  throw new Error(`${misplaced[0].fileName} names a file of asnzone, from too deep in dist/`)
}
writeFileSync(join(DIST, 'licences.txt'), licencesOf(output.flatMap(({ moduleIds }) => moduleIds)))

/** The licences of the packages that modules are from. */
function licencesOf(modules) {
  const folders = new Set(
    modules.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? []),
  )
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    const file = readdirSync(folder).find((it) => /^licen[cs]e/i.test(it))
    const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
    return `${name} ${version}, ${license}\n${text}`
  })
  return `The program has these packages in it.\n\n\n${texts.join('\n\n')}`
}
