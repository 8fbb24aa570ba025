// The published snapshot that counts here: the file in the data directory, the one before it, and what its manifest told.

import { lstatSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { AsnzoneError } from '../../errors.ts'
import { renameIfThere, syncDirectory, writeFileAtomically } from '../../system/atomic-file.ts'
import { fileStats, readText } from '../../system/safe-file.ts'
import { FORMAT_VERSION } from '../../table/layout.ts'
import type { Table } from '../../table/table.ts'
import { readSnapshot } from './snapshot.ts'

/** Its name in the data directory. */
export const PUBLISHED_FILE = 'published.snapshot'

/** The one before it. */
const BEFORE_FILE = 'published.snapshot.before'

/** What is known of it. */
const STATE_FILE = 'published.json'

const pulled = z.object({
  serial: z.int(),
  date: z.string(),
  expires: z.string(),
  by: z.string(),
  rawSha256: z.string(),
  rawOctets: z.int(),
  /** FORMAT_VERSION of its table. */
  table: z.int(),
  /** When it was taken, in ISO 8601, UTC. */
  at: z.string(),
  /** The key of where it came from, and what that server calls this version of the manifest. */
  source: z.string(),
  etag: z.string().nullable(),
  lastModified: z.string().nullable(),
})

/** What is known of the snapshot that counts. */
export type PulledSnapshot = z.output<typeof pulled>

/** What was taken last; null when nothing was, or nobody can tell. */
export function readPulled(directory: string): PulledSnapshot | null {
  try {
    return pulled.parse(JSON.parse(readText(join(directory, STATE_FILE))))
  } catch {
    return null
  }
}

/** The file that should tell what was taken last, where something was, and it doesn't; null otherwise. */
export function missingState(directory: string): string | null {
  return wasTaken(directory) && readPulled(directory) === null ? join(directory, STATE_FILE) : null
}

/** Whether anything is there of a snapshot that was taken, whatever it is. */
const wasTaken = (directory: string): boolean =>
  [PUBLISHED_FILE, BEFORE_FILE, STATE_FILE].some(
    (name) => lstatSync(join(directory, name), { throwIfNoEntry: false }) !== undefined,
  )

/**
 * Lets a file count in place of the one before, which is kept. Where that fails, the one before counts as it did.
 *
 * @param file the unpacked snapshot, in the data directory, on the disk
 * @throws {Error} of the file system.
 */
export function adoptPulled(directory: string, file: string, state: PulledSnapshot): void {
  const current = join(directory, PUBLISHED_FILE)
  const before = join(directory, BEFORE_FILE)
  // A file without a state looks like one whose state was lost, a state without its file like one to be taken again: whoever is
  // killed between the two leaves the second.
  const isFirst = !wasTaken(directory)
  if (isFirst) notePulled(directory, state)
  const hadOne = renameIfThere(current, before)
  try {
    renameSync(file, current)
    syncDirectory(directory)
    notePulled(directory, state)
  } catch (error) {
    renameIfThere(current, file)
    if (hadOne) renameSync(before, current)
    if (isFirst) rmSync(join(directory, STATE_FILE), { force: true })
    throw error
  }
}

/** Notes what is known: a serial that is not noted would let an older snapshot pass. */
export function notePulled(directory: string, state: PulledSnapshot): void {
  writeFileAtomically(join(directory, STATE_FILE), `${JSON.stringify(state)}\n`)
}

/**
 * The table that counts; where its file is damaged, or a crash came between two names, the one before.
 *
 * @param isServer removes a file that is damaged, so that it is taken anew
 * @returns null when there is none that this asnzone can read
 */
export function pulledTable(
  directory: string,
  isServer = false,
  onWarning: (message: string) => void = () => {},
): Table | null {
  for (const name of [PUBLISHED_FILE, BEFORE_FILE]) {
    try {
      const table = readSnapshot(join(directory, name))
      if (table !== null) return table
    } catch (error) {
      if (!(error instanceof AsnzoneError)) throw error
      onWarning(`a snapshot is not used: ${error.message}`)
      if (isServer) dropUnpacked(join(directory, name))
    }
  }
  return null
}

/** Whether the file is there that a state is of, as far as a look at it tells. */
export function isThere(directory: string, { rawOctets, table }: PulledSnapshot): boolean {
  return table === FORMAT_VERSION && fileStats(join(directory, PUBLISHED_FILE))?.size === rawOctets
}

/** Removes a file that is not to count. */
export function dropUnpacked(file: string): void {
  rmSync(file, { force: true })
}
