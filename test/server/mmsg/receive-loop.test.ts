// The loop of a worker on sockets that misbehave: nothing that a call says, or forgets to say, in errno counts.

import { describe, expect, test, vi } from 'vitest'
import { Responder } from '../../../src/dns/responder.ts'
import { CounterSlice, Counters } from '../../../src/server/counters.ts'
import { Arena, SLOTS } from '../../../src/server/mmsg/arena.ts'
import { receiveLoop } from '../../../src/server/mmsg/receive-loop.ts'
import { PATIENCE_MS, WAKE_MS } from '../../../src/server/mmsg/socket-watch.ts'
import { WorkerSignal } from '../../../src/server/mmsg/worker-signal.ts'
import { type Libc, MSG_DONTWAIT, MSG_WAITFORONE } from '../../../src/system/libc.ts'
import { query } from '../../support/message.ts'
import { smallTable, smallZoneSet } from '../../support/small-table.ts'

/** Octets of a struct mmsghdr, and where in it the length of what was received stands. */
const HEADER_OCTETS = 64
const LENGTH_AT = 56

const QUERY = query('8.8.8.8.geo.asnzone.internal')

/** What poll() finds on each socket; −1 when it fails. */
type Events = readonly number[] | -1

const POLLIN = 1
const POLLERR = 8
const NOTHING = 0

interface Machine {
  /** Descriptors of the worker's sockets. */
  readonly sockets?: readonly number[]
  /** What recvmmsg gives, and the milliseconds that it takes; called with how often it was before. */
  readonly receive: (call: number, fd: number) => readonly [packets: number, milliseconds: number]
  /** What poll() gives for each descriptor, and the milliseconds that it takes. */
  readonly poll?: (timeout: number, call: number) => readonly [Events, number]
  /** What sendmmsg gives; called with how often it was before. */
  readonly send?: (call: number, count: number) => number
  /** The call of recvmmsg that is the last. */
  readonly calls: number
  readonly errno?: number
  /** The descriptor of the bell. */
  readonly bell?: number
  /** What the main thread has ordered, which takes the milliseconds of each of these steps. */
  readonly steps?: readonly number[]
}

/** Runs a worker's loop on a machine that is made up; its clock goes on by what the calls take. */
function run(machine: Machine) {
  const {
    sockets = [3],
    receive,
    send,
    poll = () => [[], WAKE_MS],
    calls,
    errno = 0,
    bell = -1,
    steps = [],
  } = machine
  const arena = new Arena(() => 0)
  const signal = new WorkerSignal()
  const view = new DataView(arena.headers.buffer)
  const counters = new Counters(0)
  const counts = { received: [] as number[], sent: [] as number[], polled: 0, hushed: [] as number[] }
  /** Calls of recvmmsg before each step. */
  const stepped: number[] = []
  const todo = [...steps]
  const flagsOf: number[] = []
  let clock = 1000
  vi.spyOn(performance, 'now').mockImplementation(() => clock)
  const waits: number[] = []
  vi.spyOn(signal, 'wait').mockImplementation((_, milliseconds) => {
    waits.push(milliseconds)
    clock += milliseconds
  })
  const memory: Uint32Array[] = []
  let sends = 0
  const libc = {
    addressOf: (words: Uint32Array) => memory.push(words) - 1,
    errno: () => errno,
    read: (fd: number) => counts.hushed.push(fd),
    recvmmsg: (fd: number, _: number, __: number, flags: number) => {
      flagsOf.push(flags)
      const [packets, milliseconds] = receive(counts.received.length, fd)
      counts.received.push(fd)
      clock += milliseconds
      if (counts.received.length >= calls) signal.stop()
      for (let slot = 0; slot < packets; slot++) {
        arena.bytes.set(QUERY, arena.packet(slot))
        arena.headers[arena.clientAddress(slot, 4) - 1] = 53
        view.setUint32(slot * HEADER_OCTETS + LENGTH_AT, QUERY.length, true)
      }
      return packets
    },
    sendmmsg: (_: number, vector: number, count: number) => {
      counts.sent.push(vector / HEADER_OCTETS)
      return send?.(sends++, count) ?? count
    },
    poll: (address: number, count: number, timeout: number) => {
      const [events, milliseconds] = poll(timeout, counts.polled++)
      clock += milliseconds
      if (events === -1) return -1
      const words = memory[address]
      let ready = 0
      for (let i = 0; i < count; i++) {
        const isLeftOut = words[i * 2] === 0xffffffff
        const entry = words[i * 2] === bell ? sockets.length : sockets.indexOf(words[i * 2])
        const came = isLeftOut ? 0 : (events[entry] ?? 0)
        words[i * 2 + 1] = POLLIN | (came << 16)
        if (came !== 0) ready++
      }
      return ready
    },
  }
  const failure = vi.fn()
  try {
    receiveLoop({
      libc: libc as unknown as Libc,
      sockets: sockets.map((fd) => ({ fd, family: 4, packetInfo: false })),
      arena,
      responder: new Responder(smallTable(), smallZoneSet()),
      counters: new CounterSlice(counters.handle(1)),
      signal,
      bell,
      *carryOut() {
        for (const milliseconds of todo.splice(0)) {
          stepped.push(counts.received.length)
          clock += milliseconds
          yield
        }
      },
    })
  } catch (error) {
    failure((error as Error).message)
  }
  vi.restoreAllMocks()
  return {
    ...counts,
    stepped,
    flags: flagsOf,
    waits,
    died: failure.mock.calls.flat() as string[],
    failed: counters.failedReceives(),
    unsent: counters.unsent(),
    seconds: (clock - 1000) / 1000,
  }
}

