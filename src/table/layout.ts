// The bytes of the compiled table: one relocatable buffer that every worker shares and that is also a file.
//
//     header         HEADER_WORDS words, see HEADER below
//     v4 index       65,537 words: for each value of the high 16 bits the last interval that starts at or below it
//     v4 starts      one word an interval, ascending; the first is 0.0.0.0
//     v4 entries     one word an interval: record << 8 | prefix length; 0 where nothing is known
//     v6 groups      a word for each value of the high 16 bits: first slot << 5 | number of bits
//     v6 slots       for each value of so many bits that follow the last interval that starts at or below it: in most
//                    groups there is one slot, and in the few that IPv6 is given out of are thousands
//     v6 starts      two arrays: the first and the second word of each address
//     v6 low         the numbers of the intervals whose third or fourth word isn't zero, ascending: very few are finer
//                    than the /64 of a network
//     v6 low words   two arrays: the third and the fourth word of those intervals
//     v6 entries     as for IPv4
//     AS numbers     ascending, one word each
//     AS records     the record of the AS number with the same index
//     records        RECORD_WORDS words each, see COLUMN; record 0 is all zero, «nothing known»
//     strings        every byte string that an answer can hold: a length octet, then the octets
//     metadata       JSON in UTF-8: where the data came from
//
// Words are 32-bit in the byte order of the machine, which the magic number gives away; every section starts
// at a multiple of eight octets. A word in a record is the offset of a string in «strings»; offset 0 holds the
// empty string and means «unknown».

/** «ASNZ» when read in the byte order that wrote it. */
export const MAGIC = 0x5a4e5341

/** Raised whenever a byte above changes its meaning. */
export const FORMAT_VERSION = 7

/** Words in the header. */
export const HEADER_WORDS = 32

/** Which word of the header holds what; offsets and lengths are in octets from the start of the buffer. */
export const HEADER = {
  magic: 0,
  formatVersion: 1,
  byteLength: 2,
  v4Count: 3,
  v4Index: 4,
  v4Starts: 5,
  v4Entries: 6,
  v6Count: 7,
  v6Groups: 8,
  v6Starts: 9,
  v6Entries: 10,
  asCount: 11,
  asNumbers: 12,
  asRecords: 13,
  recordCount: 14,
  records: 15,
  strings: 16,
  stringsLength: 17,
  metadata: 18,
  metadataLength: 19,
  v6LowCount: 20,
  v6LowIntervals: 21,
  v6LowWords: 22,
  v6SlotCount: 23,
  v6Slots: 24,
} as const

/** The greatest AS number (RFC 6793). */
export const MAX_ASN = 4294967295

/** Entries of an index over the high 16 bits of an address: one for each value and one after the last. */
export const INDEX_LENGTH = 65537

/**
 * The columns of a record: each is the offset of a string, in a block of strings that belong together:
 *
 *     country    code · code in lower case · ISO 3166-1 number as two octets
 *     registry   (RPKI_CODE and ROAS as two octets) · registry · state of RPKI · each ROA: its AS number, empty where it
 *                is that of the record · how much shorter its prefix is than that of the entry, and how much longer than
 *                its prefix one may be, as two octets
 *     distance   (km as two octets) · km · 1 where an end of it is the point of a country
 *     score      (side and magnitude of the reputation as two octets) · (those of the score) · sum · its parts · reputation
 *                · the evidence for it
 *     location   city · region · country · continent · latitude · longitude
 *
 * The offset of a registry, a distance and a score is that of the text; the octets for A records stand in front of it.
 * Two octets are always the high one first. In a block a string may be empty.
 *
 * An AS number's string is the head of a longer one: where several ASes announce a prefix, the others follow
 * after a blank, and the octet in front of the offset is the length of them all (see ORIGINS_LENGTH):
 *
 *     11 5 2 0 7 3 8 _ 2 0 7 7 3        the offset is that of the 5
 */
export const COLUMN = {
  asn: 0,
  name: 1,
  country: 2,
  registry: 3,
  allocated: 4,
  distance: 5,
  score: 6,
  location: 7,
} as const

/** The name of a column. */
export type ColumnName = keyof typeof COLUMN

/** log2 of the words in a record of so many columns: the next power of two holds them. */
export const shiftOf = (columns: number): number => Math.ceil(Math.log2(columns))

/** log2 of the words in a record, so that record n starts at n << RECORD_SHIFT. */
export const RECORD_SHIFT = shiftOf(Object.keys(COLUMN).length)

/** Words in a record. */
export const RECORD_WORDS = 1 << RECORD_SHIFT

/** From an AS number's string to the octet that is the length of all origins. */
export const ORIGINS_LENGTH = -1

/** From a country's string to the string of its code in lower case. */
export const COUNTRY_LOWER = 3

/** From a country's string to the string of its number. */
export const COUNTRY_NUMBER = 6

/** From the string of a registry, a distance or a score to the first of the two octets in front of it. */
export const OCTETS_BEFORE = -2

/** Which string of a registry's block is the state of RPKI; ROAs follow. */
export const RPKI_STATE = 1

/** The first octet in front of a registry: what RPKI says of the prefix and its AS (RFC 6811 2); 0 where nothing is known. */
export const RPKI_CODE = { valid: 2, 'not-found': 3, invalid: 4 } as const

/** What RPKI says of a prefix and its AS. */
export type RpkiState = keyof typeof RPKI_CODE

/** The most ROAs that are kept of those that decided on a state. */
export const MAX_ROAS = 5

/** The second octet in front of a registry: how many ROAs follow, and whether there are more, and whether they are of IPv6. */
export const ROAS = { count: 15, more: 64, ipv6: 128 } as const

/** Which string of a distance's block is not empty where an end of it is the point of a country. */
export const DISTANCE_ROUGH = 1

/** Which string of a score's block tells its parts. */
export const SCORE_PARTS = 1

/** From the string of a score to the first of the two octets of the reputation: which side of zero it is on, 0 for none. */
export const REPUTATION_BEFORE = -5

/** Which strings of a score's block are the reputation, and what it was learned from. */
export const REPUTATION = { value: 2, evidence: 3 } as const

/** The most decibels of a reputation, either way. */
export const MAX_REPUTATION = 30

/** Which string of a location's block is what. */
export const LOCATION = { city: 0, region: 1, country: 2, continent: 3, latitude: 4, longitude: 5 } as const

/**
 * The most octets of each string that a record can lead to, as the zones reckon with them: no answer is longer than
 * its buffer because no string is longer than this.
 */
export const MAX_OCTETS = {
  asn: 10,
  origins: 109,
  name: 80,
  country: 2,
  registry: 16,
  rpki: 9,
  allocated: 10,
  distance: 5,
  distanceRough: 1,
  score: 11,
  scoreParts: 200,
  reputation: 3,
  evidence: 200,
  city: 80,
  region: 80,
  continent: 2,
  latitude: 8,
  longitude: 9,
} as const

/** The first octet in front of a score, and of a reputation: which side of zero it is on. */
export const SCORE_SIDE = { zero: 0, negative: 1, positive: 2 } as const
