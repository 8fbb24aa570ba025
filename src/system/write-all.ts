// Writes all of some octets, as write(2) does not promise to.

import { writeSync } from 'node:fs'

/**
 * Writes octets to a descriptor. A disk that is nearly full takes the beginning, and says no to the rest.
 *
 * @throws {Error} of the system when not all can be written.
 */
export function writeAll(fd: number, octets: Uint8Array): void {
  for (let at = 0; at < octets.length; ) at += writeSync(fd, octets, at)
}
