// How a query came and how it was answered, as one number: what counters of traffic are indexed by.

import { COUNTED_TYPES, TYPE } from '../zones/record-type.ts'
import { RCODE } from './protocol.ts'

/** One kind of traffic. */
export interface TrafficKind {
  readonly transport: 'udp' | 'tcp'
  readonly family: 4 | 6
  /** The type that was asked for, `other` for one without a name here, `none` where no question was read. */
  readonly type: string
  /** The RCODE of the reply, `none` for silence. */
  readonly rcode: string
}

/** The RCODE of silence. */
export const NO_REPLY = -1

/** The types that are told apart. */
const TYPES = COUNTED_TYPES.map((key) => [TYPE[key], key.toUpperCase()] as const)
const TYPE_NAMES = ['none', 'other', ...TYPES.map(([, name]) => name)]
const OTHER_TYPE = 1

const RCODES: readonly (readonly [number, string])[] = [
  [NO_REPLY, 'none'],
  [RCODE.noError, 'NOERROR'],
  [RCODE.formErr, 'FORMERR'],
  [RCODE.nxDomain, 'NXDOMAIN'],
  [RCODE.notImp, 'NOTIMP'],
  [RCODE.refused, 'REFUSED'],
  [RCODE.notAuth, 'NOTAUTH'],
  [RCODE.badVers, 'BADVERS'],
]

/** The place in TYPE_NAMES of each type below 256; type 0 is reserved (RFC 6895 3.1), and stands for none. */
const TYPE_INDEXES = new Uint8Array(256).fill(OTHER_TYPE)
TYPE_INDEXES[0] = 0
for (const [place, [type]] of TYPES.entries()) TYPE_INDEXES[type] = place + OTHER_TYPE + 1

/** The place in RCODES of each RCODE, counted from NO_REPLY on. */
const RCODE_INDEXES = new Uint8Array(32)
for (const [place, [rcode]] of RCODES.entries()) RCODE_INDEXES[rcode - NO_REPLY] = place

/** How many numbers there are. */
export const TRAFFIC_KINDS = 4 * TYPE_NAMES.length * RCODES.length

/**
 * The number of a kind of traffic.
 *
 * @param transport one of TRANSPORT
 * @param type the type that was asked for, 0 where no question was read
 * @param rcode NO_REPLY for silence
 */
export function trafficNumber(transport: number, family: 4 | 6, type: number, rcode: number): number {
  const place = type < 256 ? TYPE_INDEXES[type] : OTHER_TYPE
  const came = transport * 2 + (family === 4 ? 0 : 1)
  return (came * TYPE_NAMES.length + place) * RCODES.length + RCODE_INDEXES[rcode - NO_REPLY]
}

/** The kind of each number. */
export const trafficKinds: readonly TrafficKind[] = (['udp', 'tcp'] as const).flatMap((transport) =>
  ([4, 6] as const).flatMap((family) =>
    TYPE_NAMES.flatMap((type) => RCODES.map(([, rcode]) => ({ transport, family, type, rcode }))),
  ),
)
