// The built server over HTTP: readiness by a question over a real socket, a token beyond loopback, the end.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { consoleExamples, readDocument } from '../docs/markdown.ts'
import { temporaryFolder } from '../support/folders.ts'
import { RawClient } from '../support/http-server.ts'
import { dig, type RunningServer, runCli, startServer } from '../support/programs.ts'

const TOKEN = 'a-token-of-24-characters'

/** Where a server says that it serves pages. */
function urlOf(server: RunningServer): string {
  const urls = server.log.flatMap(({ msg }) => /^pages, .* (http:\/\/\S+)\/$/.exec(msg)?.[1] ?? [])
  expect(urls).toHaveLength(1)
  return urls[0]
}

async function readiness(url: string): Promise<{ status: number; ready: boolean; reasons: string[] }> {
  const response = await fetch(`${url}/readyz`)
  return { status: response.status, ...((await response.json()) as { ready: boolean; reasons: string[] }) }
}

/** A place with data that are never too old: overrides. */
function place(settings: string): { cwd: string; env: Record<string, string> } {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'ours.csv'), 'cidr,asn,name,country\n10.0.0.0/8,64512,our LAN,DE\n')
  const ours = `{ what: override, format: overrides, from: '${folder}/ours.csv' }`
  writeFileSync(join(folder, 'asnzone.yaml'), `feed: none\nsources:\n  - ${ours}\n${settings}`)
  return { cwd: folder, env: { ASNZONE_DATA_DIR: join(folder, 'data') } }
}

test('where its own host is a proxy it is ready all the same', async () => {
  const server = await startServer(['--proxy-protocol', '127.0.0.0/8,::1'], place('http: 127.0.0.1:0\n'))
  try {
    expect(await readiness(urlOf(server))).toEqual({ status: 200, ready: true, reasons: [] })
  } finally {
    await server.stop()
  }
})

describe('with data that are young enough', () => {
  let server: RunningServer
  let url: string

  beforeAll(async () => {
    server = await startServer([], place('http: 127.0.0.1:0\n'))
    url = urlOf(server)
  })
  afterAll(() => server.stop())

  test('it is ready: it has asked itself on each of its addresses', async () => {
    const before = await queriesOf(url)
    expect(await readiness(url)).toEqual({ status: 200, ready: true, reasons: [] })
    expect((await queriesOf(url)) - before).toBe(server.addresses.length)
  })

  test('metrics tell of queries over UDP, TCP and both families', async () => {
    const accepted = async (): Promise<number> => {
      const text = await (await fetch(`${url}/metrics`)).text()
      return Number(/^asnzone_tcp_connections_total\{result="accepted"\} (\d+)$/m.exec(text)?.[1])
    }
    // Its own, at the start.
    const before = await accepted()
    for (const address of server.addresses) {
      await dig(address, ['+short', 'TXT', '3.2.1.10.geo.asnzone.internal'])
      await dig(address, ['+short', '+tcp', 'TXT', '3.2.1.10.geo.asnzone.internal'])
    }
    const text = await (await fetch(`${url}/metrics`)).text()
    for (const transport of ['udp', 'tcp']) {
      for (const family of [4, 6]) {
        expect(text).toContain(
          `asnzone_queries_total{transport="${transport}",family="${family}",type="TXT",rcode="NOERROR"} 1\n`,
        )
      }
    }
    expect((await accepted()) - before).toBe(2)
    expect(text).toMatch(/^asnzone_query_duration_seconds_count [1-9]/m)
    expect(text).toMatch(/^asnzone_udp_dropped_total 0$/m)
  })

  test('a lookup', async () => {
    const found = (await (await fetch(`${url}/api/lookup/10.1.2.3`)).json()) as { questions: unknown[] }
    expect(found).toMatchObject({ found: true, asn: 64512, name: 'our LAN', country: 'DE' })
    expect(found.questions[0]).toEqual({
      zone: 'geo',
      command: `dig @127.0.0.1 -p ${server.addresses[0].port} +short TXT 3.2.1.10.geo.asnzone.internal`,
      answer: '"64512 | our LAN | DE | -- | 0"',
    })
  })
})

async function queriesOf(url: string): Promise<number> {
  const { queries } = (await (await fetch(`${url}/api/status`)).json()) as { queries: Record<string, number> }
  return Object.values(queries).reduce((sum, count) => sum + count, 0)
}

/** What the example of an AS shows. */
interface HeldExample {
  readonly addresses: { readonly ipv4: number }
  readonly networks: { readonly ipv4: { readonly shown: readonly unknown[] } }
  readonly shares: { readonly shown: readonly { readonly country: string }[] }
}

