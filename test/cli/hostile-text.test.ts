// What servers, files and databases say reaches a terminal as text, whatever it is.

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { decode, encode, type Packet } from 'dns-packet'
import Database from 'libsql'
import { afterEach, describe, expect, test } from 'vitest'
import { StatsWriter } from '../../src/stats/database.ts'
import { temporaryFolder } from '../support/folders.ts'
import { expectHarmless, HOSTILE, HOSTILE_LINE } from '../support/hostile-text.ts'
import { type Outcome, runCli, startServer } from '../support/programs.ts'

const closing: (Server | Socket)[] = []
afterEach(async () => {
  for (const one of closing.splice(0)) {
    const closed = once(one, 'close')
    one.close()
    await closed
  }
})

/** A DNS server that answers every query with these records, and this RCODE. */
async function dnsServer(answers: (name: string) => Packet['answers'], rcode = 0): Promise<string> {
  const socket = createSocket('udp4')
  closing.push(socket)
  socket.on('message', (octets, { port, address }) => {
    const { id, questions } = decode(octets)
    const reply = encode({
      type: 'response',
      id: id ?? 0,
      flags: rcode,
      questions: questions ?? [],
      answers: answers(questions?.[0].name ?? '') ?? [],
    })
    socket.send(reply, port, address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return `127.0.0.1:${socket.address().port}`
}

/** A server that says this to every connection, and ends it. */
async function tcpServer(reply: string, at?: string): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => socket.end(Buffer.from(reply, 'latin1')))
  })
  closing.push(server)
  if (at === undefined) server.listen(0, '127.0.0.1')
  else server.listen(at)
  await once(server, 'listening')
  return at ?? `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** Everything that a command printed, which holds this harmless part of the hostile text. */
function harmless({ stdout, stderr }: Outcome, part = '\\u{1b}[2J'): void {
  expect(stdout + stderr).toContain(part)
  expectHarmless(stdout)
  expectHarmless(stderr)
}

describe('a DNS server', () => {
  test('with hostile text records', async () => {
    const server = await dnsServer((name) => [{ type: 'TXT', name, data: [HOSTILE, 'second'] }])
    const outcome = await runCli(['query', 'x.example', '--server', server])
    harmless(outcome)
    expect(outcome.stdout.split('\n')).toHaveLength(2)
  })

  test('with hostile names', async () => {
    const server = await dnsServer((name) => [
      { type: 'NS', name, data: `${HOSTILE_LINE.slice(0, 40)}.example` },
    ])
    harmless(await runCli(['query', 'x.example', 'NS', '--server', server]))
  })
})

describe('an HTTP server with a hostile reason phrase', () => {
  const configured = (url: string) =>
    temporaryFolder({
      'asnzone.yaml': `feed: none\nsources:\n  - { what: asn, format: ip-location-db, from: '${url}/asn.csv' }\n`,
    })

  test('in update, and in status afterwards', async () => {
    const url = await tcpServer('HTTP/1.1 404 a\x1b[2J\x9b31m\xe2\x80\xaeb\r\ncontent-length: 0\r\n\r\n')
    const place = { cwd: configured(url), env: { ASNZONE_DATA_DIR: 'data' } }
    const update = await runCli(['update'], place)
    expect(update.code).toBe(1)
    expect(update.stderr).toContain('404')
    expectHarmless(update.stderr)
    const status = await runCli(['status'], place)
    expect(status.stdout).toContain('404')
    expectHarmless(status.stdout)
    const json = await runCli(['status', '--json'], place)
    expectHarmless(json.stdout)
    expect(JSON.parse(json.stdout).update.kind).toBe('failed')
  })
})

test('a control socket', async () => {
  const folder = temporaryFolder()
  await tcpServer(JSON.stringify({ ok: false, reason: HOSTILE }), join(folder, 'control.sock'))
  harmless(await runCli(['reload', '--data-dir', folder]))
})

test('what was noted of the last update, and where', async () => {
  const folder = join(temporaryFolder(), 'a\x1b[2J\u202eb')
  mkdirSync(folder)
  const noted = { at: '2026-11-20T06:00:00.000Z', kind: 'failed', reason: HOSTILE }
  writeFileSync(join(folder, 'last-update.json'), JSON.stringify(noted))
  const outcome = await runCli(['status', '--data-dir', folder])
  harmless(outcome)
  expect(outcome.stdout.split('\n')[0]).toContain('none runs with')
  const json = await runCli(['status', '--json', '--data-dir', folder])
  expectHarmless(json.stdout)
  expect(JSON.parse(json.stdout).update.reason).toBe(HOSTILE)
})

test('a file name, in the log', async () => {
  const name = 'a\x1b[2J\u009b31m\u202eb.csv'
  const folder = temporaryFolder({ [name]: '8.8.8.0,8.8.8.255,15169,Google LLC\n' })
  const sources = `feed: none\nsources: [{ what: asn, format: ip-location-db, from: ${JSON.stringify(name)} }]\n`
  writeFileSync(join(folder, 'asnzone.yaml'), sources)
  const place = { cwd: folder, env: { ASNZONE_DATA_DIR: 'data' } }
  // Lines for people are made of the same: ../app/log-layout.test.ts.
  const server = await startServer(['--log-level', 'debug'], place)
  expect(server.log.some(({ msg }) => msg.includes(name))).toBe(true)
  const { stderr } = await server.stop()
  expectHarmless(stderr)
})

test('a zone whose text is hostile', async () => {
  const folder = temporaryFolder({
    'zone.yaml': `zones:\n  hostile:\n    apex: h.example\n    owner: ip\n    txt: ${JSON.stringify(HOSTILE)}\n    example: { ask: 8.8.8.8, type: TXT, answer: '' }\n`,
  })
  harmless(await runCli(['zones', '--zones', folder]))
})

describe('a statistics database that somebody else wrote', () => {
  const folder = temporaryFolder()
  const file = join(folder, 'stats.sqlite')
  new StatsWriter(file).close()
  const database = new Database(file)
  database.prepare("INSERT INTO GEO_STATS (country, counter, interval) VALUES (?, 5, 'total')").run(HOSTILE)
  database.prepare("INSERT INTO ASN_STATS VALUES (1, ?, 5, 'total')").run(HOSTILE)
  database.prepare('INSERT INTO ASN_STATS VALUES (2, ?, ?, ?)').run(HOSTILE, HOSTILE, HOSTILE)
  database.close()

  test.each([
    [['--by', 'country']],
    [['--by', 'asn']],
    [['--by', 'asn', '--interval', 'all']],
    [['--by', 'country', '--csv']],
    [['--by', 'asn', '--csv', '--interval', 'all']],
  ])('%j', async (args) => {
    harmless(await runCli(['stats', '--data-dir', folder, ...args]))
  })
})

test.each([
  [['serve', '--listen', HOSTILE]],
  [['lookup', HOSTILE]],
  [[`bad${HOSTILE_LINE}`]],
  [['query', 'x', HOSTILE]],
])('an argument of %j', async (args) => {
  const outcome = await runCli(args)
  expect(outcome.code).not.toBe(0)
  harmless(outcome)
})
