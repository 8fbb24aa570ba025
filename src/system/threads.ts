// The numbers of the threads that answer: by these they count, note queries and are told apart.

/** The main thread, which answers over TCP. */
export const TCP_THREAD = 0

/** The front end on node:dgram. It is in the main thread, too, but counts by itself. */
export const DGRAM_THREAD = 1

/** The most UDP workers. */
export const MAX_WORKERS = 64

/** The number of a UDP worker, the first of which is 0. */
export const workerThread = (worker: number): number => worker + 1

/** The UDP worker that has a number. */
export const workerOf = (thread: number): number => thread - 1

/** How many numbers there are with so many UDP workers, whichever front end it is. */
export const threadsWith = (workers: number): number => Math.max(DGRAM_THREAD, workerThread(workers - 1)) + 1

/** How many numbers there are at most. */
export const MAX_THREADS = threadsWith(MAX_WORKERS)
