// Opens databases of SQLite in the data directory so that no file of theirs is mapped into memory. A mapped file that
// somebody cuts short, with `cp` say, ends the whole process with SIGBUS, and DNS with it; and what WAL mode has beside a
// database, `-shm`, is mapped by each process that uses it.
//
// So a database is one of two kinds. That of one process is in WAL mode and locked for as long as it is open: then SQLite
// keeps in the heap what `-shm` is for. One that others read or write as well has a rollback journal.

import { closeSync, existsSync, rmSync } from 'node:fs'
import Database from 'libsql'
import { collectGarbage } from './collect-garbage.ts'
import { IN_USE } from './in-use.ts'
import { OpenFile } from './open-file.ts'
import { checkDatabase, createFile } from './safe-file.ts'

/** How a database is opened. */
export interface DatabaseOptions {
  /** Milliseconds that others are waited for. */
  readonly busy: number
  /** Looks at what is there before anything of it is changed; what it throws is thrown on. */
  readonly check?: (database: Database.Database) => void
}

/** A database that is this process's alone. */
export interface OwnDatabase {
  readonly database: Database.Database
  /** Lets others have it. The caller has let go of its statements. */
  close(): Promise<void>
}

/**
 * Opens a database that nobody else can open meanwhile, and makes it where there is none. A decision that is written is
 * kept when the process is killed; those of the last moment may be lost when the machine loses its power.
 *
 * @throws {Error} `IN_USE` when another process has it open, or of SQLite or the file system.
 */
export function openAlone(file: string, { busy, check }: DatabaseOptions): OwnDatabase {
  const name = new OpenFile(file)
  const database = opened(file, (database) => {
    try {
      // Before anything is read: by then a database in WAL mode has mapped its file.
      database.exec(`PRAGMA busy_timeout = ${busy}; PRAGMA locking_mode = EXCLUSIVE`)
      check?.(database)
      database.exec('PRAGMA journal_mode = WAL')
    } catch (error) {
      if ((error as { code?: string }).code !== 'SQLITE_BUSY') throw error
      // What of an earlier one of this thread is only waiting to be collected has it open as well.
      collectGarbage()
      throw new Error(IN_USE, { cause: error })
    }
    expectMode(database, 'wal')
    forgetMapped(file)
    database.exec('PRAGMA synchronous = NORMAL')
  })
  name.opened()
  return { database, close: () => closeOwn(database, name) }
}

async function closeOwn(database: Database.Database, name: OpenFile): Promise<void> {
  try {
    // What libsql keeps open has nothing locked then. Of a file that was moved away SQLite would remove the log by its
    // name, which is that of another by now.
    if (!name.isGone) {
      database.exec('PRAGMA journal_mode = DELETE; PRAGMA locking_mode = NORMAL; SELECT 1 FROM sqlite_schema')
    }
  } catch {
    // The disk is full, or it is damaged: then it is free once all of it has been collected.
  }
  await closeDatabase(database)
}

/**
 * Opens a database that others may use at the same time, and makes it where there is none. What is written is on the disk.
 *
 * @throws {Error} of SQLite or the file system, as when others use it in WAL mode.
 */
export function openShared(file: string, { busy, check }: DatabaseOptions): Database.Database {
  return opened(file, (database) => {
    // In WAL mode, as older versions have left it, it is locked while that ends.
    database.exec(`PRAGMA busy_timeout = ${busy}; PRAGMA locking_mode = EXCLUSIVE`)
    check?.(database)
    database.exec('PRAGMA journal_mode = TRUNCATE')
    expectMode(database, 'truncate')
    forgetMapped(file)
    database.exec('PRAGMA locking_mode = NORMAL; PRAGMA synchronous = FULL; SELECT 1 FROM sqlite_schema')
  })
}

/** Closes a database. libsql keeps the file open until the last of its statements, which the caller has let go of, is collected. */
export async function closeDatabase(database: Database.Database): Promise<void> {
  database.close()
  collecting ??= collectSoon()
  await collecting
}

/** The collection that those wait for who close a database at the same moment. */
let collecting: Promise<void> | undefined

/** Collects once those who close have ended their work, and with it let go of what they have on the stack. */
async function collectSoon(): Promise<void> {
  await turn()
  collecting = undefined
  collectGarbage()
  // What was collected lets go of what it has after that.
  await turn()
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

function opened(file: string, prepare: (database: Database.Database) => void): Database.Database {
  checkDatabase(file)
  // SQLite gives the files beside it the mode of this one.
  if (!existsSync(file)) closeSync(createFile(file))
  const database = new Database(file)
  try {
    prepare(database)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

/** SQLite keeps the mode that there is, and says nothing, where it can't have another. */
function expectMode(database: Database.Database, wanted: string): void {
  const { journal_mode: mode } = database.prepare('PRAGMA journal_mode').get() as { journal_mode: string }
  if (mode !== wanted) throw new Error(`its journal mode is ${mode} and can't be ${wanted}`)
}

/** What a server that used it otherwise has left; nobody else has the database open while this one has it locked. */
function forgetMapped(file: string): void {
  rmSync(`${file}-shm`, { force: true })
}
