// asnzone check: validates config, zones and data, and exits.

import type { Command } from 'commander'
import { doorsOf } from '../app/http.ts'
import { listenAddresses } from '../app/listen.ts'
import { createLogger } from '../app/log.ts'
import { conductOf } from '../app/policy.ts'
import { prepare } from '../app/prepare.ts'
import { policyOf } from '../app/treatment.ts'
import { complain, print } from '../print.ts'
import { addSettingOptions, settingsOf } from './options.ts'

/** Adds the command. */
export function addCheck(program: Command): void {
  const command = program
    .command('check')
    .summary('check config, zones and data')
    .description('Reads config, zones and data as serve would, says what is wrong, and exits.')
    .addHelpText(
      'after',
      `
Exits with 0 when everything is right, with 1 and one line about the first fault otherwise.

Examples:
  asnzone check
  asnzone check --config /etc/asnzone/asnzone.yaml && systemctl restart asnzone`,
    )
  addSettingOptions(command).action(async (options) => {
    const settings = settingsOf(options)
    listenAddresses(settings)
    conductOf(settings, (warning) => complain(`asnzone: ${warning}`))
    doorsOf(settings)
    policyOf(settings)
    const { log } = await createLogger(settings)
    const { table, zoneSet } = await prepare(settings, { log })
    print(`ok: ${zoneSet.zones.length} zones, ${table.asCount} ASes, data of ${table.metadata().date}`)
  })
}
