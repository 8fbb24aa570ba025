// asnzone init: writes a config to begin with, for a mail server.

import { writeFileSync } from 'node:fs'
import { Argument, type Command } from 'commander'
import { DEFAULT_CONFIG_FILE } from '../config/load.ts'
import { MAIL_SERVERS, type MailServerName, mailServerNames, starterConfig } from '../config/starter.ts'
import { AsnzoneError } from '../errors.ts'
import { print } from '../print.ts'

/** Adds the command. */
export function addInit(program: Command): void {
  program
    .command('init')
    .summary('write a config for your mail server')
    .description('Writes a config with comments for a mail server. An existing file is left alone.')
    .addArgument(new Argument('<SERVER>', 'the mail server').choices(mailServerNames))
    .argument('[FILE]', 'where the config goes, - for standard output', DEFAULT_CONFIG_FILE)
    .addHelpText(
      'after',
      `
Examples:
  asnzone init haraka
  asnzone init postfix /etc/asnzone/asnzone.yaml
  asnzone init rspamd - | less`,
    )
    .action((server: MailServerName, file: string) => {
      const text = starterConfig(server)
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
      print(
        `${file} is written for ${MAIL_SERVERS[server].label}: read it, then asnzone check --config ${file}`,
      )
    })
}
