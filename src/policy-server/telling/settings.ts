// Who is told when an account is refused, and how: plain data, files are read already.

/** How a mail server is reached. */
export interface SmtpSettings {
  readonly host: string
  readonly port: number
  readonly helo: string
  /** Empty for none, and so is the password. */
  readonly username: string
  readonly password: string
  readonly tls: 'none' | 'starttls' | 'on-connect'
  /** PEM; null for the CAs of the system. */
  readonly ca: string | null
}

/** What mail is like. */
export interface MailSettings {
  readonly to: readonly string[]
  readonly from: string
  readonly subject: string
  /** Null for the text of asnzone. */
  readonly body: { readonly text: string; readonly isHtml: boolean } | null
  readonly smtp: SmtpSettings
}

/** Which accounts somebody is told about. */
export type Known =
  | { readonly kind: 'all' }
  | { readonly kind: 'ldap' }
  | { readonly kind: 'list'; readonly names: ReadonlySet<string> }

/** Who is told, and of what. */
export interface TellingConduct {
  readonly mail: MailSettings | null
  readonly webhook: { readonly url: string; readonly key: string | null } | null
  /** Milliseconds between two tellings of the same; null for once a block. */
  readonly every: number | null
  /** Minutes after midnight, UTC; null for no digest. */
  readonly digest: number | null
  readonly known: Known
}

/** A way to tell somebody. */
export type Channel = 'mail' | 'webhook'
