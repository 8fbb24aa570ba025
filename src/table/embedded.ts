// IPv4 addresses within IPv6 ones.

/** Bits in front of an IPv4 address that is embedded in an IPv6 one. */
export const EMBEDDED_DEPTH = 96

/**
 * Whether an IPv6 address stands for the IPv4 address in its last word: as sockets for both families have it,
 * ::ffff:0:0/96 (RFC 4291 2.5.5.2), or as NAT64 translates it, 64:ff9b::/96 (RFC 6052 2.1). 6to4 and Teredo are not
 * among them: who relays for those is what the data tell.
 */
export function isEmbedded4(word0: number, word1: number, word2: number): boolean {
  return word1 === 0 && ((word0 === 0 && word2 === 0xffff) || (word0 === 0x64ff9b && word2 === 0))
}
