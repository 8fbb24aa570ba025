// A URL as it may be shown.

/** The URL of a server without the user and the password in it. */
export function withoutPassword(url: string): string {
  const parsed = new URL(url)
  parsed.username = ''
  parsed.password = ''
  return parsed.href
}
