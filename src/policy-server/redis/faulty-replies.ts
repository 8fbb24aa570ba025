// What is no reply of Redis, and what is too long for one. After it @redis/client would go on reading, and give each later
// reply to the command before, which may be another account's; and it would keep a reply of any length. Here nothing of the
// connection is read any more: its commands have no answer, and `Commands` begins another connection.
//
// The decoder is the client's own, which has no setting for that and tells of it by an event that Sentinels and Clusters wrap.

import { Decoder } from '@redis/client/dist/lib/RESP/decoder.js'

/** Octets of one reply; the longest is the list of blocked accounts, a quarter of a million of them then. */
const MOST_REPLY_OCTETS = 8 << 20

interface State {
  /** Octets of the reply that has begun. */
  octets: number
  /** Whether what came is to be read by nobody. */
  isFaulty: boolean
  /** Whether the client is about to reset the decoder because of the fault. */
  isToldOf: boolean
}

const states = new WeakMap<Decoder, State>()

/** What is called with a whole reply, and counts. */
const counting = new WeakSet<(reply: never) => unknown>()

let isWatched = false

/** Stops reading at faults, on all connections of this thread from now on. */
export function stopAtFaults(): void {
  if (isWatched) return
  isWatched = true
  const { write, reset } = Decoder.prototype
  Decoder.prototype.write = function (chunk: Buffer): void {
    const state = stateOf(this)
    if (state.isFaulty) return
    countWhole(this, state)
    state.octets += chunk.length
    try {
      if (state.octets > MOST_REPLY_OCTETS)
        throw new Error(`a reply has more than ${MOST_REPLY_OCTETS >> 20} MiB`)
      write.call(this, chunk)
    } catch (error) {
      state.isFaulty = true
      state.isToldOf = true
      throw error
    }
  }
  // The client resets it at once, and again for the next connection.
  Decoder.prototype.reset = function (): void {
    const state = stateOf(this)
    state.octets = 0
    state.isFaulty = state.isToldOf
    state.isToldOf = false
    reset.call(this)
  }
}

function stateOf(decoder: Decoder): State {
  const known = states.get(decoder)
  if (known !== undefined) return known
  const state = { octets: 0, isFaulty: false, isToldOf: false }
  states.set(decoder, state)
  return state
}

/** Counts anew with each reply that is whole. The client replaces these functions now and then. */
function countWhole(decoder: Decoder, state: State): void {
  const whole = <Reply>(tell: (reply: Reply) => unknown): ((reply: Reply) => unknown) => {
    if (counting.has(tell)) return tell
    const counted = (reply: Reply): unknown => {
      state.octets = 0
      return tell(reply)
    }
    counting.add(counted)
    return counted
  }
  decoder.onReply = whole(decoder.onReply)
  decoder.onErrorReply = whole(decoder.onErrorReply)
  decoder.onPush = whole(decoder.onPush)
}
