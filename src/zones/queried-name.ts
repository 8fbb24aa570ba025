// What a query asks about: an address or an AS number, and what the table knows of it.
//
// One belongs to each responder and is filled again for each query, so that nothing is allocated.

/** What an owner name turned out to be. */
export const OWNER = {
  /** No name that can exist in the zone: NXDOMAIN. */
  none: 0,
  /** An empty non-terminal, an ancestor of names that can exist: NOERROR without an answer (RFC 8020 2). */
  ancestor: 1,
  /** The name is that of an IPv4 address. */
  ipv4: 2,
  /** The name is that of an IPv6 address. */
  ipv6: 3,
  /** The name is that of an AS number. */
  asn: 4,
  /** The name is that of a network of IPv4 addresses. */
  ipv4Network: 5,
  /** The name is that of a network of IPv6 addresses. */
  ipv6Network: 6,
} as const

/** The address or AS number of one query. */
export class QueriedName {
  /** 4 or 6 for an address; 0 for an AS number. */
  family: 0 | 4 | 6 = 0
  /** The IPv4 address or the AS number, or the first word of an IPv6 address; unsigned. */
  word0 = 0
  word1 = 0
  word2 = 0
  word3 = 0
  /** The length of the network's prefix; −1 for an address. */
  networkLength = -1
  /** The name exists whatever is known, an ancestor of others, say: without data it is NODATA, not NXDOMAIN. */
  alsoAncestor = false
  /** The number of the table's record, 0 when nothing is known. */
  record = 0
  /** The prefix length that the table found, 0 when no origin AS is known. */
  prefixLength = 0
}
