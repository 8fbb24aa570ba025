// asnzone reopen: tells a running server to open its logs anew.

import { join } from 'node:path'
import type { Command } from 'commander'
import { lookAsOwner } from '../app/as-owner.ts'
import { AsnzoneError } from '../errors.ts'
import { print } from '../print.ts'
import { askControl, CONTROL_SOCKET } from '../server/control.ts'
import { addSettingOptions, settingsOf } from './options.ts'

/** Adds the command. */
export function addReopen(program: Command): void {
  const command = program
    .command('reopen')
    .summary('make a running server reopen its logs')
    .description(
      'Tells the running server with this data directory to reopen log-file and query-log, which logrotate has to do ' +
        'after moving them away. SIGUSR1 does the same.',
    )
    .addHelpText(
      'after',
      `
Exits with 0 when the server writes to the new files, otherwise with 1 and the reason.

Examples:
  asnzone reopen
  asnzone reopen --data-dir /var/lib/asnzone`,
    )
  addSettingOptions(command, ['data-dir']).action(async (options: Record<string, unknown>) => {
    const settings = settingsOf(options, { suffices: ['data-dir'] })
    await lookAsOwner(settings)
    const path = join(settings.dataDir, CONTROL_SOCKET)
    const reply = await askControl(path, { command: 'reopen' })
    if (reply === null) throw new AsnzoneError('ASNZONE_CONTROL', `no server listens on ${path}`)
    if (!reply.ok) throw new AsnzoneError('ASNZONE_REFUSED', `the server keeps the old logs: ${reply.reason}`)
    print('the logs are reopened')
  })
}
