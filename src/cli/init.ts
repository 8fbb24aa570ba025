// asnzone init: writes a config to begin with, for a mail server or a host of a fleet.

import { writeFileSync } from 'node:fs'
import { Argument, type Command } from 'commander'
import { FLEET_ROLES, type FleetRoleName, fleetRoleNames } from '../config/fleet-starter.ts'
import { DEFAULT_CONFIG_FILE } from '../config/load.ts'
import { MAIL_SERVERS, type MailServerName, mailServerNames, starterConfig } from '../config/starter.ts'
import { AsnzoneError } from '../errors.ts'
import { print } from '../print.ts'

/** Adds the command. */
export function addInit(program: Command): void {
  program
    .command('init')
    .summary('write a config for your mail server, or for a fleet')
    .description(
      'Writes a config with comments for a mail server, or for the hosts of a fleet: one that builds the data and those that take it. An existing file is left alone.',
    )
    .addArgument(
      new Argument('<SERVER>', 'the mail server, or what the host does in a fleet').choices([
        ...mailServerNames,
        ...fleetRoleNames,
      ]),
    )
    .argument('[FILE]', 'where the config goes, - for standard output', DEFAULT_CONFIG_FILE)
    .addHelpText(
      'after',
      `
Examples:
  asnzone init haraka
  asnzone init postfix /etc/asnzone/asnzone.yaml
  asnzone init rspamd - | less
  asnzone init fleet-node /etc/asnzone/asnzone.yaml`,
    )
    .action((server: MailServerName | FleetRoleName, file: string) => {
      const { label, text } = starterOf(server)
      if (file === '-') {
        print(text.trimEnd().split('\n'))
        return
      }
      try {
        writeFileSync(file, text, { flag: 'wx' })
      } catch (cause) {
        const { code, message } = cause as NodeJS.ErrnoException
        const reason =
          code === 'EEXIST' ? 'it is there already, and is left alone; name another file' : message
        throw new AsnzoneError('ASNZONE_CONFIG', `${file}: ${reason}`, { cause })
      }
      print(`${file} is written for ${label}: read it, then asnzone check --config ${file}`)
    })
}

function starterOf(name: MailServerName | FleetRoleName): { readonly label: string; readonly text: string } {
  const role = fleetRoleNames.find((it) => it === name)
  if (role !== undefined) return FLEET_ROLES[role]
  const server = name as MailServerName
  return { label: MAIL_SERVERS[server].label, text: starterConfig(server) }
}
