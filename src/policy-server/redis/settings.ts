// How Redis or Valkey is reached.

/** A host and a port. */
export interface HostAndPort {
  readonly host: string
  readonly port: number
}

/** The settings of a store in Redis; files are read already. */
export interface RedisSettings {
  /** `redis://HOST:PORT/DATABASE`, the same with `rediss` for TLS, or `unix:/PATH`. */
  readonly url: string
  /** What the names of our keys begin with. */
  readonly prefix: string
  /** Empty for none; what is in the URL counts where these are empty. */
  readonly username: string
  readonly password: string
  readonly database: number
  /** Where there are any, they tell which server is the primary of `master`. */
  readonly sentinels: readonly HostAndPort[]
  readonly master: string
  readonly sentinelUsername: string
  readonly sentinelPassword: string
  /** Whether the server is one of a Redis Cluster. */
  readonly cluster: boolean
  /** PEM texts; null for those of the system, and for no certificate of our own. */
  readonly tls: { readonly ca: string | null; readonly cert: string | null; readonly key: string | null }
  /** What the keys of geoip-policyd begin with, whose accounts are taken over; empty for none. */
  readonly importPrefix: string
  /** Milliseconds that a command may take. */
  readonly timeout: number
}
