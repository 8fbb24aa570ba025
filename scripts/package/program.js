// The folder that asnzone runs from, for one machine: what the package of npm has in it, and of the packages of others only
// what is read at run time.

import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { ARCHITECTURES } from './architectures.js'
import { unpackNpmPackage } from './npm-package.js'
import { MANIFEST, ROOT } from './project.js'

/**
 * What is read of packages that the bundle does not hold: the loaders of native code, the data, and what browsers get.
 * Sources of C++ and the other spellings of the data would be four fifths of the package.
 */
const READ = {
  koffi: [
    'package.json',
    'LICENSE.txt',
    'index.cjs',
    'index.js',
    'indirect.cjs',
    'indirect.js',
    'src/koffi/index.cjs',
    'src/koffi/index.js',
    'src/koffi/indirect.cjs',
    'src/koffi/indirect.js',
    'src/koffi/src/static.cjs',
    'src/koffi/src/static.js',
  ],
  libsql: ['package.json', 'LICENSE', 'auth.js', 'index.js', 'promise.js', 'sqlite-error.js'],
  'libsql/node_modules/detect-libc': ['package.json', 'LICENSE', 'lib'],
  '@neon-rs/load': ['package.json', 'LICENSE', 'dist'],
  '@ip-location-db/asn': [
    'package.json',
    'asn-ipv4.csv',
    'asn-ipv6.csv',
    'DBIP-LICENSE',
    'MODIFICATIONS',
    'NRO_LICENSE',
    'ROUTEVIEWS-LICENSE',
  ],
  '@ip-location-db/asn-country': [
    'package.json',
    'asn-country-ipv4.csv',
    'asn-country-ipv6.csv',
    'NRO_LICENSE',
  ],
  uplot: ['package.json', 'LICENSE', 'dist/uPlot.esm.js', 'dist/uPlot.min.css'],
}

/** Packages with native code for a machine with glibc, and what of them is for it. */
const nativePackages = ({ node, koffi }) => ({
  [`@koromix/koffi-linux-${node}`]: ['package.json', 'index.js', koffi],
  [`@libsql/linux-${node}-gnu`]: ['package.json', 'index.node'],
})

/**
 * Writes the folder, which must not be there yet. dist/ has to be built.
 *
 * @param architecture Debian's name for the machine
 * @param folder where it goes
 * @param without parts of the package of npm that are left out, such as `docs`
 */
export function writeProgram(architecture, folder, without = []) {
  mkdirSync(folder, { recursive: true })
  const wanted = ['package.json', 'LICENSE', 'README.md', ...MANIFEST.files]
  for (const part of wanted.filter((it) => !without.includes(it))) copy(ROOT, folder, part)
  for (const [name, parts] of Object.entries(READ)) {
    for (const part of parts) copy(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name), part)
  }
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))
  for (const [name, parts] of Object.entries(nativePackages(ARCHITECTURES[architecture]))) {
    const { version, integrity } = packages[`node_modules/${name}`]
    withPackage(name, version, integrity, (source) => {
      for (const part of parts) copy(source, join(folder, 'node_modules', name), part)
    })
  }
}

/** Calls back with the folder of a package: where it is installed, or else one that it is fetched to. */
function withPackage(name, version, integrity, use) {
  const installed = join(ROOT, 'node_modules', name)
  if (existsSync(installed)) return use(installed)
  const fetched = mkdtempSync(join(tmpdir(), 'asnzone-package-'))
  try {
    unpackNpmPackage(name, version, integrity, fetched)
    use(fetched)
  } finally {
    rmSync(fetched, { recursive: true })
  }
}

function copy(from, to, part) {
  mkdirSync(dirname(join(to, part)), { recursive: true })
  cpSync(join(from, part), join(to, part), { recursive: true })
}
