// The file of what was learned, for those who look at it without SQLite.

/** Its name in the data directory. */
export const STATE_FILE = 'learned.sqlite'
