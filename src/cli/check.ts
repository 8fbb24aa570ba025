// asnzone check: validates config, zones and data, and exits.

import type { Command } from 'commander'
import { becomeUser, type Details } from '../app/become-user.ts'
import { judgeAddresses, judgeFiles, judgeSettings } from '../app/judge.ts'
import { createLogger } from '../app/log.ts'
import { prepare } from '../app/prepare.ts'
import { setupOf } from '../app/setup.ts'
import { complain, print } from '../print.ts'
import { missingMessage } from '../server/bind-error.ts'
import { receiveHandover } from '../server/handover.ts'
import { addSettingOptions, configFileOf, settingsOf } from './options.ts'

/** Adds the command. */
export function addCheck(program: Command): void {
  const command = program
    .command('check')
    .summary('check config, zones and data')
    .description(
      'Checks settings, zones and data as serve would, says what is wrong, and exits. Ports are not tried: the running ' +
        'server has them.',
    )
    .addHelpText(
      'after',
      `
Exits with 0 when everything is right, otherwise with 1 and one line about the first fault.

Examples:
  asnzone check
  asnzone check --config /etc/asnzone/asnzone.yaml && systemctl restart asnzone`,
    )
  addSettingOptions(command).action(async (options) => {
    const handed = receiveHandover<Details>(process.env)
    const settings = handed?.details.settings ?? settingsOf(options)
    const configFile = handed === null ? configFileOf(options) : handed.details.configFile
    const warnings: string[] = []
    judgeSettings(settings, (warning) => warnings.push(warning))
    // As root it goes on as the user that the server becomes, who may be allowed less.
    const isUser = await becomeUser(settings, configFile, handed, false)
    for (const warning of warnings) complain(`asnzone: ${warning}`)
    const { log } = await createLogger(settings)
    await judgeAddresses(settings, (address) => log.warn(missingMessage(address)))
    judgeFiles(settings, isUser)
    const { table, zoneSet } = await prepare(setupOf(settings), { log })
    print(`ok: ${zoneSet.zones.length} zones, ${table.asCount} ASes, data of ${table.metadata().date}`)
  })
}
