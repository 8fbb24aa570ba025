// asnzone serve: loads the data and answers until it is told to stop.

import type { Command } from 'commander'
import { serve } from '../app/serve.ts'
import { settingNames } from '../config/settings.ts'
import { addSettingOptions, configToServe, readSettings } from './options.ts'

/** Adds the command. */
export function addServe(program: Command): void {
  const command = program
    .command('serve')
    .summary('load the data and answer DNS queries')
    .description('Loads the data and answers DNS queries over UDP and TCP until SIGTERM or SIGINT.')
    .addHelpText(
      'after',
      `
Examples:
  asnzone serve
  asnzone serve --listen 127.0.0.1:53 --listen '[::1]:53'
  asnzone serve --config /etc/asnzone/asnzone.yaml --log-format json`,
    )
  const standard = 'asnzone.yaml, if there is one'
  addSettingOptions(command, settingNames, standard).action((options: Record<string, unknown>) => {
    const configFile = configToServe(options)
    return serve({ read: () => readSettings(options, configFile), configFile })
  })
}
