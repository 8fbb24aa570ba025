// Names of URLs, which are told to everybody, hold nothing that may be secret.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { keyOfUrl, nameOfUrl, withoutUser } from '../../../src/data/sources/source-url.ts'

describe('the name of a URL', () => {
  test.each([
    ['https://a.test/x/y.csv', 'https://a.test/x/y.csv'],
    ['https://a.test:8443/x?license_key=secret&edition=1', 'https://a.test:8443/x'],
    ['https://me:secret@a.test/x#secret', 'https://a.test/x'],
    ['https://me:sec@ret@a.test/x', 'https://a.test/x'],
    ['HTTP://secret@A.test', 'http://a.test/'],
    ['https://me:secret@[a.test/x', 'https://[a.test/x'],
    ['ftp://me:secret@a.test/x?secret', 'ftp://a.test/x'],
    ['/srv/data/a.csv', '/srv/data/a.csv'],
  ])('%s', (url, name) => {
    expect(nameOfUrl(url)).toBe(name)
  })

  test('never holds user information, query or fragment', () => {
    const secret = fc
      .stringMatching(/^[a-zA-Z0-9:@/?#%&=+;,.!$'()*~_-]{0,20}$/)
      .map((text) => `s3cret${text}`)
    fc.assert(
      fc.property(secret, secret, secret, fc.boolean(), (user, query, fragment, isValid) => {
        const escaped = isValid ? encodeURIComponent(user) : user.replace(/[/?#]/g, '')
        const url = `https://${escaped}@a.test${isValid ? '' : ':port'}/x?${query}#${fragment}`
        expect(nameOfUrl(url)).not.toContain('s3cret')
      }),
    )
  })
})

test('user information becomes a header, percent-decoded', () => {
  const { url, authorization } = withoutUser('https://me%40here:pass%3Aw%C3%B6rd@a.test/x?y')
  expect(url.href).toBe('https://a.test/x?y')
  expect(authorization).toBe(`Basic ${Buffer.from('me@here:pass:wörd').toString('base64')}`)
  expect(withoutUser('https://a.test/').authorization).toBeNull()
  expect(withoutUser('https://a%zz@a.test/').authorization).not.toBeNull()
})

test('keys tell URLs apart that have one name', () => {
  const keys = ['https://a.test/x?a', 'https://a.test/x?b', 'https://me@a.test/x'].map(keyOfUrl)
  expect(new Set(keys).size).toBe(3)
  for (const key of keys) expect(key).toMatch(/^[\da-f]{64}$/)
})
