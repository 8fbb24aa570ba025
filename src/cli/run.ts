// Runs the command line, and prints an error that an administrator can meet as one line.

import { AsnzoneError } from '../errors.ts'
import { complain } from '../print.ts'
import { createProgram } from './program.ts'
import { tellFault } from './tell-fault.ts'

try {
  await createProgram().parseAsync()
} catch (error) {
  if (!(error instanceof AsnzoneError)) {
    // A fault of asnzone itself; Node would show what it quotes as it is.
    for (const line of String((error as Error).stack ?? error).split('\n')) complain(line, 'error')
    process.exit(1)
  }
  tellFault(error)
}
