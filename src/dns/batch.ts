// How many queries are received, looked ahead at and answered together.

/** The most queries of a batch. Nothing else but memory depends on it. */
export const MAX_BATCH = 64
