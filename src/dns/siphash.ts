// SipHash-2-4 (Aumasson, Bernstein) with a 64-bit result, in 32-bit halves: the hash of DNS cookies (RFC 9018).

import { read32Little } from './octets.ts'

/** The state: four 64-bit words, each as its low and its high half. */
const v = new Int32Array(8)

/** Where the result goes: the low half, then the high half. */
export const sipHashResult = new Int32Array(2)

/**
 * Hashes `message[0, length)` under a key of 16 octets into `sipHashResult`. Keys and messages are read as
 * little-endian words, as the reference does.
 */
export function sipHash(key: Uint8Array, message: Uint8Array, length: number): void {
  const k0 = read32Little(key, 0)
  const k1 = read32Little(key, 4)
  const k2 = read32Little(key, 8)
  const k3 = read32Little(key, 12)
  v[0] = k0 ^ 0x70736575
  v[1] = k1 ^ 0x736f6d65
  v[2] = k2 ^ 0x6e646f6d
  v[3] = k3 ^ 0x646f7261
  v[4] = k0 ^ 0x6e657261
  v[5] = k1 ^ 0x6c796765
  v[6] = k2 ^ 0x79746573
  v[7] = k3 ^ 0x74656462
  const whole = length & ~7
  for (let at = 0; at < whole; at += 8) compress(read32Little(message, at), read32Little(message, at + 4))
  let low = 0
  let high = length << 24
  for (let i = whole; i < length; i++) {
    if (i - whole < 4) low |= message[i] << ((i - whole) * 8)
    else high |= message[i] << ((i - whole - 4) * 8)
  }
  compress(low, high)
  v[4] ^= 0xff
  round()
  round()
  round()
  round()
  sipHashResult[0] = v[0] ^ v[2] ^ v[4] ^ v[6]
  sipHashResult[1] = v[1] ^ v[3] ^ v[5] ^ v[7]
}

function compress(low: number, high: number): void {
  v[6] ^= low
  v[7] ^= high
  round()
  round()
  v[0] ^= low
  v[1] ^= high
}

function round(): void {
  add(0, 2)
  add(4, 6)
  rotateAndXor(2, 13, 0)
  rotateAndXor(6, 16, 4)
  swapHalves(0)
  add(4, 2)
  add(0, 6)
  rotateAndXor(2, 17, 4)
  rotateAndXor(6, 21, 0)
  swapHalves(4)
}

/** v[a] += v[b], as 64-bit numbers. */
function add(a: number, b: number): void {
  const low = (v[a] >>> 0) + (v[b] >>> 0)
  v[a + 1] = v[a + 1] + v[b + 1] + (low > 0xffffffff ? 1 : 0)
  v[a] = low
}

/** v[a] = rotl(v[a], bits) ^ v[b], as 64-bit numbers; 0 < bits < 32. */
function rotateAndXor(a: number, bits: number, b: number): void {
  const low = v[a]
  const high = v[a + 1]
  v[a] = ((low << bits) | (high >>> (32 - bits))) ^ v[b]
  v[a + 1] = ((high << bits) | (low >>> (32 - bits))) ^ v[b + 1]
}

/** A rotation by 32. */
function swapHalves(a: number): void {
  const low = v[a]
  v[a] = v[a + 1]
  v[a + 1] = low
}
