// SOA and NS records of a zone as text: its own, as its server answers them.

import type { Zone } from '../zones/zone.ts'

/** What stands at a zone's apex. */
export interface Authority {
  /** The first name server, with a final dot. */
  readonly primary: string
  readonly contact: string
  readonly serial: number
  /** Refresh, retry, expire and the TTL of negative answers, in seconds. */
  readonly timers: readonly number[]
  readonly nameservers: readonly string[]
}

/** Reads what the zone has prepared for the wire. */
export function authorityOf({ body }: Zone): Authority {
  const { soaRdata, nsRdata } = body
  const [primary, contactAt] = nameAt(soaRdata, 0)
  const [contact, numbersAt] = nameAt(soaRdata, contactAt)
  const view = new DataView(soaRdata.buffer, soaRdata.byteOffset + numbersAt)
  const [serial, ...timers] = [0, 4, 8, 12, 16].map((at) => view.getUint32(at))
  return { primary, contact, serial, timers, nameservers: nsRdata.map((wire) => nameAt(wire, 0)[0]) }
}

/** A name of letters, digits, `-` and `_` on the wire, and the position after it. */
function nameAt(wire: Uint8Array, from: number): readonly [name: string, end: number] {
  let name = ''
  let at = from
  while (wire[at] !== 0) {
    name += `${String.fromCharCode(...wire.subarray(at + 1, at + 1 + wire[at]))}.`
    at += wire[at] + 1
  }
  return [name === '' ? '.' : name, at + 1]
}
