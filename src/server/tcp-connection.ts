// One TCP client: its octets become messages, which are answered in order (RFC 7766).
//
// Pipelined queries are answered as they are cut out of the stream. A client that doesn't read its replies
// isn't read from either, so that it can't fill the memory, and after some queries in a row other connections
// get their turn.

import type { Socket } from 'node:net'
import { Client } from '../dns/client.ts'
import { HEADER_LENGTH, TCP_LIMIT } from '../dns/protocol.ts'
import { HEADER, readProxyHeader } from '../dns/proxy-header.ts'
import { REPLY_CAPACITY } from '../dns/reply-capacity.ts'
import { type Responder, TRANSPORT } from '../dns/responder.ts'
import { setClient } from './client-address.ts'
import { readClock } from './clock.ts'
import type { CounterSlice } from './counters.ts'

/** Octets of the length in front of each message (RFC 1035 4.2.2). */
const LENGTH_OCTETS = 2

/** Messages that one connection may have answered before others get their turn. */
const MESSAGES_PER_TURN = 64

/** Milliseconds after which a connection is closed, however busy it is. */
const LIFETIME_MS = 600_000

/** Room for a few queries; a longer one makes it grow. */
const FIRST_CAPACITY = 1024

/** A connection. It waits until `start`. */
export class TcpConnection {
  /** Whose it is: an address, or what stands for the one that a proxy has told. */
  client: string
  readonly #who = new Client()
  readonly #socket: Socket
  readonly #idleTimer: NodeJS.Timeout
  readonly #lifeTimer: NodeJS.Timeout
  readonly #onMessage: () => void
  /** Null when no header of a proxy is to come, or none any more. */
  #onHeader: (() => void) | null
  #responder: Responder | null = null
  #counters: CounterSlice | null = null
  /** What was received and not yet answered: #buffer[#from, #to). */
  #buffer = Buffer.allocUnsafe(FIRST_CAPACITY)
  #from = 0
  #to = 0
  #ended = false
  /** The client has to read before it is answered further. */
  #full = false
  /** Others have their turn. */
  #resting = false

  /**
   * @param client the client's address
   * @param idle milliseconds after which a connection without a whole query is closed
   * @param onMessage called for each whole query
   * @param onHeader the client is a proxy, which has to tell first for whom it asks: called when it has, and `client`
   *   is that one
   */
  constructor(
    socket: Socket,
    client: string,
    idle: number,
    onMessage: () => void,
    onHeader: (() => void) | null = null,
  ) {
    this.#socket = socket
    this.client = client
    setClient(this.#who, client)
    this.#onMessage = onMessage
    this.#onHeader = onHeader
    // Only a whole message restarts the timer, so that a trickle of octets holds nothing (RFC 7766 6.2.3).
    this.#idleTimer = setTimeout(() => socket.destroy(), idle)
    this.#lifeTimer = setTimeout(() => socket.destroy(), LIFETIME_MS).unref()
    socket.on('data', (octets: Buffer) => {
      this.#append(octets)
      this.#work()
    })
    socket.on('end', () => {
      this.#ended = true
      this.#work()
    })
    socket.on('drain', () => {
      this.#full = false
      this.#work()
    })
    socket.on('error', () => socket.destroy())
    socket.once('close', () => {
      clearTimeout(this.#idleTimer)
      clearTimeout(this.#lifeTimer)
    })
  }

  /** Begins to answer. */
  start(responder: Responder, counters: CounterSlice): void {
    this.#responder = responder
    this.#counters = counters
    this.#work()
  }

  onClose(listener: () => void): void {
    this.#socket.once('close', listener)
  }

  close(): void {
    this.#socket.destroy()
  }

  /** Answers the whole messages that have come, until the client has to read or others have their turn. */
  #work(): void {
    const socket = this.#socket
    const responder = this.#responder
    const counters = this.#counters
    if (responder === null || counters === null) return
    const isReady = this.#onHeader === null || this.#readHeader(counters, this.#onHeader)
    for (let messages = 0; isReady && !this.#full && !this.#resting && !socket.destroyed; messages++) {
      const received = this.#to - this.#from
      const length = received < LENGTH_OCTETS ? -1 : this.#buffer.readUInt16BE(this.#from)
      // A message without a header can't be answered, and what follows it can't be trusted.
      if (length >= 0 && length < HEADER_LENGTH) {
        socket.destroy()
        return
      }
      if (length < 0 || received < LENGTH_OCTETS + length) break
      if (messages === MESSAGES_PER_TURN) {
        this.#rest()
        break
      }
      const start = this.#from + LENGTH_OCTETS
      this.#from = start + length
      this.#idleTimer.refresh()
      this.#onMessage()
      const started = counters.startTimer()
      this.#answer(responder, start, length)
      counters.stopTimer(started, 1)
    }
    if (this.#full || this.#resting) socket.pause()
    else if (this.#ended) socket.end()
    else socket.resume()
  }

  /** Whether the header has come, whole and right. The idle timer goes on: a query has to come with it. */
  #readHeader(counters: CounterSlice, onHeader: () => void): boolean {
    const length = readProxyHeader(this.#buffer, this.#from, this.#to, this.#who)
    if (length === HEADER.wrong) {
      counters.countRefusedHeader()
      this.#socket.destroy()
    }
    if (length <= 0) return false
    this.#from += length
    this.#onHeader = null
    const { family, word0, word1, word2, word3, isProxied } = this.#who
    if (isProxied) this.client = [family, word0, word1, word2, word3].join()
    onHeader()
    return true
  }

  #rest(): void {
    this.#resting = true
    setImmediate(() => {
      this.#resting = false
      this.#work()
    })
  }

  #answer(responder: Responder, start: number, queryLength: number): void {
    const capacity = Math.max(REPLY_CAPACITY, queryLength)
    const packet = Buffer.allocUnsafe(LENGTH_OCTETS + Math.min(TCP_LIMIT, capacity))
    this.#buffer.copy(packet, LENGTH_OCTETS, start, start + queryLength)
    readClock(responder.now)
    responder.client.copy(this.#who)
    const length = responder.respond(packet, LENGTH_OCTETS, LENGTH_OCTETS + queryLength, TRANSPORT.tcp)
    if (length === 0) return
    packet.writeUInt16BE(length, 0)
    if (!this.#socket.write(packet.subarray(0, LENGTH_OCTETS + length))) this.#full = true
  }

  /** Keeps octets; the buffer grows to a message and what one read brings, no further. */
  #append(octets: Buffer): void {
    const length = this.#to - this.#from + octets.length
    if (this.#to + octets.length > this.#buffer.length) {
      const target =
        length > this.#buffer.length ? Buffer.allocUnsafe(2 ** Math.ceil(Math.log2(length))) : this.#buffer
      this.#buffer.copy(target, 0, this.#from, this.#to)
      this.#to -= this.#from
      this.#from = 0
      this.#buffer = target
    }
    octets.copy(this.#buffer, this.#to)
    this.#to += octets.length
  }
}
