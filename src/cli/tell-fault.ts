// Tells what went wrong in one line, and that the command has failed.

import { ownerAtWork } from '../app/as-owner.ts'
import type { AsnzoneError } from '../errors.ts'
import { complain } from '../print.ts'

/** The command goes on, and ends with 1. */
export function tellFault({ message, cause }: AsnzoneError): void {
  complain(`asnzone: ${message}`, 'error')
  process.exitCode = 1
  const owner = ownerAtWork()
  if (owner === null || (cause as NodeJS.ErrnoException | undefined)?.code !== 'EACCES') return
  complain(
    `asnzone: root's command works as ${owner.name}, the owner of ${owner.settings.dataDir}, who may not do that; it may read and write what the shell opens, '< FILE' and '> FILE', and what is its own: install -d -o ${owner.name} FOLDER`,
  )
}
