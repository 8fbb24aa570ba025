// The files of the Debian package, each where Debian's policy has it.

import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { debianCopyright } from './copyright.js'
import { writeProgram } from './program.js'
import { ROOT } from './project.js'

/** What dpkg leaves as an administrator has written it. */
export const CONFFILES = ['etc/asnzone/asnzone.yaml', 'etc/logrotate.d/asnzone']

/** Where the program lies. */
export const PROGRAM = 'usr/lib/asnzone'

/** The units of docs/, as they are. */
const UNITS = ['asnzone.service', 'asnzone.socket', 'asnzone-update.service', 'asnzone-update.timer']

/** Parts of the package of npm that have a place of their own in Debian. */
const ELSEWHERE = ['docs', 'dist/man', 'LICENSE', 'NOTICE', 'README.md', 'SECURITY.md', 'CHANGELOG.md']

const gzip = (text) => gzipSync(text, { level: 9 })

/**
 * Writes the files into a folder that is there and empty.
 *
 * @param changelog the text of Debian's changelog
 * @param time seconds; the date of the manual pages
 */
export async function writeDebianTree(tree, architecture, changelog, time) {
  const put = (path, content) => {
    mkdirSync(dirname(join(tree, path)), { recursive: true })
    writeFileSync(join(tree, path), content)
  }
  const read = (path) => readFileSync(join(ROOT, path), 'utf8')

  writeProgram(architecture, join(tree, PROGRAM), ELSEWHERE)
  // Debian's Node.js, whatever else is called node on the host.
  const main = `${PROGRAM}/dist/cli/main.js`
  put(main, read('dist/cli/main.js').replace(/^#!.*/, '#!/usr/bin/node'))
  mkdirSync(join(tree, 'usr/bin'))
  symlinkSync('../lib/asnzone/dist/cli/main.js', join(tree, 'usr/bin/asnzone'))

  for (const unit of UNITS) put(`usr/lib/systemd/system/${unit}`, read(`docs/${unit}`))
  put('usr/lib/sysusers.d/asnzone.conf', read('docs/asnzone.sysusers'))
  put('etc/logrotate.d/asnzone', read('docs/asnzone.logrotate'))
  put('etc/asnzone/asnzone.yaml', readFileSync(new URL('debian/asnzone.yaml', import.meta.url)))

  const { manualPages } = await import('../../dist/cli/manual.js')
  const pages = manualPages(new Date(time * 1000).toISOString().slice(0, 10))
  for (const [name, page] of Object.entries(pages))
    put(`usr/share/man/man${name.at(-1)}/${name}.gz`, gzip(page))
  for (const [path, script] of Object.entries(await completions())) put(path, script)

  const doc = 'usr/share/doc/asnzone'
  cpSync(join(ROOT, 'docs'), join(tree, doc, 'docs'), { recursive: true })
  for (const page of ['README.md', 'SECURITY.md']) put(`${doc}/${page}`, read(page))
  put(`${doc}/NOTICE.gz`, gzip(read('NOTICE')))
  put(`${doc}/changelog.gz`, gzip(read('CHANGELOG.md')))
  put(`${doc}/changelog.Debian.gz`, gzip(changelog))
  put(`${doc}/copyright`, debianCopyright(join(tree, PROGRAM)))
  put(
    'usr/share/lintian/overrides/asnzone',
    readFileSync(fileURLToPath(new URL('debian/lintian-overrides', import.meta.url))),
  )
}

/** The scripts for shells, by where the shells look for them. */
async function completions() {
  const [{ completionScript }, { commandTree }, { createProgram }] = await Promise.all(
    ['completion', 'command-tree', 'program'].map((name) => import(`../../dist/cli/${name}.js`)),
  )
  const commands = commandTree(createProgram())
  return {
    'usr/share/bash-completion/completions/asnzone': completionScript(commands, 'bash'),
    'usr/share/fish/vendor_completions.d/asnzone.fish': completionScript(commands, 'fish'),
    'usr/share/zsh/vendor-completions/_asnzone': completionScript(commands, 'zsh'),
  }
}
