// What the commands ask of the policy service: the server that runs, over its control socket; without one, the store
// itself.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Settings } from '../config/setting-values.ts'
import { AsnzoneError } from '../errors.ts'
import { type PolicyCommands, remoteCommands } from '../policy-server/commands.ts'
import { complain } from '../print.ts'
import { askControl, CONTROL_SOCKET } from '../server/control.ts'
import type { Table } from '../table/table.ts'
import { lookAsOwner, workAsOwner } from './as-owner.ts'
import { conductOf, countryPoints, ldapPlace, readSetRecords, storePlace } from './policy.ts'
import { commandsOf } from './policy-control.ts'
import { prepareTable } from './prepare.ts'

/**
 * Asks, and closes what was opened for it.
 *
 * @param options.needsData whether addresses are asked about, for which the data is read where no server has it
 * @throws {AsnzoneError} `ASNZONE_POLICY` when nothing is kept, or the store is not available.
 */
export async function withPolicy<Result>(
  settings: Settings,
  { needsData }: { readonly needsData: boolean },
  work: (policy: PolicyCommands) => Promise<Result>,
): Promise<Result> {
  await lookAsOwner(settings)
  const path = join(settings.dataDir, CONTROL_SOCKET)
  const probe = await askControl(path, { command: 'policy', call: '' })
  // A server of an older version doesn't know the command.
  const { mistake } = settings
  if (probe !== null && probe.isOff !== true) {
    if (mistake !== undefined) complain(`asnzone: ${mistake}`, 'error')
    return work(commandsBehind(path))
  }
  // Of half a config nobody knows which store it means, nor what it decides by.
  if (mistake !== undefined) throw new AsnzoneError('ASNZONE_CONFIG', mistake)
  return withStore(settings, needsData, work)
}

function commandsBehind(path: string): PolicyCommands {
  return remoteCommands(async (call, argument) => {
    const reply = await askControl(path, { command: 'policy', call, argument })
    if (reply === null) throw new AsnzoneError('ASNZONE_CONTROL', `no server listens on ${path} any more`)
    if (!reply.ok) throw new AsnzoneError('ASNZONE_POLICY', String(reply.reason))
    return reply.result
  })
}

/** No server: the same functions over the store, in this process. */
async function withStore<Result>(
  settings: Settings,
  needsData: boolean,
  work: (policy: PolicyCommands) => Promise<Result>,
): Promise<Result> {
  const place = storePlace(settings)
  if (place.kind === 'sqlite') {
    await workAsOwner(settings)
    // Made by a command, the file would belong to the wrong user.
    if (!existsSync(place.file)) {
      throw new AsnzoneError(
        'ASNZONE_POLICY',
        `no server with a policy service runs with data-dir ${settings.dataDir}, and there is no ${place.file}; set policy.listen and start asnzone serve`,
      )
    }
  }
  const { openSurface } = await import('../policy-server/offline.ts')
  const offline = await openSurface({
    place,
    ldap: ldapPlace(settings),
    conduct: conductOf(settings, () => {}),
    points: await countryPoints(settings.policy),
    table: needsData ? await tableOf(settings) : null,
    readRecords: (texts) => readSetRecords(settings, texts),
  })
  try {
    await offline.surface.restoreRecords()
    return await work(commandsOf(offline.surface, Date.now))
  } finally {
    await offline.close()
  }
}

async function tableOf(settings: Settings): Promise<Table> {
  const ready = await prepareTable(settings)
  void ready.accept()
  return ready.table
}
