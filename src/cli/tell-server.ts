// Lets a running server answer from data that are new in its data directory, and says what it does.

import { join } from 'node:path'
import type { Settings } from '../config/setting-values.ts'
import { SETTINGS } from '../config/settings.ts'
import { AsnzoneError } from '../errors.ts'
import { askControl, CONTROL_SOCKET } from '../server/control.ts'
import type { ServerStatus } from '../server/status.ts'
import type { Table } from '../table/table.ts'
import { askReload } from './ask-reload.ts'

/** The error that tells that a server didn't take them. */
export function keptOld(reason: unknown): AsnzoneError {
  return new AsnzoneError('ASNZONE_CONTROL', `the running server keeps the old data: ${String(reason)}`)
}

/**
 * Asks for a reload, where a server runs.
 *
 * @param table what is new in its data directory
 * @throws {AsnzoneError} `ASNZONE_CONTROL` when it keeps the old data.
 */
export async function tellServer(
  settings: Settings,
  table: Table,
  force: boolean,
  say: (line: string) => void,
): Promise<void> {
  const socket = join(settings.dataDir, CONTROL_SOCKET)
  const reply = await askReload(socket, force, say)
  const unknown = unknownToServers(settings)
  if (reply === null) {
    const next = unknown === null ? '' : `, with the same ${unknown}`
    say(`no server runs with this data directory; the next one answers from the new data${next}`)
    return
  }
  if (!reply.ok) throw keptOld(reply.reason)
  if (reply.kind !== 'unchanged') say('the running server answers from them')
  else if (await answersFrom(socket, table)) say('the running server has the same data already')
  else if (unknown !== null)
    say(
      `the running server found nothing new: its config has another ${unknown}; write it there, then asnzone reload`,
    )
  else say('the running server found nothing new: is it started with another config, or another feed-url?')
}

/** What this command alone was told of, and no server that reads the same config file knows; null when nothing. */
function unknownToServers({ places, feed, feedUrl }: Settings): string | null {
  const isTold = (name: 'feed' | 'feed-url', value: string): boolean =>
    places?.[name] === undefined && value !== SETTINGS[name].schema.parse(undefined)
  const names = [isTold('feed', feed) && 'feed', isTold('feed-url', feedUrl) && 'feed-url']
  const told = names.filter((name) => name !== false)
  return told.length === 0 ? null : told.join(' and ')
}

/** Whether the server has a table with the same sources. */
async function answersFrom(socket: string, table: Table): Promise<boolean> {
  const status = (await askControl(socket, { command: 'status' })) as Partial<ServerStatus> | null
  return JSON.stringify(status?.metadata) === JSON.stringify(table.metadata())
}
