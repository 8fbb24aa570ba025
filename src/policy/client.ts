// Who asks, and what the table knows of it.

import type { ClientAddress } from './client-address.ts'

/** Where a client is. */
export interface Place {
  readonly latitude: number
  readonly longitude: number
  /** How far off that may be, in km. */
  readonly radius: number
  /** Whether it is a city; the point of a country otherwise. */
  readonly isCity: boolean
}

/** Who asks, and what the table knows of it. */
export interface Client {
  readonly address: ClientAddress
  /** What counts as one address. */
  readonly network: string
  /** ISO 3166-1 alpha-2; null when it is not known, and so are the others. */
  readonly country: string | null
  readonly asn: number | null
  readonly score: number
  readonly place: Place | null
}