describe('a worker with one socket', () => {
  test('time-outs, whatever errno says, are not failures and cost no other call', () => {
    const { died, failed, polled, waits } = run({ receive: () => [-1, WAKE_MS], calls: 1000 })
    expect({ died, failed, polled, waits }).toEqual({ died: [], failed: 0, polled: 0, waits: [] })
  })

  test('calls that are interrupted again and again are not failures', () => {
    const { died, failed } = run({ receive: () => [-1, 1], calls: 1000 })
    expect({ died, failed }).toEqual({ died: [], failed: 0 })
  })

  test('and neither are they when poll() is interrupted, too', () => {
    const { died, failed, waits } = run({ receive: () => [-1, 1], poll: () => [-1, 1], calls: 10_000 })
    expect({ died, failed }).toEqual({ died: [], failed: 0 })
    expect(waits.length).toBeGreaterThan(4000)
  })

  test('on a socket that somebody has made one that does not block, poll() waits', () => {
    const { seconds, polled, failed } = run({ receive: () => [-1, 0], calls: 100 })
    expect(failed).toBe(0)
    expect(polled).toBe(99)
    expect(seconds).toBeGreaterThan(4)
  })

  test('a socket that fails for some seconds and then answers: counted, and the worker lives', () => {
    const { died, failed, sent, seconds } = run({
      receive: (call) => (call < 60 ? [-1, 0] : [1, 0]),
      poll: () => [[POLLERR], 0],
      calls: 61,
    })
    expect(died).toEqual([])
    expect(failed).toBe(58)
    expect(sent).toEqual([0])
    expect(seconds).toBeGreaterThan(2)
  })

  test('failures between packets are counted and never end it', () => {
    const { died, failed } = run({
      receive: (call) => (call % 10 === 0 ? [1, 0] : [-1, 0]),
      poll: () => [[POLLERR], 0],
      calls: 5000,
    })
    expect(died).toEqual([])
    expect(failed).toBeGreaterThan(3000)
  })

  test.each([
    ['a name', 9, 'EBADF'],
    ['none', 0, 'errno 0'],
  ])('a socket that only fails ends it after five seconds; errno has %s', (_, errno, text) => {
    const { died, seconds, waits } = run({
      receive: () => [-1, 0],
      poll: () => [[POLLERR], 0],
      calls: 10_000,
      errno,
    })
    expect(died).toEqual([`recvmmsg on fd 3 keeps failing: ${text}`])
    expect(seconds * 1000).toBeGreaterThanOrEqual(PATIENCE_MS)
    expect(waits.slice(0, 8)).toEqual([1, 2, 4, 8, 16, 32, WAKE_MS, WAKE_MS])
    expect(waits.length).toBeLessThan(120)
  })
})

describe('a worker that has been given work', () => {
  test('looks for packets between two steps of it, and waits for them only when it is done', () => {
    const { stepped, flags, sent } = run({ receive: () => [1, 0], calls: 6, steps: [3, 3, 3] })
    expect(stepped).toEqual([1, 2, 3])
    expect(flags).toEqual([
      MSG_WAITFORONE,
      MSG_DONTWAIT,
      MSG_DONTWAIT,
      MSG_DONTWAIT,
      MSG_WAITFORONE,
      MSG_WAITFORONE,
    ])
    expect(sent).toHaveLength(6)
  })

  test('takes short steps together, up to half a millisecond', () => {
    const { stepped } = run({
      receive: () => [1, 0],
      calls: 6,
      steps: Array.from({ length: 10 }, () => 0.125),
    })
    expect(stepped).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 3, 3])
  })

  test('goes on with it while nobody asks, and looks at all of its sockets meanwhile', () => {
    const { stepped, received } = run({
      sockets: [3, 4],
      receive: () => [-1, 0],
      poll: () => [[POLLIN, NOTHING], 0],
      calls: 8,
      steps: [3, 3, 3],
    })
    expect(stepped).toEqual([1, 3, 5])
    expect(received.slice(0, 7)).toEqual([3, 3, 4, 3, 4, 3, 4])
  })
})

