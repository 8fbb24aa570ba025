// The address that sent a message, as logs and people write it: in its one form, and whether it is one of the internet.

import { parseClientAddress } from '../policy/client-address.ts'
import { holds } from '../policy/networks.ts'
import { networkText } from '../table/address-text.ts'
import { type Cidr, parseCidr } from '../table/cidr-text.ts'
import { plainWords } from './place.ts'

/** An address as text and as one or four words; IPv4 inside IPv6 is IPv4. */
export interface SenderAddress {
  readonly text: string
  readonly words: ArrayLike<number>
}

/** Networks that no mail comes from over the internet. */
const NOT_PUBLIC = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '224.0.0.0/3',
  '::/127',
  'fc00::/7',
  'fe80::/10',
  'ff00::/8',
].map(parseCidr)

/** Reads an address; null when it is none. */
export function readSender(text: string): SenderAddress | null {
  const address = parseClientAddress(text)
  if (address === null) return null
  const words = plainWords(address.words)
  return words === address.words ? address : { words, text: networkText(words) }
}

/** Whether an address can be one of the internet. */
export function isPublic(words: ArrayLike<number>): boolean {
  return !NOT_PUBLIC.some((network) => isWithin(words, network))
}

/** Whether an address, of one word or four, is in a network. */
export function isWithin(words: ArrayLike<number>, { start, length }: Cidr): boolean {
  return words.length === start.length && holds(start, length, words)
}
