// Calls between two threads over a message port: each side offers functions to the other, by name.
//
// A call that isn't answered within its time is given up, so that a thread that hangs holds nobody up.

import type { MessagePort } from 'node:worker_threads'
import { AsnzoneError, type ErrorCode } from '../errors.ts'

/** Milliseconds that an answer may take unless the caller says otherwise. */
const ANSWER_MS = 2000

/** Functions that are offered; what they take and give must be fit for structured cloning. */
type Offered<Functions> = {
  readonly [Name in keyof Functions]: Functions[Name] extends (...args: never) => unknown
    ? Functions[Name]
    : never
}

type Name<Functions> = keyof Functions & string
type Arguments<Function> = Function extends (...args: infer Args) => unknown ? Args : never
type Result<Function> = Function extends (...args: never) => infer Value ? Awaited<Value> : never

type Message =
  | { readonly call: number; readonly name: string; readonly args: readonly unknown[] }
  | { readonly answer: number; readonly value: unknown }
  | { readonly answer: number; readonly error: string; readonly code: ErrorCode | null }

interface Waiting {
  readonly resolve: (value: never) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

/** No answer came in time, or the other thread has ended. */
export class NoAnswer extends Error {}

/** One end of a port; `Theirs` is what the other side offers. */
export class Calls<Theirs> {
  readonly #port: MessagePort
  readonly #waiting = new Map<number, Waiting>()
  #last = 0

  /** @param ours what is offered to the other side */
  constructor(port: MessagePort, ours: Readonly<Record<string, (...args: never[]) => unknown>>) {
    this.#port = port
    port.on('message', (message: Message) => {
      if ('call' in message) void this.#carryOut(message, ours)
      else this.#settle(message)
    })
  }

  /**
   * Calls a function of the other side.
   *
   * @throws {AsnzoneError} or {Error} that it ended in.
   * @throws {NoAnswer}
   */
  call<Called extends Name<Offered<Theirs>>>(
    name: Called,
    ...args: Arguments<Theirs[Called]>
  ): Promise<Result<Theirs[Called]>> {
    return this.callWithin(ANSWER_MS, name, ...args)
  }

  /** The same, for what takes longer. */
  callWithin<Called extends Name<Offered<Theirs>>>(
    milliseconds: number,
    name: Called,
    ...args: Arguments<Theirs[Called]>
  ): Promise<Result<Theirs[Called]>> {
    const call = ++this.#last
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(call)
        reject(new NoAnswer(`${name}: no answer within ${milliseconds} ms`))
      }, milliseconds)
      this.#waiting.set(call, { resolve, reject, timer })
      this.#port.postMessage({ call, name, args } satisfies Message)
    })
  }

  /** Ends it; calls that wait fail. */
  close(): void {
    this.#port.close()
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer)
      reject(new NoAnswer('the other thread has ended'))
    }
    this.#waiting.clear()
  }

  async #carryOut(
    { call: answer, name, args }: Extract<Message, { call: number }>,
    ours: Readonly<Record<string, (...args: never[]) => unknown>>,
  ): Promise<void> {
    let message: Message
    try {
      message = { answer, value: await ours[name](...(args as never[])) }
    } catch (error) {
      const code = error instanceof AsnzoneError ? error.code : null
      message = { answer, error: (error as Error).message, code }
    }
    this.#port.postMessage(message)
  }

  #settle(message: Exclude<Message, { call: number }>): void {
    const waiting = this.#waiting.get(message.answer)
    // An answer that comes too late is nobody's.
    if (waiting === undefined) return
    this.#waiting.delete(message.answer)
    clearTimeout(waiting.timer)
    if ('value' in message) waiting.resolve(message.value as never)
    else if (message.code === null) waiting.reject(new Error(message.error))
    else waiting.reject(new AsnzoneError(message.code, message.error))
  }
}
