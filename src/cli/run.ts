// Runs the command line, and prints an error that an administrator can meet as one line.

import { AsnzoneError } from '../errors.ts'
import { printable } from '../printable.ts'
import { createProgram } from './program.ts'

try {
  await createProgram().parseAsync()
} catch (error) {
  if (!(error instanceof AsnzoneError)) throw error
  console.error(`asnzone: ${printable(error.message)}`)
  process.exitCode = 1
}
