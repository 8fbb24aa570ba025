// asnzone reload: tells a running server to look at its data again.

import { join } from 'node:path'
import type { Command } from 'commander'
import { AsnzoneError } from '../errors.ts'
import { complain, print } from '../print.ts'
import { CONTROL_SOCKET } from '../server/control.ts'
import { askReload } from './ask-reload.ts'
import { addSettingOptions, settingsOf } from './options.ts'

/** Adds the command. */
export function addReload(program: Command): void {
  const command = program
    .command('reload')
    .summary('let a running server answer from the data of today')
    .description(
      'Tells the server that runs with this data directory to compile its data again, for instance after an ' +
        'override was written, and to answer from them when they are no worse. Nothing is fetched. SIGHUP does the same.',
    )
    .option('--force', 'also when they are older or fewer than those in service')
    .addHelpText(
      'after',
      `
Exits with 0 when the server answers from the data of today, with 1 and the reason otherwise.

Examples:
  asnzone reload
  asnzone reload --data-dir /var/lib/asnzone`,
    )
  addSettingOptions(command, ['data-dir']).action(async (options: Record<string, unknown>) => {
    const path = join(settingsOf(options).dataDir, CONTROL_SOCKET)
    const reply = await askReload(path, options.force === true, (line) => complain(`asnzone: ${line}`))
    if (reply === null) throw new AsnzoneError('ASNZONE_CONTROL', `no server listens on ${path}`)
    if (!reply.ok) throw new AsnzoneError('ASNZONE_REFUSED', `the server keeps the old data: ${reply.reason}`)
    print(reply.kind === 'unchanged' ? 'nothing is new' : 'the server answers from the data of today')
  })
}
