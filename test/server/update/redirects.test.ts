// Redirections: each hop is checked by where it leads, and nothing secret goes to another server.

import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Download, download } from '../../../src/data/update/fetch/download.ts'
import type { RequestOptions } from '../../../src/data/update/fetch/request.ts'
import { kindOfTarget, mayLeadTo } from '../../../src/data/update/fetch/target.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { ReleaseServer } from '../../support/release-server.ts'

let server: ReleaseServer
let other: ReleaseServer
let port: string

beforeAll(async () => {
  server = await ReleaseServer.start()
  other = await ReleaseServer.start()
  port = new URL(server.url).port
})
afterAll(() => Promise.all([server.stop(), other.stop()]))
beforeEach(() => {
  for (const one of [server, other]) {
    one.put('/file', 'contents')
    one.requests.length = 0
  }
})

/** As if 127.0.0.1 lay in the Internet. */
const PUBLIC: RequestOptions['kindOf'] = (address) =>
  address === '127.0.0.1' ? 'public' : kindOfTarget(address)

function get(url: string, network: Pick<RequestOptions, 'resolve' | 'kindOf'> = {}): Promise<Download> {
  const part = join(temporaryFolder(), 'part')
  return download(url, { part, maxOctets: 1000, attempts: 2, pause: 1, network })
}

const redirect = (from: string, location: string): void => server.fail(from, { kind: 'redirect', location })
const FETCHED = { kind: 'fetched', size: 8 }

describe('issue 13, item 13: a redirection', () => {
  test('is followed five times, not six', async () => {
    for (let hop = 0; hop < 5; hop++) redirect(`/${hop}`, `/${hop + 1}`)
    server.put('/5', 'contents')
    expect(await get(`${server.url}/0`)).toMatchObject(FETCHED)
    for (let hop = 0; hop < 6; hop++) redirect(`/${hop}`, `/${hop + 1}`)
    server.put('/6', 'contents')
    await expect(get(`${server.url}/0`)).rejects.toThrow('/0: it redirects more than 5 times')
  })

  test.each([
    ['this host', () => `http://127.0.0.2:${port}/file`, 'loopback (127.0.0.2)'],
    ['this host by another notation', () => `http://0x7f000002:${port}/file`, 'loopback (127.0.0.2)'],
    ['this host by 0.0.0.0', () => `http://0.0.0.0:${port}/file`, 'loopback (0.0.0.0)'],
    ['this host by IPv6', () => `http://[::1]:${port}/file`, 'loopback (::1)'],
    ['this host by mapped IPv4', () => `http://[::ffff:127.0.0.2]:${port}/`, 'loopback (::ffff:7f00:2)'],
    ['metadata of a cloud', () => 'http://169.254.169.254/latest', 'link-local (169.254.169.254)'],
    ['a private network', () => 'http://10.0.0.1/', 'private (10.0.0.1)'],
    ['a carrier’s network', () => 'http://100.64.0.1/', 'private (100.64.0.1)'],
    ['a private IPv6 network', () => 'http://[fd00::1]/', 'private (fd00::1)'],
  ])('from the Internet to %s is refused', async (_name, target, kind) => {
    redirect('/a', target())
    await expect(get(`${server.url}/a`, { kindOf: PUBLIC })).rejects.toThrow(`which is ${kind}`)
    expect(server.seen('/file')).toEqual([])
  })

  test('to a name is checked by the address that is connected to', async () => {
    redirect('/a', `http://name.test:${port}/file`)
    const asked: string[] = []
    const resolve = (async (name: string) => {
      asked.push(name)
      return [{ address: asked.length === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }]
    }) as unknown as NonNullable<RequestOptions['resolve']>
    expect(await get(`${server.url}/a`, { kindOf: PUBLIC, resolve })).toMatchObject(FETCHED)
    // The same name, and another address: what the last time was is nothing.
    redirect('/a', `http://name.test:${port}/file`)
    await expect(get(`${server.url}/a`, { kindOf: PUBLIC, resolve })).rejects.toThrow(
      `it leads to http://name.test:${port}/file, which is loopback (127.0.0.2)`,
    )
    expect(asked).toEqual(['name.test', 'name.test'])
    expect(server.seen('/file')).toHaveLength(1)
  })

  test('within this host is followed when the first URL is of this host', async () => {
    redirect('/a', `${other.url}/file`)
    expect(await get(`${server.url}/a`)).toMatchObject(FETCHED)
    expect(other.seen('/file')).toEqual(['200'])
  })

  test.each(['file:///etc/passwd', 'ftp://127.0.0.1/', 'http://[', 'data:,x'])(
    'to %s is refused',
    async (url) => {
      redirect('/a', url)
      await expect(get(`${server.url}/a`)).rejects.toThrow(/which is not fetched|what is not a URL/)
    },
  )

  test('takes user and password to the same origin only', async () => {
    const { port: otherPort } = new URL(other.url)
    redirect('/a', '/b')
    redirect('/b', `http://thief:x@127.0.0.1:${otherPort}/c`)
    other.fail('/c', { kind: 'redirect', location: `${server.url}/file` })
    expect(await get(`http://me:secret@127.0.0.1:${port}/a`)).toMatchObject(FETCHED)
    const sent = [...server.requests, ...other.requests].map(({ path, headers }) => [
      path,
      headers.authorization,
    ])
    const basic = `Basic ${Buffer.from('me:secret').toString('base64')}`
    expect(Object.fromEntries(sent)).toEqual({
      '/a': basic,
      '/b': basic,
      '/c': undefined,
      '/file': undefined,
    })
  })

  test('tells nobody the signature that is in it', async () => {
    redirect('/a', `${other.url}/gone?signature=s3cret`)
    const failed = await get(`${server.url}/a?key=s3cret`).catch((error: Error) => error)
    expect(String(failed)).toContain('the server answers 404')
    expect(String(failed)).not.toContain('s3cret')
    redirect('/a', `http://127.0.0.2:${port}/x?signature=s3cret`)
    const refused = await get(`${server.url}/a?key=s3cret`, { kindOf: PUBLIC }).catch((error: Error) => error)
    expect(String(refused)).not.toContain('s3cret')
  })
})

test.each([
  ['8.8.8.8', 'public'],
  ['172.15.0.1', 'public'],
  ['172.31.255.255', 'private'],
  ['192.168.1.1', 'private'],
  ['255.255.255.255', 'private'],
  ['2606:4700::1111', 'public'],
  ['::', 'loopback'],
  ['fe80::1%eth0', 'link-local'],
  ['::ffff:10.0.0.1', 'private'],
  ['64:ff9b::7f00:1', 'loopback'],
  ['64:ff9b::808:808', 'public'],
  ['2002:a00:1::', 'private'],
  ['2002:808:808::', 'public'],
  ['ff02::1', 'private'],
])('%s is %s', (address, kind) => {
  expect(kindOfTarget(address)).toBe(kind)
})

test('a mirror in a private network may lead into private networks, but to no host itself', () => {
  expect(mayLeadTo('private', 'private')).toBe(true)
  expect(mayLeadTo('loopback', 'private')).toBe(false)
  expect(mayLeadTo('link-local', 'loopback')).toBe(false)
  expect(mayLeadTo('private', 'public')).toBe(false)
  expect(mayLeadTo('public', 'public')).toBe(true)
})
