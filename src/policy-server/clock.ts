// The time that requests are judged by.

/** Milliseconds since 1970. */
export type Clock = () => number

/** The host's clock, and what is added to it by who shares the memory: one BigInt64 of milliseconds. */
export function clockWith(offset: SharedArrayBuffer | null): Clock {
  if (offset === null) return () => Date.now()
  const milliseconds = new BigInt64Array(offset)
  return () => Date.now() + Number(Atomics.load(milliseconds, 0))
}
