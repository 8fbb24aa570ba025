// The one error class of asnzone: a stable code, a message that an administrator can act on, and the cause.

/**
 * Every code an administrator or a caller can meet. A code is never reused for another meaning.
 *
 * - `ASNZONE_CONFIG`: a setting, on the command line, in the environment or in the config file, is wrong
 * - `ASNZONE_DATA`: a data file is missing, unreadable or holds a row that cannot be right
 * - `ASNZONE_COMPILE`: the process that compiles the data has died
 * - `ASNZONE_ZONE`: a zone file is wrong
 * - `ASNZONE_TABLE`: bytes that should be a compiled table are not
 * - `ASNZONE_LISTEN`: a listen address cannot be bound
 * - `ASNZONE_FETCH`: data can't be fetched, or what came is not what was published
 * - `ASNZONE_BUSY`: another process is at what can be done by one at a time
 * - `ASNZONE_REFUSED`: new data is worse than that in service, and doesn't replace it
 * - `ASNZONE_EXPORT`: a format has no way to say what it should
 * - `ASNZONE_CONTROL`: a running server can't be asked over its control socket
 * - `ASNZONE_POLICY`: the policy service can't do what it is asked now
 * - `ASNZONE_STORE`: what the policy service remembers in can't be used
 * - `ASNZONE_QUERY`: a server did not answer a query of the command line client
 */
export type ErrorCode =
  | 'ASNZONE_CONFIG'
  | 'ASNZONE_DATA'
  | 'ASNZONE_COMPILE'
  | 'ASNZONE_ZONE'
  | 'ASNZONE_TABLE'
  | 'ASNZONE_LISTEN'
  | 'ASNZONE_FETCH'
  | 'ASNZONE_BUSY'
  | 'ASNZONE_REFUSED'
  | 'ASNZONE_EXPORT'
  | 'ASNZONE_CONTROL'
  | 'ASNZONE_POLICY'
  | 'ASNZONE_STORE'
  | 'ASNZONE_QUERY'

/** An error whose message is one line that names what is wrong, where, and how to mend it. */
export class AsnzoneError extends Error {
  override readonly name = 'AsnzoneError'
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}
