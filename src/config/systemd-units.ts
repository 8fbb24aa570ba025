// The files that a host with systemd has for asnzone, those of docs/, for asnzone where it lies.

import { readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AsnzoneError } from '../errors.ts'

/** Where asnzone lies. */
const HOME = fileURLToPath(new URL('../../', import.meta.url))

/** Where each file goes, below /etc. */
const PLACES = {
  'asnzone.service': 'systemd/system/asnzone.service',
  'asnzone.socket': 'systemd/system/asnzone.socket',
  'asnzone-update.service': 'systemd/system/asnzone-update.service',
  'asnzone-update.timer': 'systemd/system/asnzone-update.timer',
  'asnzone.sysusers': 'sysusers.d/asnzone.conf',
  'asnzone.logrotate': 'logrotate.d/asnzone',
}

/** What the files in docs/ start, and the package of Debian has. */
const IN_DOCS = '/usr/bin/asnzone'

/** Folders that the units keep from asnzone: ProtectHome= and PrivateTmp=. */
const HIDDEN = ['/home/', '/root/', '/run/user/', '/tmp/', '/var/tmp/']

/** The first line of what is written, by which it is known again. */
export const WRITTEN =
  '# Written by asnzone init systemd, which may write it anew: change a unit by systemctl edit.\n'

/** A file to be written. */
export interface SystemdFile {
  /** Relative to /etc. */
  readonly path: string
  readonly text: string
}

/** The words that start this asnzone from anywhere: Node.js and the program, by their real paths. */
export const ownProgram = (): readonly string[] => [
  process.execPath,
  join(realpathSync(HOME), 'dist/cli/main.js'),
]

/**
 * The files for an asnzone that is started by these words.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` where the units could not start it, or are not here.
 */
export function systemdFiles(program: readonly string[]): readonly SystemdFile[] {
  for (const path of program) {
    const hidden = HIDDEN.find((folder) => path.startsWith(folder))
    if (hidden !== undefined) {
      const reason = `is in ${hidden}, which the unit keeps from the service; move it, to /opt for instance`
      throw new AsnzoneError('ASNZONE_CONFIG', `${path} ${reason}`)
    }
    if (!/^[\w@+.,:/~-]+$/.test(path)) {
      const reason = 'has a character that a unit would need quoted; move it to a path without'
      throw new AsnzoneError('ASNZONE_CONFIG', `${path} ${reason}`)
    }
  }
  return Object.entries(PLACES).map(([name, path]) => ({
    path,
    text: WRITTEN + read(name).replaceAll(IN_DOCS, program.join(' ')),
  }))
}

function read(name: string): string {
  try {
    return readFileSync(join(HOME, 'docs', name), 'utf8')
  } catch (cause) {
    const reason = 'the units came with the package that brought asnzone: systemctl cat asnzone.service'
    throw new AsnzoneError('ASNZONE_CONFIG', `${join(HOME, 'docs', name)} is not here; ${reason}`, { cause })
  }
}
