// asnzone check: validates config, zones and data, and exits.

import type { Command } from 'commander'
import { check } from '../app/check.ts'
import { counted } from '../counted.ts'
import { dateTold } from '../data/sources/age.ts'
import { complain, print } from '../print.ts'
import { addSettingOptions, configOf, settingsOf } from './options.ts'
import { grouped } from './units.ts'

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
  addSettingOptions(command).action(async (options: Record<string, unknown>) => {
    const origin = { read: () => settingsOf(options), configFile: configOf(options).file }
    const { table, zoneSet } = await check(origin, (warning) => complain(`asnzone: ${warning}`))
    print(
      `ok: ${counted(zoneSet.zones.length, 'zone')}, ${counted(table.asCount, 'AS', 'ASes', grouped)}, data of ${dateTold(table.metadata())}`,
    )
  })
}
