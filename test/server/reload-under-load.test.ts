// Config and zones that are read again while queries come, over UDP and TCP: each reply is what the settings before
// or those after say, none is lost, and nothing dies.

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { askControl, CONTROL_SOCKET } from '../../src/server/control.ts'
import { temporaryFolder } from '../support/folders.ts'
import { query, questionOf, RCODE, rdataText, readMessage } from '../support/message.ts'
import { type RunningServer, startServer } from '../support/programs.ts'
import { TcpClient } from '../support/tcp-client.ts'
import type { Address } from '../support/transports.ts'

/** Queries of one client that may be without a reply: as many as the smallest receive buffer has room for. */
const OUTSTANDING = 8

/** Replies that each client gets by settings before the next ones are read. */
const REPLIES = 50

/** The questions, each of which some settings answer otherwise than others. */
const NAMES = [
  '3.2.1.10.geo.asnzone.internal',
  '3.2.1.10.origin.asnzone.internal',
  '3.2.1.10.own.test',
] as const

const LAN = (distance: string, score: string): string => `"64512 | our LAN | DE | ${distance} | ${score}"`
const ORIGIN = '"64512 | 10.0.0.0/8 | DE |  |"'
const REFUSED = 'REFUSED'

const ZONE = (text: string): string => `zones:
  own:
    apex: own.test
    owner: ip
    txt: "${text}"
    example: { ask: 10.1.2.3, type: TXT, answer: '"${text.replace('{asn}', '64512')}"' }
`

/** Settings, and what they answer to each of the names. */
interface Stage {
  readonly settings: Readonly<Record<string, string>>
  /** The file in the folder that `zones` names; null for no such setting. */
  readonly zone: string | null
  readonly answers: readonly [string, string, string]
  /** Whether replies to a client that is not exempt may be truncated. */
  readonly isLimited?: boolean
}

const STAGES = {
  'the first settings': { settings: {}, zone: null, answers: [LAN('--', '0'), ORIGIN, REFUSED] },
  'one zone more': { settings: {}, zone: ZONE('{asn}'), answers: [LAN('--', '0'), ORIGIN, '"64512"'] },
  'one zone less': {
    settings: { disable: '[origin]' },
    zone: ZONE('{asn}'),
    answers: [LAN('--', '0'), 'NXDOMAIN', '"64512"'],
  },
  'a zone that has changed': {
    settings: {},
    zone: ZONE('AS{asn}'),
    answers: [LAN('--', '0'), ORIGIN, '"AS64512"'],
  },
  'a limit': {
    settings: { 'rate-limit': '1', 'rate-limit-slip': '1', 'rate-limit-exempt': '[127.0.0.0/24]' },
    zone: ZONE('AS{asn}'),
    answers: [LAN('--', '0'), ORIGIN, '"AS64512"'],
    isLimited: true,
  },
  'nobody allowed': {
    settings: { allow: '[192.0.2.0/24]' },
    zone: ZONE('AS{asn}'),
    answers: [REFUSED, REFUSED, REFUSED],
  },
  'a weight': {
    settings: { score: '{ countries: [{ codes: [DE], weight: -5 }] }' },
    zone: ZONE('AS{asn}'),
    answers: [LAN('--', '-5'), ORIGIN, '"AS64512"'],
  },
  'a place to count from': {
    settings: { here: '52.52,13.40' },
    zone: null,
    answers: [LAN('367', '0'), ORIGIN, REFUSED],
  },
  'the first settings again': { settings: {}, zone: null, answers: [LAN('--', '0'), ORIGIN, REFUSED] },
} as const satisfies Readonly<Record<string, Stage>>

const COURSE = Object.entries<Stage>(STAGES)

let server: RunningServer | undefined
let folder: string
let clients: Client[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await server?.stop()
})

/** Where the course is: what is surely in force, and what may be. */
const course = { settled: 0, begun: 0 }

/** What a reply says, in one text. */
function gistOf(sent: Buffer, octets: Buffer): string {
  const reply = readMessage(octets)
  if (!reply.questions.equals(questionOf(sent))) return 'the reply to something else'
  if (reply.tc) return 'TC'
  if (reply.answers.length > 0) return reply.answers.map((record) => rdataText(reply, record)).join(' and ')
  return Object.entries(RCODE).find(([, code]) => code === reply.rcode)?.[0] ?? String(reply.rcode)
}

/** What waits for a reply. */
interface Pending {
  readonly octets: Buffer
  /** Which of the names. */
  readonly asked: number
  readonly settled: number
}

/** A client that asks again as soon as it has a reply, and judges each. */
class Client {
  /** Each kind once: what is wrong is wrong for thousands. */
  readonly wrong = new Set<string>()
  readonly pending = new Map<number, Pending>()
  readonly close: () => void
  /** Replies since the settings in force were. */
  replies = 0
  truncated = 0
  isAsking = true
  readonly #send: (octets: Buffer) => void
  readonly #names: readonly string[]
  readonly #isLimited: boolean
  #id = 0

  /** @param isLimited whether it is none of the networks that are exempt; it asks what is never an error */
  constructor(send: (octets: Buffer) => void, close: () => void, isLimited: boolean) {
    this.#send = send
    this.close = close
    this.#isLimited = isLimited
    this.#names = isLimited ? NAMES.slice(0, 1) : NAMES
  }

