// Where the statistics lie.

/** The database's name in the data directory. */
export const STATS_FILE = 'stats.sqlite'
