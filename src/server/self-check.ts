// Whether a server that has just started answers: it is asked as a client would ask, before anybody is told that it
// does.
//
// Which worker gets a query over UDP is for the kernel to choose, by the client's port. So each address is asked
// from ever more ports until every worker has counted a query, one address after the other.

import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { AccessList, type Networks } from '../dns/access-list.ts'
import { CLASS, HEADER_LENGTH } from '../dns/protocol.ts'
import { LOCAL_HEADER } from '../dns/proxy-header.ts'
import { workerOf } from '../system/threads.ts'
import { TYPE } from '../zones/record-type.ts'
import { wireName } from '../zones/wire-name.ts'
import { holdsAddress } from './client-address.ts'

/** Milliseconds after which an address that doesn't answer is reported, and after which those that follow it are. */
const PATIENCE_MS = 3000
const SHORT_PATIENCE_MS = 500

/** Milliseconds that a reply is waited for before another port asks: where it may well be silence, not for long. */
const REPLY_MS = 1000
const SILENCE_MS = 100

/** Milliseconds between two tries that failed. */
const PAUSE_MS = 20

/** Ports that ask at a time. */
const MAX_PORTS = 16

const NO_HEADER = new Uint8Array(0)

/** What is asked. */
export interface Target {
  /** The address as it is told of. */
  readonly name: string
  readonly protocol: 'UDP' | 'TCP'
  readonly host: string
  readonly port: number
  /** The slices of the counters in which queries to it are counted. */
  readonly slices: readonly number[]
  /** Each slice has a socket of its own there, and has to show that it is read; otherwise one of them is enough. */
  readonly each: boolean
}

/** How it is asked. */
export interface SelfCheck {
  /** The apex of a zone that is served. */
  readonly zone: string
  /** Queries that were counted in a slice. */
  readonly queriesOf: (slice: number) => number
  /** Clients who aren't in `allow` get no reply, and we may be one of them: then it is enough that queries are counted. */
  readonly isSilent: boolean
  /** Who has to tell for whom it asks, and this host may be one of them; null for nobody. */
  readonly proxies?: Networks | null
  /** The server stops: there is nothing to wait for. */
  readonly isOver: () => boolean
}

/** What is sent to a target. */
interface Asked extends Pick<Target, 'host' | 'port'> {
  readonly message: Uint8Array
  /** What stands before it, by the address that it is sent from. */
  readonly headerOf: (own: string) => Uint8Array
}

/** Whether an address answers for a zone over UDP, in so many milliseconds; proxies say that they ask for themselves. */
export function answersOverUdp(
  { host, port }: Pick<Target, 'host' | 'port'>,
  zone: string,
  proxies: Networks,
  milliseconds: number,
): Promise<boolean> {
  return askOverUdp({ host, port, message: soaQuery(zone), headerOf: headerFrom(proxies) }, milliseconds)
}

/** What stands before a query, by the address that it is sent from. */
function headerFrom(networks: Networks | null | undefined): (own: string) => Uint8Array {
  const proxies = networks ? new AccessList(networks) : null
  return (own) => (proxies !== null && holdsAddress(proxies, own) ? LOCAL_HEADER : NO_HEADER)
}

/** Asks every target; tells of those that don't answer, one line each. */
export async function findUnanswered(targets: readonly Target[], check: SelfCheck): Promise<string[]> {
  const found: string[] = []
  for (const target of targets) {
    const patience = found.length === 0 ? PATIENCE_MS : SHORT_PATIENCE_MS
    const missing = await ask(target, check, performance.now() + patience)
    if (missing !== null) found.push(missing)
  }
  return found
}

/** What doesn't answer, null when all does. */
async function ask(target: Target, check: SelfCheck, deadline: number): Promise<string | null> {
  const { name, protocol, slices, each } = target
  const message = soaQuery(check.zone)
  const asked = { ...target, message, headerOf: headerFrom(check.proxies) }
  const askOnce = protocol === 'UDP' ? askOverUdp : askOverTcp
  const before = slices.map(check.queriesOf)
  let hasReply = check.isSilent
  for (;;) {
    const idle = slices.filter((slice, i) => check.queriesOf(slice) === before[i])
    const isCounted = each ? idle.length === 0 : idle.length < slices.length
    if ((isCounted && hasReply) || check.isOver()) return null
    if (performance.now() >= deadline) {
      const isOfSome = each && slices.length > 1 && hasReply
      const workers = isOfSome ? idle.map((slice) => `, worker ${workerOf(slice)}`).join('') : ''
      return `${name} (${protocol}${workers})`
    }
    const ports = each && slices.length > 1 ? Math.min(MAX_PORTS, Math.max(1, idle.length * 2)) : 1
    const wait = check.isSilent ? SILENCE_MS : REPLY_MS
    const replied = await Promise.all(Array.from({ length: ports }, () => askOnce(asked, wait)))
    if (replied.includes(true)) hasReply = true
    else await sleep(PAUSE_MS)
  }
}

function askOverUdp({ host, port, message, headerOf }: Asked, wait: number): Promise<boolean> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  return inTime(wait, (resolve) => {
    socket.on('error', () => resolve(false))
    socket.on('message', (reply) => {
      if (isReplyTo(message, reply)) resolve(true)
    })
    // Connected, it takes replies from the address that was asked only.
    socket.connect(port, host, ((error?: unknown) => {
      // An address that nobody can send to: without this, sending would throw.
      if (error instanceof Error) resolve(false)
      else socket.send([headerOf(socket.address().address), message])
    }) as () => void)
  }).finally(() => socket.close())
}

function askOverTcp({ host, port, message, headerOf }: Asked, wait: number): Promise<boolean> {
  const socket = connect({ host, port })
  return inTime(wait, (resolve) => {
    let received = Buffer.alloc(0)
    socket.on('error', () => resolve(false))
    socket.on('close', () => resolve(false))
    socket.on('data', (octets) => {
      received = Buffer.concat([received, octets])
      if (received.length < 2 + HEADER_LENGTH) return
      resolve(isReplyTo(message, received.subarray(2)))
    })
    socket.once('connect', () => {
      const length = Uint8Array.of(message.length >> 8, message.length & 255)
      socket.write(Buffer.concat([headerOf(socket.localAddress ?? host), length, message]))
    })
  }).finally(() => socket.destroy())
}

/** Whether a reply came, and false when none did in time. */
async function inTime(
  milliseconds: number,
  listen: (resolve: (hasCome: boolean) => void) => void,
): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), milliseconds)
  })
  try {
    return await Promise.race([new Promise(listen), late])
  } finally {
    clearTimeout(timer)
  }
}

/** A query for the SOA of a zone, with an ID that nobody guesses in time. */
function soaQuery(zone: string): Uint8Array {
  const id = Math.floor(Math.random() * 65536)
  const owner = wireName(zone)
  return Uint8Array.of(id >> 8, id & 255, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, ...owner, 0, TYPE.soa, 0, CLASS.in)
}

function isReplyTo(query: Uint8Array, reply: Uint8Array): boolean {
  return reply.length >= HEADER_LENGTH && reply[0] === query[0] && reply[1] === query[1] && reply[2] >= 0x80
}
