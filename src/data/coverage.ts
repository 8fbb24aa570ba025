// How much of the address space data cover.

/** The share of all IPv4 addresses, or of 2000::/3, which is what is given out of IPv6. */
export function shareOfAddresses(family: 4 | 6, addresses: number): number {
  return addresses / 2 ** (family === 4 ? 32 : 125)
}
