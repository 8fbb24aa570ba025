// What is said of a database that another process has, without loading SQLite.

/** Why a database that is for one process can't be had. */
export const IN_USE =
  'another process has it open, and only one at a time can: two servers need a data-dir each, or a store in Redis; a server whose control socket is gone has to be stopped before commands can use its files'
