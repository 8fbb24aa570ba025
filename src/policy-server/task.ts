// What the main thread and the policy thread tell each other, as plain data.

import type { MessagePort } from 'node:worker_threads'
import type { Networks } from '../policy/networks.ts'
import type { PolicyRecord } from '../policy/records.ts'
import type { Rules } from '../policy/settings.ts'
import type { SubjectSettings } from '../policy/subject.ts'
import type { StreamDoor } from '../system/stream-listener.ts'
import type { LdapSettings } from './ldap/settings.ts'
import type { StorePlace } from './open-store.ts'
import type { PolicySurface, RecordText } from './surface.ts'
import type { TellingConduct } from './telling/settings.ts'

/** The point of a country. Degrees. */
export interface CountryPoint {
  readonly latitude: number
  readonly longitude: number
}

/** What the settings say of requests; it may change while the service runs. */
export interface PolicyConduct {
  /** Peers that may ask over inet. */
  readonly allow: Networks
  readonly subject: SubjectSettings
  /** For accounts that no record is about. */
  readonly rules: Rules
  readonly records: RecordSet
  readonly answers: { readonly reject: string; readonly defer: string; readonly warn: string }
  readonly onError: 'dunno' | 'defer' | 'close'
  /** Milliseconds that a decision may take. */
  readonly timeout: number
  /** Milliseconds that events are kept. */
  readonly history: number
  /** Who is told when an account is refused; null for nobody. */
  readonly telling: TellingConduct | null
  /** At which level requests that pass are logged; null where nobody would see them. */
  readonly passedLevel: 'info' | 'debug' | null
}

/** Records, and how they were written. */
export interface RecordSet {
  readonly records: readonly PolicyRecord[]
  /** In the same order. */
  readonly texts: readonly RecordText[]
}

/** What the policy thread is to do. */
export interface PolicyTask {
  /** Where the service is asked. */
  readonly doors: readonly StreamDoor[]
  readonly store: StorePlace
  /** Which account a name belongs to; null where names are those of accounts. */
  readonly ldap: LdapSettings | null
  /** Connections that may be open at a time. */
  readonly connections: number
  /** By country code: where addresses are that no city is known of. */
  readonly points: ReadonlyMap<string, CountryPoint>
  /** Milliseconds to be added to the host's clock, one BigInt64; null in service, where it is nobody's to set. */
  readonly clock: SharedArrayBuffer | null
}

/** What the thread begins with. */
export interface PolicyThreadData {
  readonly task: PolicyTask
  readonly port: MessagePort
}

/** A line for the log. */
export interface PolicyLogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: Readonly<Record<string, unknown>>
}

/** What the main thread offers to the policy thread. */
export interface PolicyMainCalls {
  log(lines: readonly PolicyLogLine[]): void
  /**
   * Reads records that were set at run time, as they are written in geoip-policyd's JSON.
   *
   * @throws {AsnzoneError} `ASNZONE_CONFIG` that names the record by its place and the field.
   */
  readRecords(texts: readonly RecordText[]): RecordSet
}

/** What the policy thread offers to the main thread. */
export interface PolicyThreadCalls extends PolicySurface {
  /** Opens the store, and begins to answer. */
  begin(table: SharedArrayBuffer, conduct: PolicyConduct): Promise<void>
  /** Judges by other data. */
  replace(table: SharedArrayBuffer): void
  /** Goes by other settings and records. */
  conductAs(conduct: PolicyConduct): Promise<void>
  /** Gives memory back that replaced data has left. */
  collect(): void
  ping(): number | null
  /** Removes what is too old, and tries again to tell what could not be told, as is done once a minute. */
  expire(): Promise<void>
  /** Closes the store, so that nothing is left to be recovered. */
  stop(): Promise<void>
}
