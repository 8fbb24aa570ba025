// What a call throws, checked to be an error that an administrator can act on.

import { expect } from 'vitest'
import { AsnzoneError, type ErrorCode } from '../../src/errors.ts'

/** The message of the AsnzoneError of this code that a call throws: one line. */
export function messageOf(code: ErrorCode, call: () => unknown): string {
  try {
    call()
  } catch (error) {
    expect(error).toBeInstanceOf(AsnzoneError)
    const { code: thrown, message } = error as AsnzoneError
    expect(thrown).toBe(code)
    expect(message).not.toContain('\n')
    return message
  }
  throw new Error('nothing was thrown')
}
