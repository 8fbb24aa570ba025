// Snapshots that are taken while queries come: each reply is from the one before or the one after, and none is lost.

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { temporaryFolder } from '../support/folders.ts'
import { query, readMessage, textStrings } from '../support/message.ts'
import { type RunningServer, runCli, startServer } from '../support/programs.ts'
import { framed, TcpClient } from '../support/tcp-client.ts'
import type { Address } from '../support/transports.ts'

/** Queries of one socket that may be without a reply: as many as the smallest receive buffer has room for. */
const OUTSTANDING = 8
const NAME = '8.8.8.8.geo.asnzone.internal'
const home = temporaryFolder()
const folder = join(home, 'pub')
const manifest = join(folder, 'current.json')
const builder = join(home, 'builder.yaml')
const key = join(home, 'snapshot.key')
const node = ['--config', join(home, 'node.yaml'), '--data-dir', join(home, 'node')]
let server: RunningServer
let metrics: string

/** Publishes version n: 8.8.8.0/24 is AS n. */
async function build(version: number): Promise<void> {
  writeFileSync(join(home, 'asn.csv'), `134744064,134744319,${version},AS ${version}\n`)
  const { stderr } = await runCli(['build', '--config', builder, '--sign', key, '--output', folder])
  expect(stderr).toBe('')
}

beforeAll(async () => {
  const source = `{ what: asn, format: ip-location-db, from: ${join(home, 'asn.csv')} }`
  writeFileSync(builder, `feed: none\nmax-age: 9000d\nsources: [${source}]\n`)
  const { stdout } = await runCli(['build', '--new-key', key])
  const [, line] = /^public key: (RW\S{54})$/m.exec(stdout)!
  await build(64500)
  writeFileSync(node[1], `sentinels: []\nsnapshot: { from: ${folder}, keys: [${line}], refresh: 1h }\n`)
  server = await startServer([...node, '--workers', '2', '--http', '127.0.0.1:0'])
  metrics = `${server.log.map(({ msg }) => / on (http:\S+\/)$/.exec(msg)?.[1]).find(Boolean)}metrics`
})
afterAll(() => server?.stop())

/** Asks again as soon as there is a reply, and keeps what was said in order. */
class Load {
  /** ASes in the order of the replies, each once in a row. */
  readonly said: number[] = []
  readonly pending = new Set<number>()
  replies = 0
  readonly #send: (octets: Buffer) => void
  #id = 0
  #isAsking = true

  constructor(send: (octets: Buffer) => void) {
    this.#send = send
  }

  begin(): void {
    for (let n = 0; n < OUTSTANDING; n++) this.#ask()
  }

  take(octets: Buffer): void {
    const { id, answers } = readMessage(octets)
    expect(this.pending.delete(id)).toBe(true)
    this.replies++
    const asn = answers.length === 1 ? Number.parseInt(textStrings(answers[0].rdata)[0], 10) : Number.NaN
    if (this.said.at(-1) !== asn) this.said.push(asn)
    if (this.#isAsking) this.#ask()
  }

  stop(): void {
    this.#isAsking = false
  }

  #ask(): void {
    this.#id = (this.#id + 1) & 0xffff
    this.pending.add(this.#id)
    this.#send(query(NAME, { id: this.#id }))
  }
}

async function overUdp({ host, port }: Address): Promise<{ load: Load; socket: Socket }> {
  const socket = createSocket('udp4')
  socket.connect(port, host)
  await once(socket, 'connect')
  const load = new Load((octets) => socket.send(octets))
  socket.on('message', (octets) => load.take(octets))
  return { load, socket }
}

test('no query is lost while snapshots are taken and refused, and no reply is from an older one than the last', async () => {
  const address = server.addresses[0]
  const udp = await Promise.all(Array.from({ length: 6 }, () => overUdp(address)))
  const tcp = await TcpClient.connect(address)
  const overTcp = new Load((octets) => void tcp.write(framed(octets)))
  const loads = [...udp.map(({ load }) => load), overTcp]
  for (const load of loads) load.begin()
  const reading = (async () => {
    for (let reply = await tcp.receive(); reply !== null; reply = await tcp.receive()) overTcp.take(reply)
  })()
  const goesOn = async (): Promise<void> => {
    const seen = loads.map(({ replies }) => replies)
    await vi.waitFor(() => expect(loads.every(({ replies }, i) => replies > seen[i] + 50)).toBe(true), 20_000)
  }
  const versions = [64500, 64501, 64502, 64503]
  await goesOn()
  for (const version of versions.slice(1)) {
    await build(version)
    const right = readFileSync(manifest)
    writeFileSync(manifest, right.toString().replace('asnzone', 'Asnzone'))
    const refused = await runCli(['update', ...node])
    expect([refused.code, refused.stderr]).toEqual([1, `asnzone: ${manifest}: its signature is wrong\n`])
    expect(await (await fetch(metrics)).text()).toMatch(
      /^asnzone_snapshot_pull_timestamp_seconds\{result="refused"\} \d/m,
    )
    await goesOn()
    writeFileSync(manifest, right)
    expect((await runCli(['update', ...node])).stdout).toMatch(/\nthe running server answers from them\n$/)
    await goesOn()
  }
  for (const load of loads) load.stop()
  await vi.waitFor(() => expect(loads.map(({ pending }) => pending.size)).toEqual(loads.map(() => 0)), 20_000)
  tcp.destroy()
  await reading
  for (const { socket } of udp) socket.close()
  // Workers swap one after the other, but a socket is always answered by the same one.
  for (const { said } of loads) expect(said).toEqual(versions)
}, 180_000)