  start(): void {
    for (let i = 0; i < OUTSTANDING; i++) this.#ask()
  }

  take(reply: Buffer): void {
    const id = reply.readUInt16BE(0)
    const pending = this.pending.get(id)
    if (pending === undefined) {
      this.wrong.add(`a reply that nothing waits for: ${reply.toString('hex')}`)
      return
    }
    this.pending.delete(id)
    const { octets, asked, settled } = pending
    const gist = gistOf(octets, reply)
    const stages = COURSE.slice(settled, course.begun + 1)
    const isAnswer = stages.some(([, { answers }]) => answers[asked] === gist)
    const isHeldBack =
      gist === 'TC' && this.#isLimited && stages.some(([, { isLimited = false }]) => isLimited)
    if (!isAnswer && !isHeldBack) {
      this.wrong.add(`${NAMES[asked]} by ${stages.map(([name]) => name).join(' or ')}: ${gist}`)
    }
    if (isHeldBack) this.truncated++
    if (settled === course.settled) this.replies++
    if (this.isAsking) this.#ask()
  }

  #ask(): void {
    const id = this.#id++ & 0xffff
    const asked = id % this.#names.length
    const octets = query(NAMES[asked], { id })
    this.pending.set(id, { octets, asked, settled: course.settled })
    this.#send(octets)
  }
}

async function overUdp({ host, port }: Address, from: string): Promise<Client> {
  const socket = createSocket('udp4')
  socket.bind(0, from)
  await once(socket, 'listening')
  socket.connect(port, host)
  await once(socket, 'connect')
  const client = new Client(
    (octets) => socket.send(octets),
    () => socket.close(),
    from !== '127.0.0.1',
  )
  socket.on('message', (reply) => client.take(reply))
  return client
}

async function overTcp(address: Address): Promise<Client> {
  const tcp = await TcpClient.connect(address)
  const client = new Client(
    (octets) => tcp.send(octets),
    () => tcp.destroy(),
    false,
  )
  void (async () => {
    for (let reply = await tcp.receive(); reply !== null; reply = await tcp.receive()) client.take(reply)
    if (client.isAsking) client.wrong.add('the server has closed the connection')
  })()
  return client
}

/** Writes the config of a stage. */
function configure({ settings, zone }: Stage): void {
  const all: Record<string, string> = {
    feed: 'none',
    sources: `[{ what: override, format: overrides, from: '${folder}/ours.csv' }]`,
    'least-share': '0',
    'rate-limit': '0',
    'rate-limit-all': '0',
    sentinels: '[]',
    ...(zone !== null && { zones: join(folder, 'zones') }),
    ...settings,
  }
  if (zone !== null) writeFileSync(join(folder, 'zones', 'own.yaml'), zone)
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\n`)
  writeFileSync(join(folder, 'asnzone.yaml'), lines.join(''))
}

/** Resolves when each client has had so many replies by what is in force. */
const untilAnswered = (): Promise<void> =>
  vi.waitFor(
    () => expect(Math.min(...clients.map(({ replies }) => replies))).toBeGreaterThanOrEqual(REPLIES),
    { timeout: 30_000, interval: 5 },
  )

test.each(['mmsg', 'dgram'])(
  'zones, clients, limits, scores and distances change while queries come: UDP by %s',
  async (udp) => {
    folder = temporaryFolder({ 'ours.csv': 'cidr,asn,name,country\n10.0.0.0/8,64512,our LAN,DE\n' })
    mkdirSync(join(folder, 'zones'))
    const data = join(folder, 'data')
    course.settled = 0
    course.begun = 0
    configure(COURSE[0][1])
    const options = ['--config', join(folder, 'asnzone.yaml'), '--data-dir', data, '--udp', udp]
    const running = await startServer([...options, '--workers', '2', '--listen', '127.0.0.1:0'])
    server = running
    const [address] = running.addresses
    clients = await Promise.all([
      ...Array.from({ length: 4 }, () => overUdp(address, '127.0.0.1')),
      overUdp(address, '127.0.1.1'),
      overTcp(address),
      overTcp(address),
    ])
    for (const client of clients) client.start()
    await untilAnswered()
    for (const [at, [name, stage]] of COURSE.entries()) {
      if (at === 0) continue
      configure(stage)
      course.begun = at
      const reply = await askControl(join(data, CONTROL_SOCKET), { command: 'reload' })
      expect(reply, name).toMatchObject({ ok: true, restart: [] })
      course.settled = at
      for (const client of clients) client.replies = 0
      await untilAnswered()
    }
    for (const client of clients) client.isAsking = false
    await vi.waitFor(() => expect(clients.map(({ pending }) => pending.size)).toEqual(clients.map(() => 0)), {
      timeout: 30_000,
    })
    expect(clients.flatMap(({ wrong }) => [...wrong])).toEqual([])
    expect(clients.map(({ truncated }) => truncated > 0)).toEqual(clients.map((_, i) => i === 4))
    expect(running.log.filter(({ level }) => level >= 50)).toEqual([])
  },
  120_000,
)
