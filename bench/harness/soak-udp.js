// A thread that asks over UDP at a steady rate, checks each reply to the octet, notes how long it took, and sends
// hostile messages between.

import { workerData } from 'node:worker_threads'
import { Arena, SLOTS } from '../../dist/server/mmsg/arena.js'
import { AF_INET, loadLibc, MSG_DONTWAIT } from '../../dist/system/libc.js'
import { openUdpSocket } from '../../dist/system/udp-socket.js'

/** What the counters count, in their order. */
export const COUNTERS = ['sent', 'right', 'wrong', 'lost', 'hostile', 'hostileReplies', 'skipped']

/** How many replies took how long is counted in so many steps of 0.1 ms; the last one is «or more». */
export const LATENCY_STEPS = 20_001
export const LATENCY_STEP_MS = 0.1

/** @typedef {import('./soak-services.js').Packed} Packed */

/** Sockets for queries that are right, so that each has ids enough; one more is for the others. */
const SOCKETS = 8

const IDS = 65536
const NOBODY = -1

/** One message in so many is hostile. */
const HOSTILE_EVERY = 10

/** Milliseconds that a thread without work sleeps, and how long the last replies may take. */
const NAP = 0.5
const PATIENCE = 2000

/** Milliseconds that the thread may be late: what is due beyond that is left out, and not sent in a burst. */
const MAX_LATE = 5

/** The index of each counter. */
const COUNT = Object.fromEntries(COUNTERS.map((name, i) => [name, i]))

if (workerData !== null) await run(workerData)

/**
 * @param {object} data
 * @param {number} data.port
 * @param {number} data.rate messages a second
 * @param {Packed} data.queries
 * @param {Packed[]} data.replies to the queries, by each of the services
 * @param {Packed} data.hostile none, when it is empty
 * @param {SharedArrayBuffer} data.counters 64-bit floats
 * @param {SharedArrayBuffer} data.latencies LATENCY_STEPS words
 * @param {SharedArrayBuffer} data.stop a word; not 0 tells the thread to end
 */
