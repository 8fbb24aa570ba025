// How long what a zone answers may be, and how many zones there may be. Each limit is told here, and nowhere else.

/** The most octets of a character-string (RFC 1035 3.3). */
export const MAX_STRING = 255

/**
 * The most octets of what an answer consists of: the RDATA of its one record, or all NS records of an apex. With the
 * longest name in front and EDNS after it, every reply then fits its buffer.
 */
export const MAX_ANSWER_OCTETS = 1024

/** The octets after a text that may be written over, because it is written a word at a time. */
export const WORD_OVERRUN = 3

/**
 * The most zones, each apex being one, and the most definitions of zones. So many fit the heap of each thread twice, as
 * they have to while a reload replaces them.
 */
export const MAX_ZONES = 100_000
export const MAX_DEFINITIONS = 20_000