test('docs/http.md shows what is answered', async () => {
  const server = await startServer(['--http', '127.0.0.1:0'])
  try {
    const examples = consoleExamples(readDocument('docs/http.md'))
    expect(examples).toHaveLength(4)
    const [attributes, question, held, ready] = await Promise.all(
      examples.map(async ({ command }) => {
        const path = /^curl -s http:\/\/127\.0\.0\.1:8053(\S+)/.exec(command)?.[1]
        return (await (await fetch(`${urlOf(server)}${path}`)).json()) as Record<string, unknown>
      }),
    )
    const names = [...examples[0].command.matchAll(/[[ ]\.(\w+)/g)].map(([, name]) => name)
    expect(JSON.stringify(names.map((name) => attributes[name]))).toBe(examples[0].output)
    const [{ command, answer }] = question.questions as { command: string; answer: string }[]
    const port = String(server.addresses[0].port)
    expect(`${command.replace(port, '5300')}\n${answer}`).toBe(examples[1].output)
    const { addresses, networks, shares } = held as unknown as HeldExample
    const shown = [addresses.ipv4, networks.ipv4.shown[0], shares.shown[0].country]
    expect(shown.map((it) => JSON.stringify(it)).join('\n')).toBe(examples[2].output)
    expect(JSON.stringify(ready).replace(/\d+ days/, 'N days')).toBe(
      examples[3].output.replace(/\d+ days/, 'N days'),
    )
  } finally {
    await server.stop()
  }
})

test('data older than max-age: alive, but not ready', async () => {
  const server = await startServer(['--http', '127.0.0.1:0', '--max-age', '1d'])
  try {
    const url = urlOf(server)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect(await readiness(url)).toEqual({
      status: 503,
      ready: false,
      reasons: [
        expect.stringMatching(
          /^data of 2026-06-17 is \d+ days old, more than max-age 1d; asnzone update fetches/,
        ),
      ],
    })
  } finally {
    await server.stop()
  }
})

test('a server that does not answer itself is not ready', async () => {
  const server = await startServer([], place('http: 127.0.0.1:0\nallow: [192.0.2.0/24]\ndeny: drop\n'))
  try {
    expect(await readiness(urlOf(server))).toEqual({
      status: 503,
      ready: false,
      reasons: server.addresses.map(() => expect.stringMatching(/^\S+:\d+ does not answer for \S+: /)),
    })
  } finally {
    await server.stop()
  }
})

describe('beyond loopback', () => {
  test.each(['0.0.0.0:0', '[::]:0', '192.0.2.1:8053'])('%s needs a token', async (http) => {
    const { code, stderr } = await runCli(['serve', '--http', http])
    expect(code).toBe(1)
    expect(stderr).toBe(
      `asnzone: http: ${http} can be reached by others; set http-token, or listen on 127.0.0.1\n`,
    )
  })

  test('a token of few characters is refused', async () => {
    const { code, stderr } = await runCli(['serve', '--http', '0.0.0.0:0', '--http-token', 'short'])
    expect([code, stderr]).toEqual([1, expect.stringContaining('at least 16 letters')])
  })

  test('with one it is served to whoever has it', async () => {
    const server = await startServer(['--http', '0.0.0.0:0'], { env: { ASNZONE_HTTP_TOKEN: TOKEN } })
    try {
      const url = urlOf(server).replace('0.0.0.0', '127.0.0.1')
      expect((await fetch(`${url}/metrics`)).status).toBe(401)
      const headers = { authorization: `Bearer ${TOKEN}` }
      expect((await fetch(`${url}/metrics`, { headers })).status).toBe(200)
      expect(JSON.stringify(server.log)).not.toContain(TOKEN)
    } finally {
      await server.stop()
    }
  })
})

describe('published files', () => {
  const urlOfFiles = (server: RunningServer): string =>
    server.log.flatMap(({ msg }) => /^publishes .* (http:\/\/\S+)\/$/.exec(msg)?.[1] ?? [])[0]

  test.each(['0.0.0.0:0', '[::]:0'])('on %s need a token, or networks that may read', async (address) => {
    const { code, stderr } = await runCli(['serve', '--publish-csv', address])
    expect([code, stderr]).toEqual([
      1,
      `asnzone: publish-csv: ${address} can be reached by others; set publish-allow or http-token, or listen on 127.0.0.1\n`,
    ])
    expect((await runCli(['check', '--publish-csv', address])).stderr).toBe(stderr)
  })

  test('what is not a network is refused', async () => {
    const args = ['serve', '--publish-csv', '127.0.0.1:0', '--publish-allow', '10.0.0.0/33']
    const { code, stderr } = await runCli(args)
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^asnzone: --publish-allow: .*10\.0\.0\.0\/33/)])
  })

  test('are for the networks that may read', async () => {
    for (const [network, status] of [
      ['127.0.0.0/8', 200],
      ['192.0.2.0/24', 403],
    ] as const) {
      const server = await startServer(['--publish-csv', '[::]:0', '--publish-allow', network])
      try {
        const url = urlOfFiles(server).replace('[::]', '127.0.0.1')
        expect([network, (await fetch(`${url}/country-ipv4.csv`)).status]).toEqual([network, status])
      } finally {
        await server.stop()
      }
    }
  })

  test('a request whose target is // ends nothing, at either address', async () => {
    const server = await startServer(['--publish-csv', '127.0.0.1:0', '--http', '127.0.0.1:0'])
    try {
      for (const url of [urlOfFiles(server), urlOf(server)]) {
        const client = new RawClient(Number(new URL(url).port))
        client.send('GET // HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
        expect(await client.ended).toMatch(/^HTTP\/1\.1 4\d\d /)
      }
      expect(await dig(server.addresses[0], ['+short', 'TXT', '8.8.8.8.geo.asnzone.internal'])).toContain(
        '15169',
      )
      expect(server.log.filter(({ level }) => level >= 50)).toEqual([])
    } finally {
      await server.stop()
    }
  })
})

test('a port that is taken is told, and nothing stays behind', async () => {
  const server = await startServer(['--http', '127.0.0.1:0'])
  const { code, stderr } = await runCli([
    ...['serve', '--listen', '127.0.0.1:0'],
    ...['--http', urlOf(server).replace('http://', '')],
  ])
  await server.stop()
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(/127\.0\.0\.1:\d+ \(TCP\): another program .* another --http$/m),
  ])
})

test('it stops at once, although a page follows its events', async () => {
  const server = await startServer(['--http', '127.0.0.1:0'])
  const response = await fetch(`${urlOf(server)}/api/events`)
  const reader = response.body!.getReader()
  await reader.read()
  expect((await server.stop()).code).toBe(0)
  await expect(reader.closed).rejects.toThrow()
})
