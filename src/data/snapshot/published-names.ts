// The names of what is published, and how long the short ones may be.

/** The manifest's name. */
export const MANIFEST_NAME = 'current.json'

/** What its signature ends with. */
export const SIGNATURE_SUFFIX = '.minisig'

/** The most octets of a manifest, and of a signature. */
export const MOST_MANIFEST = 64 << 10
export const MOST_SIGNATURE = 4 << 10

/** The name of a packed snapshot: its serial and the beginning of its SHA-256. */
export const PACKED_NAME = /^\d{1,10}-[0-9a-f]{16}\.snapshot\.gz$/

/** The name of a packed snapshot. */
export const packedName = (serial: number, sum: string): string => `${serial}-${sum.slice(0, 16)}.snapshot.gz`