describe('a worker with several sockets', () => {
  const both = { sockets: [3, 4] }

  test('a socket that has nothing after all, since another worker was faster, is not a failure', () => {
    const { died, failed, waits } = run({
      ...both,
      receive: () => [-1, 0],
      poll: (timeout) => (timeout === 0 ? [[NOTHING, NOTHING], 0] : [[POLLIN, NOTHING], 1]),
      calls: 1000,
    })
    expect({ died, failed, waits }).toEqual({ died: [], failed: 0, waits: [] })
  })

  test('one that fails is left alone meanwhile, and the other is answered on', () => {
    const { failed, received, sent, waits } = run({
      ...both,
      receive: (_, fd) => (fd === 3 ? [-1, 0] : [1, 1]),
      poll: () => [[POLLERR, POLLIN], 0],
      calls: 2000,
    })
    expect(waits).toEqual([])
    expect(failed).toBeGreaterThan(10)
    expect(received.filter((fd) => fd === 3).length).toBeLessThan(100)
    expect(sent.length).toBeGreaterThan(1900)
  })

  test('one that only fails ends it after five seconds', () => {
    const { died } = run({
      ...both,
      receive: (_, fd) => (fd === 3 ? [-1, 0] : [1, 1]),
      poll: () => [[POLLERR, POLLIN], 0],
      calls: 20_000,
    })
    expect(died).toEqual(['recvmmsg on fd 3 keeps failing: errno 0'])
  })

  test('when poll() fails, all sockets are tried', () => {
    const { died, failed, received, waits } = run({
      ...both,
      receive: (call) => (call % 3 === 0 ? [1, 0] : [-1, 0]),
      poll: () => [-1, 0],
      calls: 1000,
    })
    expect({ died, failed }).toEqual({ died: [], failed: 0 })
    expect(new Set(received)).toEqual(new Set([3, 4]))
    expect(waits.every((milliseconds) => milliseconds === 5)).toBe(true)
  })
})

describe('a worker with a bell that has nothing to do', () => {
  test('sleeps until a packet comes, and does not poll as long as they come', () => {
    const timeouts: number[] = []
    const { polled, sent, waits } = run({
      bell: 9,
      receive: (call) => (call % 10 === 0 ? [-1, WAKE_MS] : [1, 1]),
      poll: (timeout) => {
        timeouts.push(timeout)
        return [[POLLIN, NOTHING], 400]
      },
      calls: 100,
    })
    expect(polled).toBe(10)
    expect(new Set(timeouts)).toEqual(new Set([1000]))
    expect(sent).toHaveLength(90)
    expect(waits).toEqual([])
  })

  test.each([
    ['one socket', [3]],
    ['several', [3, 4]],
  ])('%s: a ring wakes it, once', (_, sockets) => {
    const { hushed, polled } = run({
      bell: 9,
      sockets,
      receive: (call) => (call % 2 === 0 ? [-1, WAKE_MS] : [1, 1]),
      poll: (_timeout, call) => [
        [...sockets.map(() => (call > 5 ? POLLIN : NOTHING)), call === 2 ? POLLIN : NOTHING],
        1000,
      ],
      calls: 20,
    })
    expect(hushed).toEqual([9])
    expect(polled).toBeGreaterThan(5)
  })

  test('a socket that fails is no reason to sleep', () => {
    const { died, polled } = run({
      bell: 9,
      receive: () => [-1, 0],
      poll: () => [[POLLERR, NOTHING], 0],
      calls: 10_000,
    })
    expect(died).toEqual(['recvmmsg on fd 3 keeps failing: errno 0'])
    expect(polled).toBeLessThan(1000)
  })
})

describe('sending', () => {
  test('a call that fails is tried again once, and loses nothing', () => {
    const { sent, unsent } = run({
      receive: () => [3, 0],
      send: (call, count) => (call % 2 === 0 ? -1 : Math.min(count, 1)),
      calls: 1,
    })
    expect(sent).toEqual([0, 0, 1, 1, 2, 2])
    expect(unsent).toBe(0)
  })

  test('a reply that is refused twice is left out and counted, whatever errno says', () => {
    const { sent, unsent } = run({ receive: () => [SLOTS, 0], send: () => -1, calls: 1, errno: 4 })
    expect(sent).toHaveLength(2 * SLOTS)
    expect(unsent).toBe(SLOTS)
  })
})
