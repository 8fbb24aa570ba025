// Makes the tarball that needs nothing on the host but Linux with glibc: asnzone with a Node.js of its own.

import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ARCHITECTURES } from './architectures.js'
import { unpackNpmPackage } from './npm-package.js'
import { writeProgram } from './program.js'
import { packageVersion, sourceTime } from './project.js'

/** The newest Node.js with long-term support, with the checksums of npm's packages that hold it. */
const NODE = {
  version: '24.21.0',
  integrity: {
    x64: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    arm64: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
}

const START = `#!/bin/sh
# Starts asnzone with the Node.js beside it, from wherever a link leads here.
folder=$(dirname -- "$(readlink -f -- "$0")")
exec "$folder/bin/node" "$folder/dist/cli/main.js" "$@"
`

/**
 * Writes the tarball into a folder that is there: a folder named after the version and the machine, and beside it the link
 * `asnzone` to the program in it.
 *
 * @returns the path of the file
 */
export function writeTarball(architecture, folder) {
  const { node } = ARCHITECTURES[architecture]
  const name = `asnzone-${packageVersion()}-linux-${node}`
  const tree = mkdtempSync(join(tmpdir(), 'asnzone-tarball-'))
  const nodePackage = mkdtempSync(join(tmpdir(), 'asnzone-node-'))
  try {
    const program = join(tree, name)
    writeProgram(architecture, program)
    unpackNpmPackage(`node-linux-${node}`, NODE.version, NODE.integrity[node], nodePackage)
    mkdirSync(join(program, 'bin'))
    copyFileSync(join(nodePackage, 'bin/node'), join(program, 'bin/node'))
    copyFileSync(join(nodePackage, 'LICENSE'), join(program, 'bin/LICENSE.node'))
    writeFileSync(join(program, 'asnzone'), START)
    for (const path of ['bin/node', 'asnzone', 'dist/cli/main.js']) chmodSync(join(program, path), 0o755)
    symlinkSync(`${name}/asnzone`, join(tree, 'asnzone'))
    const file = join(folder, `${name}.tar.gz`)
    pack(tree, [name, 'asnzone'], file)
    return file
  } finally {
    rmSync(tree, { recursive: true })
    rmSync(nodePackage, { recursive: true })
  }
}

/** The same files make the same tarball, whoever packs them and when. */
function pack(tree, names, file) {
  execFileSync(
    'tar',
    [
      ...['--sort=name', '--format=gnu', '--owner=root:0', '--group=root:0', '--mode=u=rwX,go=rX'],
      `--mtime=@${sourceTime()}`,
      ...['--use-compress-program=gzip -n', '--create', '--file', file, '--directory', tree],
      ...names,
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  )
}
