// asnzone init: writes a config to begin with, for a mail server or a host of a fleet, or what systemd or a resolver needs.

import { Argument, type Command } from 'commander'
import { FLEET_ROLES, type FleetRoleName, fleetRoleNames } from '../config/fleet-starter.ts'
import { DEFAULT_CONFIG_FILE } from '../config/found-config.ts'
import { type ResolverName, resolverNames } from '../config/resolver-recipes.ts'
import { MAIL_SERVERS, type MailServerName, mailServerNames, starterConfig } from '../config/starter.ts'
import { AsnzoneError } from '../errors.ts'
import { print } from '../print.ts'
import { writeNewFile } from '../system/atomic-file.ts'
import { initResolver } from './init-resolver.ts'
import { DEFAULT_SYSTEMD_FOLDER, initSystemd } from './init-systemd.ts'
import { addSettingOptions, settingsOf } from './options.ts'

/** Whose files are units. */
const SYSTEMD = 'systemd'

/** What init is given. */
type ServerName = MailServerName | FleetRoleName | typeof SYSTEMD | ResolverName

/** Adds the command. */
export function addInit(program: Command): void {
  const command = program
    .command('init')
    .summary('write a config for your mail server or a fleet, units for systemd, or lines for your resolver')
    .description(
      'Writes a config with comments for a mail server, or for the hosts of a fleet: one that builds the data and those that take it. For systemd, writes units that start this asnzone, its user and the rotation of its logs. For a resolver, prints what makes it send the names of the config, as it is found, to asnzone. An existing file is left alone, unless asnzone init systemd has written it.',
    )
    .addArgument(
      new Argument(
        '<SERVER>',
        'the mail server, what the host does in a fleet, systemd, or the resolver',
      ).choices([...mailServerNames, ...fleetRoleNames, SYSTEMD, ...resolverNames]),
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
  asnzone init systemd
  asnzone init unbound > /etc/unbound/unbound.conf.d/asnzone.conf`,
    )
  addSettingOptions(command, ['listen', 'domain', 'zones', 'disable']).action(
    (server: ServerName, given: string | undefined, options: Record<string, unknown>) => {
      const resolver = resolverNames.find((it) => it === server)
      if (resolver !== undefined) {
        if (given !== undefined && given !== '-') {
          throw new AsnzoneError('ASNZONE_CONFIG', `init ${resolver} prints its lines; write > ${given}`)
        }
        initResolver(resolver, settingsOf(options, { needsData: false }))
        return
      }
      if (server === SYSTEMD) {
        initSystemd(given ?? DEFAULT_SYSTEMD_FOLDER)
        return
      }
      const file = given ?? DEFAULT_CONFIG_FILE
      const { label, text } = starterOf(server as MailServerName | FleetRoleName)
      if (file === '-') {
        print(text.trimEnd().split('\n'))
        return
      }
      try {
        writeNewFile(file, text)
      } catch (cause) {
        const { code, message } = cause as NodeJS.ErrnoException
        const reason =
          code === 'EEXIST' ? 'it is there already, and is left alone; name another file' : message
        throw new AsnzoneError('ASNZONE_CONFIG', `${file}: ${reason}`, { cause })
      }
      print(`${file} is written for ${label}: read it, then asnzone check --config ${file}`)
    },
  )
}

function starterOf(name: MailServerName | FleetRoleName): { readonly label: string; readonly text: string } {
  const role = fleetRoleNames.find((it) => it === name)
  if (role !== undefined) return FLEET_ROLES[role]
  const server = name as MailServerName
  return { label: MAIL_SERVERS[server].label, text: starterConfig(server) }
}
