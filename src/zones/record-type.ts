// Types of records and questions: one table, for numbers and for names.

/** Numbers by name in small letters (IANA «Resource Record (RR) TYPEs»): what the server knows, or is asked for. */
export const TYPE = {
  a: 1,
  ns: 2,
  cname: 5,
  soa: 6,
  ptr: 12,
  hinfo: 13,
  mx: 15,
  txt: 16,
  aaaa: 28,
  loc: 29,
  srv: 33,
  naptr: 35,
  opt: 41,
  ds: 43,
  rrsig: 46,
  dnskey: 48,
  svcb: 64,
  https: 65,
  tsig: 250,
  ixfr: 251,
  axfr: 252,
  any: 255,
  caa: 257,
} as const

/** The name of a type in small letters. */
export type TypeKey = keyof typeof TYPE

/** What zones answer with below their apex; a question for ANY gets the first of these that a zone has. */
export const ANSWER_TYPES = ['TXT', 'A', 'AAAA'] as const

/** A type that zones answer with below their apex. */
export type AnswerType = (typeof ANSWER_TYPES)[number]

/** What the server has records of, or ANY: what can be asked for in earnest. */
export const ASKED_TYPES = [...ANSWER_TYPES, 'SOA', 'NS', 'ANY'] as const

/** Types that counters of traffic tell apart: those that zones have, and those that clients and scanners ask for. */
export const COUNTED_TYPES: readonly TypeKey[] = [
  'a',
  'ns',
  'cname',
  'soa',
  'ptr',
  'mx',
  'txt',
  'aaaa',
  'srv',
  'ds',
  'dnskey',
  'https',
  'ixfr',
  'axfr',
  'any',
]

/** The number of a type, by its name in capitals. */
export const typeNumber = (name: Uppercase<TypeKey>): number => TYPE[name.toLowerCase() as TypeKey]
