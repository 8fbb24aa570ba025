// Servers as processes: started on one core, timed to their first answer, measured through /proc, and stopped.

import { spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { availableParallelism } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

/** The server's core, and the core of all else. */
export const CORES = { server: 0, client: 1 }

/** How often a starting server is asked, and when it is given up, in milliseconds. */
const ASK_EVERY = 2
const GIVE_UP_AFTER = 300_000

/** How long a server may take to stop before it is killed, in milliseconds. */
const STOP_WITHIN = 20_000

/** Exit code of a process that SIGINT ended. */
const INTERRUPTED = 130

/** @typedef {{ pid: number, port: number, readyAfter: number, stop: () => Promise<void> }} RunningServer */

/** Process groups that must not outlive the bench. */
const running = new Set()
process.on('exit', () => {
  for (const pid of running) signalGroup(pid, 'SIGKILL')
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(INTERRUPTED))

/** Whether processes can be tied to cores here. */
export const canPin = availableParallelism() >= 2 && spawnSync('taskset', ['--version']).status === 0

/**
 * A command tied to a core, where that is possible.
 *
 * @param {number | string | null} core or cores, as taskset takes them; null for any
 * @param {string[]} command
 */
export function pinned(core, command) {
  return canPin && core !== null ? ['taskset', '-c', String(core), ...command] : command
}

/** Ties the bench itself to the client's core, so that it doesn't disturb the server. */
export function pinBench() {
  if (canPin) spawnSync('taskset', ['-acp', String(CORES.client), String(process.pid)])
}

/**
 * Starts a DNS server and waits for its first answer.
 *
 * @param {object} options
 * @param {string[]} options.command
 * @param {string} options.directory where it runs
 * @param {number} options.port
 * @param {number | string | null} options.core
 * @param {Uint8Array} options.query asked again and again
 * @param {boolean} [options.anyReply] a reply without an answer will do
 * @param {string} options.log the file that takes what it prints
 * @returns {Promise<RunningServer>} `readyAfter` in seconds
 */
export async function startServer({ query, anyReply = false, ...options }) {
  return startProcess({ ...options, ready: () => firstAnswer(options.port, query, anyReply) })
}

/**
 * Starts a server and waits until it is ready.
 *
 * @param {object} options
 * @param {string[]} options.command
 * @param {string} options.directory where it runs
 * @param {number} options.port
 * @param {number | string | null} options.core
 * @param {() => Promise<unknown>} options.ready resolves when the server answers
 * @param {string} options.log the file that takes what it prints
 * @param {string} [options.pidFile] where a daemon that leaves its parent writes its number
 * @returns {Promise<RunningServer>} `readyAfter` in seconds
 */
export async function startProcess({ command, directory, port, core, ready, log, pidFile }) {
  const [program, ...args] = pinned(core, command)
  const output = openSync(log, 'w')
  const started = performance.now()
  // A group of its own, because NSD is several processes.
  const child = spawn(program, args, { cwd: directory, detached: true, stdio: ['ignore', output, output] })
  closeSync(output)
  const ended = once(child, 'exit').then(([code, signal]) => {
    if (pidFile !== undefined && code === 0) return new Promise(() => {})
    throw new Error(`${command[0]} ended (${signal ?? code}):\n${readFileSync(log, 'utf8').slice(-2000)}`)
  })
  ended.catch(() => {})
  const { pid } = child
  if (pid === undefined) throw new Error(`${program} can't be started`)
  running.add(pid)
  try {
    await Promise.race([ready(), ended])
  } catch (error) {
    await stopServer(child)
    throw error
  }
  const readyAfter = (performance.now() - started) / 1000
  if (pidFile === undefined) return { pid, port, readyAfter, stop: () => stopServer(child) }
  const daemon = Number(readFileSync(pidFile, 'utf8'))
  running.add(daemon)
  const stop = async () => {
    signalGroup(daemon, 'SIGKILL')
    running.delete(daemon)
    await stopServer(child)
  }
  return { pid: daemon, port, readyAfter, stop }
}

/**
 * A port of 127.0.0.1 that is free for UDP and TCP.
 *
 * @returns {Promise<number>}
 */
export async function freePort() {
  for (;;) {
    const server = createServer()
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address())
    const socket = createSocket('udp4')
    try {
      socket.bind(port, '127.0.0.1')
      await once(socket, 'listening')
      return port
    } catch {
      // Taken for UDP: another one.
    } finally {
      socket.close()
      server.close()
      await once(server, 'close')
    }
  }
}

/**
 * The CPU time that a server has used so far, over all its processes and threads, in nanoseconds.
 *
 * @param {number} pid the leader of its group
 */
export function cpuTime(pid) {
  let nanoseconds = 0
  for (const member of groupOf(pid)) {
    for (const thread of readdirSync(`/proc/${member}/task`)) {
      nanoseconds += Number(readFileSync(`/proc/${member}/task/${thread}/schedstat`, 'utf8').split(' ')[0])
    }
  }
  return nanoseconds
}

/**
 * The memory of a server in bytes: resident now, and at most so far. Of several processes it is the largest,
 * because they share most of it.
 *
 * @param {number} pid the leader of its group
 */
export function memoryOf(pid) {
  const members = groupOf(pid).map((member) => {
    const status = readFileSync(`/proc/${member}/status`, 'utf8')
    const bytes = (key) => Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024
    return { resident: bytes('VmRSS'), peak: bytes('VmHWM'), anonymous: bytes('RssAnon') }
  })
  return members.reduce((largest, member) => (member.resident > largest.resident ? member : largest))
}

/**
 * How often a second the threads of a server were put to sleep, and so were woken, while nobody asked.
 *
 * @param {number} pid the leader of its group
 */
export async function wakeUpsOf(pid, seconds) {
  const before = sleepsOf(pid)
  await sleep(seconds * 1000)
  return (sleepsOf(pid) - before) / seconds
}

function sleepsOf(pid) {
  const threads = groupOf(pid).flatMap((member) =>
    readdirSync(`/proc/${member}/task`).map((thread) => `/proc/${member}/task/${thread}/status`),
  )
  return threads.reduce((sum, file) => {
    return sum + Number(/^voluntary_ctxt_switches:\s+(\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1])
  }, 0)
}

async function firstAnswer(port, query, anyReply) {
  const socket = createSocket('udp4')
  const ask = setInterval(() => socket.send(query, port, '127.0.0.1'), ASK_EVERY)
  const limit = setTimeout(() => socket.emit('error', new Error('no answer; given up')), GIVE_UP_AFTER)
  try {
    for (;;) {
      const [reply] = await once(socket, 'message')
      if (anyReply || reply.readUInt16BE(6) > 0) return
    }
  } finally {
    clearInterval(ask)
    clearTimeout(limit)
    socket.close()
  }
}

async function stopServer(child) {
  const { pid } = child
  if (!running.has(pid)) return
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit')
    // The leader alone: it ends the others, and sees them off.
    child.kill('SIGTERM')
    const kill = setTimeout(() => signalGroup(pid, 'SIGKILL'), STOP_WITHIN)
    await exited
    clearTimeout(kill)
  }
  // Whoever of the group is left.
  signalGroup(pid, 'SIGKILL')
  running.delete(pid)
}

function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal)
  } catch {
    // All gone.
  }
}

/** The processes of a group. */
function groupOf(leader) {
  return readdirSync('/proc').filter((entry) => {
    if (!/^\d+$/.test(entry)) return false
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]) === leader
    } catch {
      return false
    }
  })
}