async function run({ port, rate, queries, replies, hostile, counters, latencies, stop }) {
  const libc = await loadLibc()
  const counts = new Float64Array(counters)
  const steps = new Uint32Array(latencies)
  const stopWord = new Int32Array(stop)
  const sockets = openSockets(libc)
  const asked = sockets.map(() => ({
    next: 0,
    questions: new Int32Array(IDS).fill(NOBODY),
    times: new Float64Array(IDS),
  }))
  const sender = new Arena(libc.addressOf)
  const receiver = new Arena(libc.addressOf)
  const received = Buffer.from(receiver.bytes.buffer)
  const expected = replies.map(({ octets, ends }) => ({ octets: Buffer.from(octets.buffer), ends }))
  addressTo(sender, port)
  let question = 0
  let hostileMessage = 0

  const startOf = (ends, i) => (i === 0 ? 0 : ends[i - 1])

  function put(slot, { octets, ends }, i) {
    const start = startOf(ends, i)
    sender.bytes.set(octets.subarray(start, ends[i]), sender.packet(slot))
    sender.setReply(slot, ends[i] - start)
  }

  function putQuery(slot, socket, now) {
    const { questions, times } = asked[socket]
    const id = asked[socket].next++ % IDS
    put(slot, queries, question)
    const at = sender.packet(slot)
    sender.bytes[at] = id >>> 8
    sender.bytes[at + 1] = id & 255
    if (questions[id] !== NOBODY) counts[COUNT.lost]++
    questions[id] = question
    times[id] = now
    question = (question + 1) % queries.ends.length
  }

  /** Sends messages of one kind from one socket; those that the kernel has no room for count as sent. */
  function send(socket, count) {
    const isHostile = socket === SOCKETS
    const now = performance.now()
    for (let slot = 0; slot < count; slot++) {
      if (isHostile) {
        put(slot, hostile, hostileMessage)
        hostileMessage = (hostileMessage + 1) % hostile.ends.length
      } else putQuery(slot, socket, now)
    }
    for (let slot = 0; slot < count; ) {
      const done = libc.sendmmsg(sockets[socket], sender.vector(slot), count - slot, 0)
      if (done > 0) slot += done
    }
    counts[isHostile ? COUNT.hostile : COUNT.sent] += count
  }

  /** Whether a reply is the one that a service gives to a question, but for its id. */
  function isReplyOf({ octets, ends }, i, start, length) {
    const from = startOf(ends, i)
    return (
      ends[i] - from === length &&
      received.compare(octets, from + 2, ends[i], start + 2, start + length) === 0
    )
  }

  function checkReply(socket, start, length, now) {
    const { questions, times } = asked[socket]
    const id = (received[start] << 8) | received[start + 1]
    const i = questions[id]
    questions[id] = NOBODY
    const isRight = i !== NOBODY && expected.some((service) => isReplyOf(service, i, start, length))
    counts[isRight ? COUNT.right : COUNT.wrong]++
    steps[Math.min(LATENCY_STEPS - 1, Math.floor((now - times[id]) / LATENCY_STEP_MS))]++
  }

  /** Takes every reply that is there; how many there were. */
  function receiveAll() {
    let total = 0
    for (let socket = 0; socket < sockets.length; socket++) {
      for (let count = SLOTS; count === SLOTS; ) {
        receiver.reset(SLOTS, 4, false)
        count = libc.recvmmsg(sockets[socket], receiver.vector(0), SLOTS, MSG_DONTWAIT)
        const now = performance.now()
        for (let slot = 0; slot < count; slot++) {
          if (socket === SOCKETS) counts[COUNT.hostileReplies]++
          else checkReply(socket, receiver.packet(slot), receiver.received(slot), now)
        }
        if (count > 0) total += count
      }
    }
    return total
  }

  let turn = 0
  let planned = 0
  const started = performance.now()
  while (Atomics.load(stopWord, 0) === 0) {
    const due = Math.floor(((performance.now() - started) * rate) / 1000) - planned
    const max = Math.ceil((MAX_LATE * rate) / 1000)
    if (due > max) {
      counts[COUNT.skipped] += due - max
      planned += due - max
    }
    for (let left = Math.min(due, max); left > 0; turn++) {
      const count = Math.min(left, SLOTS)
      const isHostile = hostile.ends.length > 0 && turn % HOSTILE_EVERY === 0
      send(isHostile ? SOCKETS : turn % SOCKETS, count)
      left -= count
      planned += count
      receiveAll()
    }
    if (receiveAll() === 0) Atomics.wait(stopWord, 0, 0, NAP)
  }
  const ended = performance.now()
  while (performance.now() - ended < PATIENCE) receiveAll()
  for (const { questions } of asked) counts[COUNT.lost] += questions.filter((i) => i !== NOBODY).length
  for (const fd of sockets) libc.close(fd)
}

/** Sockets of 127.0.0.1 with ports of their own. */
function openSockets(libc) {
  const address = Uint8Array.of(127, 0, 0, 1)
  const options = { family: 4, address, port: 0, receiveTimeout: 0, receiveBuffer: 4 << 20 }
  const opened = Array.from({ length: SOCKETS + 1 }, () => openUdpSocket(libc, options))
  if (new Set(opened.map(({ port }) => port)).size !== opened.length)
    throw new Error('two sockets share a port')
  return opened.map(({ fd }) => fd)
}

/** Lets all that is sent from an arena go to a port of 127.0.0.1. */
function addressTo(arena, port) {
  arena.reset(SLOTS, 4, false)
  for (let slot = 0; slot < SLOTS; slot++) {
    const at = arena.clientAddress(slot, 4)
    arena.headers.set([AF_INET, 0, port >>> 8, port & 255, 127, 0, 0, 1], at - 4)
  }
}
