// What systemd is told of a service of Type=notify (sd_notify(3)): ready, reloading, stopping, a status, and, for its
// watchdog, that the server answers.
//
// A datagram to a Unix socket, which Node.js can't send: libc does it where it can be called, and systemd-notify
// elsewhere. The unit needs NotifyAccess=all for the latter.

import { spawn } from 'node:child_process'
import { printable } from '../printable.ts'
import { type Libc, loadLibc, unsupportedReason } from './libc.ts'
import { openUnixDatagram, sendDatagram } from './udp-socket.ts'

/** How many times in the watchdog's time it is told that all is well. */
const FEEDS = 3

type Send = (message: string) => void

/** The service manager that started this process. */
export class Notifier {
  readonly #send: Send
  /** Milliseconds after which the watchdog barks; 0 for no watchdog. */
  readonly #watchdog: number
  #timer: NodeJS.Timeout | undefined

  private constructor(send: Send, watchdog: number) {
    this.#send = send
    this.#watchdog = watchdog
  }

  /**
   * The service manager that the environment names, null when there is none. What names it is taken out of the
   * environment, so that no child takes it for its own.
   *
   * @param onFailure told why the service manager can't be told anything
   */
  static async of(
    environment: NodeJS.ProcessEnv,
    onFailure: (reason: string) => void,
  ): Promise<Notifier | null> {
    const { NOTIFY_SOCKET: socket, WATCHDOG_USEC, WATCHDOG_PID } = environment
    delete environment.NOTIFY_SOCKET
    delete environment.WATCHDOG_USEC
    delete environment.WATCHDOG_PID
    if (socket === undefined || socket === '') return null
    const isOurs = WATCHDOG_PID === undefined || Number(WATCHDOG_PID) === process.pid
    const watchdog = isOurs ? Math.floor(Number(WATCHDOG_USEC ?? 0) / 1000) : 0
    const libc = unsupportedReason() === null ? await loadLibc().catch(() => null) : null
    const send = libc === null ? bySystemdNotify(socket, onFailure) : byLibc(libc, socket, onFailure)
    return new Notifier(send, watchdog)
  }

  /** The server answers, or does so from new data. */
  ready(status: string): void {
    this.#tell('READY=1', `STATUS=${status}`)
  }

  /** New data is being read; until `ready` the service is said to be reloading. */
  reloading(): void {
    const microseconds = process.hrtime.bigint() / 1000n
    this.#tell('RELOADING=1', `MONOTONIC_USEC=${microseconds}`, 'STATUS=reads new data')
  }

  /** The server is about to end. */
  stopping(): void {
    clearInterval(this.#timer)
    this.#tell('STOPPING=1', 'STATUS=stopping')
  }

  /**
   * Feeds the watchdog, where there is one, for as long as `isAlive` says so in time.
   *
   * @param onStandstill told when it isn't fed, once in a row
   */
  watch(isAlive: () => Promise<boolean>, onStandstill: () => void): void {
    if (this.#watchdog === 0) return
    let isAsking = false
    let isHungry = false
    const starve = (): void => {
      if (!isHungry) onStandstill()
      isHungry = true
    }
    const look = async (): Promise<void> => {
      if (isAsking) {
        starve()
        return
      }
      isAsking = true
      if (await isAlive()) {
        isHungry = false
        this.#tell('WATCHDOG=1')
      } else starve()
      isAsking = false
    }
    this.#timer = setInterval(() => void look(), Math.ceil(this.#watchdog / FEEDS))
  }

  #tell(...assignments: string[]): void {
    this.#send(assignments.map(printable).join('\n'))
  }
}

function byLibc(libc: Libc, socket: string, onFailure: (reason: string) => void): Send {
  let hasFailed = false
  const fd = openUnixDatagram(libc)
  return (message) => {
    const reason = sendDatagram(libc, fd, socket, Buffer.from(message))
    if (reason !== null && !hasFailed) onFailure(`${socket}: ${reason}`)
    hasFailed = reason !== null
  }
}

function bySystemdNotify(socket: string, onFailure: (reason: string) => void): Send {
  return (message) => {
    const env = { ...process.env, NOTIFY_SOCKET: socket }
    const child = spawn('systemd-notify', message.split('\n'), { env, stdio: 'ignore' })
    child.once('error', ({ message: reason }) => onFailure(reason))
    child.once('exit', (code) => {
      if (code !== 0) onFailure(`systemd-notify ended with ${code}`)
    })
  }
}
