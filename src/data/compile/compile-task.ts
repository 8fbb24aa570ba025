// What a server and the process that compiles for it tell each other.

import type { ErrorCode } from '../../errors.ts'
import type { Source } from '../sources/sources.ts'
import type { CompileLimits } from './limits.ts'
import type { ScoringSettings, SourceReport } from './load.ts'

/** Where the process writes the table: its length in 8 octets, little-endian, and its octets. */
export const TABLE_FD = 4

/** The first message: what the process is to do. */
export interface CompileTask {
  readonly sources: readonly Source[]
  readonly limits: CompileLimits
  readonly scoring: ScoringSettings
  /** Where what was learned lies. */
  readonly dataDirectory: string
  /** Where the snapshot goes. */
  readonly snapshot: string
  readonly identity: Uint8Array
  /** Whether everything else goes first. */
  readonly isInBackground: boolean
}

/**
 * What the process tells: its sources, warnings, and a failure where there is no table. When it gets a second message, it writes
 * the snapshot and tells its fate.
 */
export type CompileMessage =
  | { readonly kind: 'source'; readonly report: SourceReport }
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'failure'; readonly code: ErrorCode; readonly message: string }
  | { readonly kind: 'snapshot'; readonly error: string | null }
