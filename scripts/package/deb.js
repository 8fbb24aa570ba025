// Makes the Debian package of a machine, the same one for the same commit.

import { execFileSync } from 'node:child_process'
import { chmodSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MAINTAINER, writeControl } from './control.js'
import { PROGRAM, writeDebianTree } from './debian-tree.js'
import { packageVersion, sourceTime } from './project.js'

/** What is run; everything else is only read. */
const EXECUTABLE = [`${PROGRAM}/dist/cli/main.js`, 'DEBIAN/postinst', 'DEBIAN/prerm', 'DEBIAN/postrm']

/**
 * Writes the package into a folder that is there.
 *
 * @param compression what dpkg-deb takes with -Z
 * @returns the path of the file
 */
export async function writeDeb(architecture, folder, compression = 'xz') {
  const version = `${packageVersion()}-1`
  const time = sourceTime()
  const tree = mkdtempSync(join(tmpdir(), 'asnzone-deb-'))
  try {
    await writeDebianTree(tree, architecture, changelogOf(version, time), time)
    const paths = filesBelow(tree)
    const binaries = paths.filter((path) => path.endsWith('.node')).map((path) => join(tree, path))
    writeControl(tree, { version, architecture, binaries, paths })
    settleModes(tree)
    const file = join(folder, `asnzone_${version}_${architecture}.deb`)
    // One thread: several cut the file into blocks of their own.
    execFileSync(
      'dpkg-deb',
      ['--root-owner-group', `-Z${compression}`, '--threads-max=1', '--build', tree, file],
      {
        env: { ...process.env, SOURCE_DATE_EPOCH: String(time) },
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    )
    return file
  } finally {
    rmSync(tree, { recursive: true })
  }
}

/** The files below a folder, without links, in the order of their paths. */
function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => lstatSync(join(folder, path)).isFile())
    .sort()
}

/** Rights that don't depend upon the umask of whoever builds. */
function settleModes(tree) {
  chmodSync(tree, 0o755)
  for (const path of readdirSync(tree, { recursive: true, encoding: 'utf8' })) {
    const file = lstatSync(join(tree, path))
    if (!file.isSymbolicLink()) {
      chmodSync(join(tree, path), file.isDirectory() || EXECUTABLE.includes(path) ? 0o755 : 0o644)
    }
  }
}

/** Debian's changelog; what has changed for administrators is in changelog.gz beside it. */
function changelogOf(version, time) {
  const date = new Date(time * 1000).toUTCString().replace('GMT', '+0000')
  return `asnzone (${version}) unstable; urgency=medium

  * Made by npm run package from asnzone's own repository; what has changed
    is told in changelog.gz.

 -- ${MAINTAINER}  ${date}
`
}
