// Whois of the built server: asked by Debian's whois and netcat, by systemd's socket, after a reload, and after its thread
// has ended.

import { execFile, spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { loadLibc } from '../../src/system/libc.ts'
import { openTcpSocket } from '../../src/system/udp-socket.ts'
import { consoleExamples, readDocument } from '../docs/markdown.ts'
import { compiledData } from '../support/compiled-data.ts'
import { launch, serveCommand } from '../support/conformance/launch.ts'
import { temporaryFolder } from '../support/folders.ts'
import { RawClient } from '../support/http-server.ts'
import { dig, type RunningServer, startServer } from '../support/programs.ts'

const run = promisify(execFile)

/** Whether the programs can't be run; .ci/run sets REQUIRE_PROGRAMS, so that the test fails instead. */
const isMissing =
  !process.env.REQUIRE_PROGRAMS && ['whois', 'nc'].some((it) => spawnSync(it, ['--help']).error !== undefined)

const ROW = '15169   | 8.8.8.8          | Google LLC\n'

let server: RunningServer | undefined
afterEach(async () => {
  await server?.stop()
  server = undefined
})

type Logged = readonly { readonly msg: string }[]

/** Where a server says that it answers. */
function portOf(log: Logged): number {
  const ports = log.flatMap(({ msg }) => /^whois is answered on .*:(\d+)$/.exec(msg)?.[1] ?? [])
  expect(ports).toHaveLength(1)
  return Number(ports[0])
}

/** All that is answered to a text. */
async function ask(port: number, text: string): Promise<string> {
  const client = new RawClient(port)
  client.send(text)
  return client.ended
}

describe.skipIf(isMissing)('whois and netcat (skipped where they are not installed)', () => {
  test('print what docs/whois.md shows', async () => {
    server = await startServer(['--whois', '127.0.0.1:0'])
    const port = portOf(server.log)
    const examples = consoleExamples(readDocument('docs/whois.md'))
    expect(examples.length).toBeGreaterThan(5)
    for (const { command, output } of examples) {
      expect(command).toMatch(/-p 43 |127\.0\.0\.1 43$/)
      const { stdout } = await run('sh', [
        '-c',
        command.replace('-p 43 ', `-p ${port} `).replace(/ 43$/, ` ${port}`),
      ])
      expect(stdout.replace(/\[[^\]]*\]/, '[…]').trimEnd()).toBe(output)
    }
  })
})

test('counts, and answers over IPv6 as well', async () => {
  server = await startServer(['--whois', '[::1]:0', '--http', '127.0.0.1:0'])
  const port = portOf(server.log)
  const host = '::1'
  const { connect } = await import('node:net')
  const { text } = await import('node:stream/consumers')
  const socket = connect({ host, port })
  socket.end('begin\n8.8.8.8\n10.0.0.1\nx\nend\n')
  expect((await text(socket)).split('\n')[1]).toBe(ROW.trimEnd())
  const [url] = server.log.flatMap(({ msg }) => /^pages, .* (http:\/\/\S+\/)$/.exec(msg)?.[1] ?? [])
  const metrics = await (await fetch(`${url}metrics`)).text()
  for (const result of ['answer', 'unknown', 'error']) {
    expect(metrics).toContain(`asnzone_whois_queries_total{result="${result}"} 1\n`)
  }
  expect(metrics).toContain('asnzone_whois_connections_total{result="accepted"} 1\n')
})

/** A config with an override, which a reload reads again. */
class Place {
  readonly folder = temporaryFolder()

  write(name: string, settings: string): void {
    writeFileSync(join(this.folder, 'ours.csv'), `cidr,asn,name,country\n10.0.0.0/8,64512,${name},DE\n`)
    const ours = `{ what: override, format: overrides, from: '${this.folder}/ours.csv' }`
    const text = `feed: none\nsources:\n  - ${ours}\nlisten: none\nwhois: 127.0.0.1:0\n${settings}`
    writeFileSync(join(this.folder, 'asnzone.yaml'), text)
  }
}

test('a reload brings other data, and other clients', async () => {
  const place = new Place()
  place.write('our LAN', 'least-share: 0\n')
  const running = launch(serveCommand(['--data-dir', join(place.folder, 'data')]), { cwd: place.folder })
  try {
    await running.ready
    const port = portOf(running.log)
    expect(await ask(port, '-f 10.0.0.1\n')).toBe('64512   | 10.0.0.1         | our LAN\n')
    place.write('another LAN', 'least-share: 0\n')
    process.kill(running.pid, 'SIGHUP')
    await running.printed('new data in service')
    expect(await ask(port, '-f 10.0.0.1\n')).toBe('64512   | 10.0.0.1         | another LAN\n')
    place.write('another LAN', 'least-share: 0\nallow: [192.0.2.0/24]\n')
    process.kill(running.pid, 'SIGHUP')
    await running.printed('new settings in force')
    expect(await ask(port, '-f 10.0.0.1\n')).toBe('')
  } finally {
    await running.stop()
  }
})

test('takes the socket that systemd has named whois, and binds those of DNS', async () => {
  const libc = await loadLibc()
  const inet = openTcpSocket(libc, { family: 4, address: Uint8Array.of(127, 0, 0, 1), port: 0 })
  const activated = ['sh', '-c', 'export LISTEN_PID=$$; exec "$@"', 'sh']
  const args = ['--listen', '127.0.0.1:0', '--whois', '127.0.0.1:1', '--data-dir', compiledData()]
  const running = launch([...activated, ...serveCommand(args)], {
    stdio: [inet.fd],
    env: { ...process.env, LISTEN_FDS: '1', LISTEN_FDNAMES: 'whois' },
  })
  try {
    const [dns] = await running.ready
    expect(dns.port).toBeGreaterThan(0)
    expect(portOf(running.log)).toBe(inet.port)
    expect(await ask(inet.port, '-f 8.8.8.8\n')).toBe(ROW)
  } finally {
    await running.stop()
    libc.close(inet.fd)
  }
})

/** Read by each thread before its own program: that of whois throws once a file is there. */
const ENDER = (file: string): string => `
import { existsSync, rmSync } from 'node:fs'
import { isMainThread, workerData } from 'node:worker_threads'
if (!isMainThread && workerData?.doors !== undefined) {
  setInterval(() => {
    if (!existsSync(${JSON.stringify(file)})) return
    rmSync(${JSON.stringify(file)})
    throw new Error('ended by a test')
  }, 10)
}
`

test('its thread may end: DNS is answered, and who asks meanwhile is answered by the next one', async () => {
  const folder = temporaryFolder()
  const file = join(folder, 'end')
  const ender = join(folder, 'ender.mjs')
  writeFileSync(ender, ENDER(file))
  server = await startServer(['--whois', '127.0.0.1:0'], {
    env: { NODE_OPTIONS: `--import ${pathToFileURL(ender).href}` },
  })
  const { log, addresses } = server
  const port = portOf(log)
  const waiting = new RawClient(port)
  waiting.send('begin\n')
  await waiting.receive(/Bulk mode/)
  writeFileSync(file, '')
  await waiting.ended
  await vi.waitFor(
    () =>
      expect(log.map(({ msg }) => msg)).toContain(
        'the whois server has stopped and is started again: ended by a test',
      ),
    { timeout: 30_000 },
  )
  expect(await dig(addresses[0], ['+short', 'TXT', '8.8.8.8.origin.asn.cymru.com'])).toContain('15169')
  expect(await ask(port, '-f 8.8.8.8\n')).toBe(ROW)
})
