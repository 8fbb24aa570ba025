// asnzone reload: tells a running server to look at its config, its zones and its data again.

import { join } from 'node:path'
import type { Command } from 'commander'
import { lookAsOwner } from '../app/as-owner.ts'
import { AsnzoneError } from '../errors.ts'
import { complain, print } from '../print.ts'
import { CONTROL_SOCKET } from '../server/control.ts'
import type { SettingNews } from '../server/reload.ts'
import { askReload } from './ask-reload.ts'
import { addSettingOptions, settingsOf } from './options.ts'

/** Adds the command. */
export function addReload(program: Command): void {
  const command = program
    .command('reload')
    .summary('make a running server read its config, zones and data again')
    .description(
      'Tells the running server with this data directory to read its config and zone files again and to compile its ' +
        'data, for instance after you have changed an override. They come into force when nothing is wrong with ' +
        'the config and the data is no worse than before. Settings that need a restart are named. Nothing is fetched. SIGHUP ' +
        'does the same.',
    )
    .option('--force', 'also when the data is older or smaller than the data in service')
    .addHelpText(
      'after',
      `
Exits with 0 when the server uses the current config and data, otherwise with 1 and the reason.

Examples:
  asnzone reload
  asnzone reload --data-dir /var/lib/asnzone`,
    )
  addSettingOptions(command, ['data-dir']).action(async (options: Record<string, unknown>) => {
    const settings = settingsOf(options)
    await lookAsOwner(settings)
    const path = join(settings.dataDir, CONTROL_SOCKET)
    const reply = await askReload(path, options.force === true, (line) => complain(`asnzone: ${line}`))
    if (reply === null) throw new AsnzoneError('ASNZONE_CONTROL', `no server listens on ${path}`)
    const { changed = [], restart = [] } = reply as Partial<SettingNews>
    const inForce = changed.length > 0 ? `in force: ${changed.join(', ')}` : null
    if (restart.length > 0) complain(`asnzone: needs a restart: ${restart.join(', ')}`)
    if (!reply.ok) {
      const kept = `${inForce ?? 'nothing changed'}, the server keeps the old data`
      throw new AsnzoneError('ASNZONE_REFUSED', `${kept}: ${reply.reason}`)
    }
    if (inForce !== null) print(inForce)
    if (reply.kind === 'replaced') print('the server answers from the new data')
    else if (changed.length + restart.length === 0) print('nothing is new')
  })
}
