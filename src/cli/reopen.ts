// asnzone reopen: tells a running server to open its logs anew.

import { join } from 'node:path'
import type { Command } from 'commander'
import { AsnzoneError } from '../errors.ts'
import { print } from '../print.ts'
import { askControl, CONTROL_SOCKET } from '../server/control.ts'
import { addSettingOptions, settingsOf } from './options.ts'

/** Adds the command. */
export function addReopen(program: Command): void {
  const command = program
    .command('reopen')
    .summary('let a running server open its logs anew')
    .description(
      'Tells the server that runs with this data directory to open log-file and query-log anew, which is what ' +
        'logrotate has to do after it has moved them away. SIGUSR1 does the same.',
    )
    .addHelpText(
      'after',
      `
Exits with 0 when the server writes to the new files, with 1 and the reason otherwise.

Examples:
  asnzone reopen
  asnzone reopen --data-dir /var/lib/asnzone`,
    )
  addSettingOptions(command, ['data-dir']).action(async (options: Record<string, unknown>) => {
    const path = join(settingsOf(options).dataDir, CONTROL_SOCKET)
    const reply = await askControl(path, { command: 'reopen' })
    if (reply === null) throw new AsnzoneError('ASNZONE_CONTROL', `no server listens on ${path}`)
    if (!reply.ok) throw new AsnzoneError('ASNZONE_REFUSED', `the server keeps the old logs: ${reply.reason}`)
    print('the logs are opened anew')
  })
}
