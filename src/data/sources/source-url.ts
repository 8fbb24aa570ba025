// What may be told of the URL of a source: its name, without what may be a secret in it, and a key to find it by.

import { createHash } from 'node:crypto'

/**
 * The name of a URL for people, files and logs: scheme, host and path. User information, query and fragment may be
 * secrets, such as a licence key or the signature that lets one download a file, and are in no name.
 */
export function nameOfUrl(url: string): string {
  if (URL.canParse(url)) {
    const { protocol, host, pathname } = new URL(url)
    return `${protocol}//${host}${pathname}`
  }
  // No URL at all: what would be a secret in one isn't shown, either.
  return url.replace(/[?#].*$/s, '').replace(/\/\/.*@/s, '//')
}

/** What a URL is known by in the data directory: it can't be turned back into the URL. */
export function keyOfUrl(url: string): string {
  return createHash('sha256').update(url).digest('hex')
}

/** The URL without its user information, and what that is as a header (RFC 7617 2); null where there is none. */
export function withoutUser(url: string): { readonly url: URL; readonly authorization: string | null } {
  const bare = new URL(url)
  const { username, password } = bare
  bare.username = ''
  bare.password = ''
  if (username === '' && password === '') return { url: bare, authorization: null }
  const pair = `${decoded(username)}:${decoded(password)}`
  return { url: bare, authorization: `Basic ${Buffer.from(pair, 'utf8').toString('base64')}` }
}

/** Percent-decoded; as it stands where that isn't possible. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
