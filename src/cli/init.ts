// asnzone init: writes a config to begin with, for a mail server or a host of a fleet, or what systemd needs.

import { writeFileSync } from 'node:fs'
import { Argument, type Command } from 'commander'
import { FLEET_ROLES, type FleetRoleName, fleetRoleNames } from '../config/fleet-starter.ts'
import { DEFAULT_CONFIG_FILE } from '../config/found-config.ts'
import { MAIL_SERVERS, type MailServerName, mailServerNames, starterConfig } from '../config/starter.ts'
import { AsnzoneError } from '../errors.ts'
import { print } from '../print.ts'
import { DEFAULT_SYSTEMD_FOLDER, initSystemd } from './init-systemd.ts'

/** Whose files are units. */
const SYSTEMD = 'systemd'

/** Adds the command. */
export function addInit(program: Command): void {
  program
    .command('init')
    .summary('write a config for your mail server or a fleet, or units for systemd')
    .description(
      'Writes a config with comments for a mail server, or for the hosts of a fleet: one that builds the data and those that take it. For systemd, writes units that start this asnzone, its user and the rotation of its logs. An existing file is left alone, unless asnzone init systemd has written it.',
    )
    .addArgument(
      new Argument('<SERVER>', 'the mail server, what the host does in a fleet, or systemd').choices([
        ...mailServerNames,
        ...fleetRoleNames,
        SYSTEMD,
      ]),
    )
    .argument(
      '[FILE]',
      `where it goes, - for standard output (default: ${DEFAULT_CONFIG_FILE}; for systemd the folder ${DEFAULT_SYSTEMD_FOLDER})`,
    )
    .addHelpText(
      'after',
      `
Examples:
  asnzone init haraka
  asnzone init postfix /etc/asnzone/asnzone.yaml
  asnzone init rspamd - | less
  asnzone init fleet-node /etc/asnzone/asnzone.yaml
  asnzone init systemd`,
    )
    .action((server: MailServerName | FleetRoleName | typeof SYSTEMD, given: string | undefined) => {
      if (server === SYSTEMD) {
        initSystemd(given ?? DEFAULT_SYSTEMD_FOLDER)
        return
      }
      const file = given ?? DEFAULT_CONFIG_FILE
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
