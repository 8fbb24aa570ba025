// How a directory is asked for the account that a name belongs to.

/** The settings of LDAP; files are read already. */
export interface LdapSettings {
  /** `ldap://HOST:PORT` or `ldaps://HOST:PORT`, asked in turn. */
  readonly urls: readonly string[]
  readonly base: string
  /** Empty for nobody. */
  readonly bindDn: string
  readonly password: string
  /** A filter (RFC 4515) with `%s` where the name goes. */
  readonly filter: string
  /** The attribute that holds the name of the account. */
  readonly attribute: string
  readonly scope: 'sub' | 'one' | 'base'
  /** Whether `ldap://` goes on with TLS. */
  readonly startTls: boolean
  /** Whether the server has to show a certificate that is right. */
  readonly verify: boolean
  /** PEM texts; null for those of the system, and for no certificate of our own. */
  readonly tls: { readonly ca: string | null; readonly cert: string | null; readonly key: string | null }
  /** Whether our certificate says who we are (SASL EXTERNAL). */
  readonly isExternal: boolean
  /** Connections at most, and those that are kept while nobody asks. */
  readonly pool: number
  readonly idle: number
  /** Milliseconds for which an answer holds. */
  readonly cache: number
  /** Milliseconds that an answer may take. */
  readonly timeout: number
}
