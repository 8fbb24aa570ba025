// Makes what hosts install, into dist-packages/: npm run package [-- amd64 arm64].
//
// For each machine a Debian package and a tarball with Node.js in it, and one package of npm for all. Binaries for another
// machine than this one, and the Node.js, are fetched through npm; nothing is fetched where they are installed.

import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { ARCHITECTURES } from './package/architectures.js'
import { writeDeb } from './package/deb.js'
import { MANIFEST, ROOT } from './package/project.js'
import { writeTarball } from './package/tarball.js'

const asked = process.argv.slice(2)
const known = Object.keys(ARCHITECTURES)
const unknown = asked.find((name) => !known.includes(name))
if (unknown !== undefined) {
  console.error(`package: ${unknown} is none of ${known.join(', ')}`)
  process.exit(1)
}

const folder = join(ROOT, 'dist-packages')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)

/** Prints what was made, with its size. */
function tell(file) {
  console.log(`${(statSync(file).size / 1e6).toFixed(1).padStart(6)} MB  dist-packages/${basename(file)}`)
}

for (const architecture of asked.length > 0 ? asked : known) {
  tell(await writeDeb(architecture, folder))
  tell(writeTarball(architecture, folder))
}
execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], {
  cwd: ROOT,
  stdio: ['ignore', 'ignore', 'inherit'],
})
tell(join(folder, `${MANIFEST.name}-${MANIFEST.version}.tgz`))
