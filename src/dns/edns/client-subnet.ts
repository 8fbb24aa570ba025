// The option that tells for whom a resolver asks (RFC 7871): it is judged, and ignored, as everybody gets the same
// answers.

import { read16 } from '../octets.ts'
import type { EdnsOption } from './option.ts'

/** ECS. */
export class ClientSubnetOption implements EdnsOption {
  readonly code = 8
  readonly maxOctets = -1

  /**
   * One that can be right has scope 0, an address of just the octets that the prefix takes, and no bit set after the
   * prefix (RFC 7871 6).
   */
  read(packet: Uint8Array, at: number, length: number): boolean {
    if (length < 4) return false
    const family = read16(packet, at)
    const prefix = packet[at + 2]
    const max = family === 1 ? 32 : 128
    if (packet[at + 3] !== 0 || prefix > max) return false
    if (family > 2) return true
    if (length - 4 !== (prefix + 7) >> 3) return false
    return (prefix & 7) === 0 || (packet[at + length - 1] & (255 >> (prefix & 7))) === 0
  }

  begin(): number {
    return -1
  }

  write(): void {
    // No reply has it.
  }
}
