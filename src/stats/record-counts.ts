// How often each record of a table was asked for: numbers in shared memory that every thread adds to in a slice
// of its own. Nothing is looked up when a query is counted; what a record says is asked later, in another thread.
//
// Nobody else writes to a slice, so no atomic operation is needed. The numbers have 32 bits and wrap; who reads
// them often enough sees by how much they grew all the same.

/** The slice of one thread. */
export class RecordCounter {
  readonly #counts: Uint32Array

  constructor({ buffer, slices }: RecordCounts, slice: number) {
    const records = buffer.byteLength / 4 / slices
    this.#counts = new Uint32Array(buffer, slice * records * 4, records)
  }

  /** Counts one query about an address; record 0 is an address of which nothing is known. */
  count(record: number): void {
    this.#counts[record]++
  }
}

/** The slices of all threads for one table, as plain data that can be handed to a thread. */
export interface RecordCounts {
  readonly buffer: SharedArrayBuffer
  readonly slices: number
}

/** Counts for a table of `records` records that all are 0. */
export function createRecordCounts(records: number, slices: number): RecordCounts {
  return { buffer: new SharedArrayBuffer(records * slices * 4), slices }
}
