// Fetches a package of npm that is not installed, such as one for another machine, and believes it by its checksum only.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Unpacks a package into a folder that is there.
 *
 * @param integrity its checksum as package-lock.json writes it: `sha512-` and base64
 */
export function unpackNpmPackage(name, version, integrity, folder) {
  const downloads = mkdtempSync(join(tmpdir(), 'asnzone-package-'))
  try {
    const packed = execFileSync(
      'npm',
      ['pack', '--silent', '--ignore-scripts', '--pack-destination', downloads, `${name}@${version}`],
      { cwd: downloads, encoding: 'utf8' },
    )
    const file = join(downloads, packed.trim().split('\n').at(-1))
    const found = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`
    if (found !== integrity) throw new Error(`${name} ${version}: it is ${found}, not ${integrity}`)
    execFileSync('tar', ['xf', file, '--directory', folder, '--strip-components=1', '--no-same-owner'])
  } finally {
    rmSync(downloads, { recursive: true })
  }
}
