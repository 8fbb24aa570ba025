// asnzone init systemd: writes the units, the user and the rotation of logs for asnzone where it lies.

import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ownProgram, type SystemdFile, systemdFiles, WRITTEN } from '../config/systemd-units.ts'
import { AsnzoneError } from '../errors.ts'
import { print } from '../print.ts'
import { writeFileAtomically } from '../system/atomic-file.ts'

/** Where the files go when no folder is named. */
export const DEFAULT_SYSTEMD_FOLDER = '/etc'

/**
 * Writes them below a folder, or to standard output where it is `-`. What was not written by this command is left alone,
 * and nothing is written then.
 *
 * @param program the words that start asnzone
 * @throws {AsnzoneError} `ASNZONE_CONFIG` that names the file.
 */
export function initSystemd(folder: string, program: readonly string[] = ownProgram()): void {
  const files = systemdFiles(program)
  if (folder === '-') {
    print(files.flatMap(({ path, text }) => [`# ${path}`, ...text.trimEnd().split('\n'), '']))
    return
  }
  for (const file of files) refuseOther(join(folder, file.path))
  for (const file of files) write(folder, file)
  print([
    ...files.map(({ path }) => `${join(folder, path)} is written`),
    `They start ${program.join(' ')}. Then:`,
    '  systemd-sysusers',
    '  install -d /etc/asnzone, and a config: asnzone init postfix /etc/asnzone/asnzone.yaml',
    '  systemctl daemon-reload && systemctl enable --now asnzone.service asnzone-update.timer',
  ])
}

function refuseOther(path: string): void {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return
    throw failure(path, cause)
  }
  if (text.startsWith(WRITTEN)) return
  const reason = 'it exists already, and asnzone has not written it; move it, or name another directory'
  throw new AsnzoneError('ASNZONE_CONFIG', `${path}: ${reason}`)
}

function write(folder: string, { path, text }: SystemdFile): void {
  const file = join(folder, path)
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o755 })
    writeFileAtomically(file, text, 0o644)
  } catch (cause) {
    throw failure(file, cause)
  }
}

function failure(path: string, cause: unknown): AsnzoneError {
  const reason =
    (cause as NodeJS.ErrnoException).code === 'EACCES' ? 'run it as root' : (cause as Error).message
  return new AsnzoneError('ASNZONE_CONFIG', `${path}: ${reason}`, { cause })
}
