// Runs the command line, and prints an error that an administrator can meet as one line.

import { ownerAtWork } from '../app/as-owner.ts'
import { AsnzoneError } from '../errors.ts'
import { complain } from '../print.ts'
import { createProgram } from './program.ts'

try {
  await createProgram().parseAsync()
} catch (error) {
  if (!(error instanceof AsnzoneError)) {
    // A fault of asnzone itself; Node would show what it quotes as it is.
    for (const line of String((error as Error).stack ?? error).split('\n')) complain(line, 'error')
    process.exit(1)
  }
  complain(`asnzone: ${error.message}`, 'error')
  const owner = ownerAtWork()
  if (owner !== null && (error.cause as NodeJS.ErrnoException | undefined)?.code === 'EACCES') {
    complain(
      `asnzone: root's command works as ${owner.name}, the owner of ${owner.settings.dataDir}, who may not do that; it may read and write what the shell opens, '< FILE' and '> FILE', and what is its own: install -d -o ${owner.name} FOLDER`,
    )
  }
  process.exitCode = 1
}
