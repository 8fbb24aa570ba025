// asnzone build: publishes the compiled data for other servers, and makes the key that signs them.

import type { Command } from 'commander'
import { writeKeyPair } from '../app/key-pair.ts'
import { publishData } from '../app/publish-data.ts'
import { AsnzoneError } from '../errors.ts'
import { minuteOf } from '../minute.ts'
import { complain, print } from '../print.ts'
import { addSettingOptions, settingsOf } from './options.ts'
import { megabytes } from './units.ts'

/** Adds the command. */
export function addBuild(program: Command): void {
  const command = program
    .command('build')
    .summary('publish the compiled data for other servers')
    .description(
      'Compiles what the config names and writes it into a directory that any web server can hand out. Servers whose config names it under snapshot answer from it.',
    )
    .option('-o, --output <DIR>', 'the directory')
    .option(
      '--sign <FILE>',
      'the secret key that signs, as --new-key or openssl genpkey -algorithm ed25519 makes it',
    )
    .option('--new-key <FILE>', 'make a key: the secret one, and FILE.pub beside it')
    .addHelpText(
      'after',
      `
Where the same is published already nothing is written. The two newest snapshots stay in the directory.

Examples:
  asnzone build --new-key /etc/asnzone/snapshot.key
  asnzone build --sign /etc/asnzone/snapshot.key --output /srv/www/asnzone`,
    )
  addSettingOptions(command, ['data-dir', 'here', 'max-age']).action(
    async (options: Record<string, unknown>) => {
      const { output, sign, newKey } = options
      if (typeof newKey === 'string') {
        print(`secret key: ${newKey}`)
        print(`public key: ${writeKeyPair(newKey)}`)
        return
      }
      if (typeof output !== 'string')
        throw new AsnzoneError('ASNZONE_CONFIG', 'say where it goes: --output DIR')
      const published = await publishData(settingsOf(options), output, typeof sign === 'string' ? sign : null)
      const { manifest, isNew, publicLine, isUndated } = published
      if (isUndated) {
        complain(
          'asnzone: no source tells its date, so that the snapshot counts as of now: max-age ages it from here on',
        )
      }
      const { serial, date, octets, expires } = manifest
      print(
        isNew
          ? `published: snapshot ${serial}, ${megabytes(octets)}, data of ${minuteOf(date)}, until ${minuteOf(expires)}`
          : `snapshot ${serial} is published already`,
      )
      if (publicLine !== null) print(`public key: ${publicLine}`)
    },
  )
}
