// Names for answers, as geoip-policyd gives them: KSUIDs, 27 digits of base 62 that sort by time.

import { randomBytes } from 'node:crypto'

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const LENGTH = 27

/** Seconds since 1970 at which KSUIDs begin. */
const EPOCH = 1_400_000_000

/** A new name: four octets of time, sixteen of chance. */
export function newGuid(): string {
  const octets = randomBytes(20)
  octets.writeUInt32BE((Math.floor(Date.now() / 1000) - EPOCH) >>> 0)
  let rest = BigInt(`0x${octets.toString('hex')}`)
  let text = ''
  for (let i = 0; i < LENGTH; i++) {
    text = DIGITS[Number(rest % 62n)] + text
    rest /= 62n
  }
  return text
}
