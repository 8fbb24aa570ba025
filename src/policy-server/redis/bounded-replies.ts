// Bounds what a reply of Redis may be: @redis/client reads one of any length, and an array that says it has two thousand
// million elements ends the whole process, not the thread, as soon as V8 has no memory for it. After what is no reply it
// goes on reading, and gives each later reply to the command before: the connection has to end there.

import { Decoder } from '@redis/client/dist/lib/RESP/decoder.js'

/** Octets of one reply. The largest that is asked for has a thousand keys or entries. */
export const MOST_REPLY_OCTETS = 4 << 20

const CODE = 'REPLY_FAULT'

/** Whether what came is no reply, or too long for one: what comes after it on this connection belongs to nobody. */
export const isReplyFault = (error: NodeJS.ErrnoException): boolean => error.code === CODE

const replyFault = (message: string, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), { code: CODE })

/** How much of its reply each decoder has read so far. */
const unfinished = new WeakMap<Decoder, { octets: number }>()

let isBounded = false

/** Bounds the replies on all connections of this thread: the client of one is told of a fault, see `isReplyFault`. */
export function boundReplies(): void {
  if (isBounded) return
  isBounded = true
  const { write, reset } = Decoder.prototype
  Decoder.prototype.write = function (chunk): void {
    const reply = unfinished.get(this) ?? watched(this)
    reply.octets += chunk.length
    if (reply.octets > MOST_REPLY_OCTETS)
      throw replyFault(`a reply has more than ${MOST_REPLY_OCTETS >> 20} MiB`)
    try {
      write.call(this, chunk)
    } catch (cause) {
      throw replyFault(`what it says is no reply of Redis: ${(cause as Error).message}`, cause)
    }
  }
  Decoder.prototype.reset = function (): void {
    const reply = unfinished.get(this)
    if (reply !== undefined) reply.octets = 0
    reset.call(this)
  }
}

/** Counts anew with each reply that is whole. */
function watched(decoder: Decoder): { octets: number } {
  const reply = { octets: 0 }
  const { onReply, onErrorReply, onPush } = decoder
  const whole =
    <Reply>(tell: (reply: Reply) => unknown) =>
    (told: Reply): unknown => {
      reply.octets = 0
      return tell(told)
    }
  Object.assign(decoder, {
    onReply: whole(onReply),
    onErrorReply: whole(onErrorReply),
    onPush: whole(onPush),
  })
  unfinished.set(decoder, reply)
  return reply
}
