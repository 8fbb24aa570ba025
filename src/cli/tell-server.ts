// Lets a running server answer from data that are new in its data directory, and says what it does.

import { join } from 'node:path'
import type { Settings } from '../config/setting-values.ts'
import { AsnzoneError } from '../errors.ts'
import { CONTROL_SOCKET } from '../server/control.ts'
import { askReload } from './ask-reload.ts'

/** The error that tells that a server didn't take them. */
export function keptOld(reason: unknown): AsnzoneError {
  return new AsnzoneError('ASNZONE_CONTROL', `the running server keeps the old data: ${String(reason)}`)
}

/**
 * Asks for a reload, where a server runs.
 *
 * @throws {AsnzoneError} `ASNZONE_CONTROL` when it keeps the old data.
 */
export async function tellServer(
  settings: Settings,
  force: boolean,
  say: (line: string) => void,
): Promise<void> {
  const reply = await askReload(join(settings.dataDir, CONTROL_SOCKET), force, say)
  if (reply === null) {
    say('no server runs with this data directory; the next one answers from the new data')
    return
  }
  if (!reply.ok) throw keptOld(reply.reason)
  say(
    reply.kind === 'unchanged'
      ? 'the running server found nothing new: is it started with another config, or another feed-url?'
      : 'the running server answers from them',
  )
}
