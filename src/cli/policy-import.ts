// asnzone policy import: accounts and settings of geoip-policyd, and accounts of a host that was alone.

import { resolve } from 'node:path'
import type { Command } from 'commander'
import { importAccounts } from '../app/policy-import.ts'
import { configLines } from '../config/config-text.ts'
import { parseEnvFile } from '../config/policy/env-file.ts'
import { importSettings } from '../config/policy/geoip-policyd-settings.ts'
import { policySchema } from '../config/policy/policy.ts'
import { isRedisUrl } from '../config/policy/redis.ts'
import { loadRecords } from '../config/policy/users.ts'
import { readText } from '../config/yaml-file.ts'
import { counted } from '../counted.ts'
import { AsnzoneError } from '../errors.ts'
import { complain, print } from '../print.ts'
import { printable } from '../printable.ts'
import { addSettingOptions, settingsOf } from './options.ts'

/** Keys that are named that hold something else. */
const MAX_FOREIGN = 10

/** The options of the command. */
interface ImportOptions extends Readonly<Record<string, unknown>> {
  readonly redis?: string
  readonly prefix: string
  readonly sqlite?: string
  readonly env?: string
  readonly custom?: string
}

/** Adds the command. */
export function addImport(policy: Command): void {
  const command = policy
    .command('import')
    .summary('import accounts or settings of geoip-policyd, or accounts of a single host')
    .description(
      'Copies accounts into policy.store: blocks, and what was counted within the window. Accounts that are known there stay as they are. The old store is not changed. Servers may run meanwhile, but not one that has a policy.sqlite open that is read or written. With --env it prints the settings of geoip-policyd as a config, with a comment for each that is lost.',
    )
    .option('--redis <URL>', 'the Redis of geoip-policyd, such as redis://localhost/0')
    .option('--prefix <PREFIX>', 'what its keys begin with', 'geopol_')
    .option('--sqlite <FILE>', 'the policy.sqlite of a single host')
    .option('--env <FILE>', 'the environment of geoip-policyd, such as /etc/default/geoip-policyd')
    .option('--custom <FILE>', 'with --env: its custom settings, which are checked')
    .addHelpText(
      'after',
      `
Examples:
  asnzone policy import --env /etc/default/geoip-policyd --custom /etc/geoip-policyd/custom.json
  asnzone policy import --redis redis://localhost
  asnzone policy import --sqlite /var/lib/asnzone/policy.sqlite`,
    )
  addSettingOptions(command, ['data-dir']).action(async (options: ImportOptions) => {
    const { redis, sqlite, env, custom } = options
    if ([redis, sqlite, env].filter((source) => source !== undefined).length !== 1) {
      throw new AsnzoneError('ASNZONE_CONFIG', 'import: name one of --redis, --sqlite and --env')
    }
    if (env !== undefined) printSettings(env, custom ?? null)
    else if (custom !== undefined)
      throw new AsnzoneError('ASNZONE_CONFIG', 'import: --custom goes with --env')
    else await takeAccounts(options)
  })
}

async function takeAccounts(options: ImportOptions): Promise<void> {
  const { redis, prefix, sqlite } = options
  if (redis !== undefined && !isRedisUrl(redis)) {
    throw new AsnzoneError('ASNZONE_CONFIG', '--redis: redis://HOST:PORT/DATABASE, rediss://… or unix:/PATH')
  }
  const source =
    sqlite === undefined
      ? ({ kind: 'geoip-policyd', url: redis ?? '', prefix } as const)
      : ({ kind: 'sqlite', file: sqlite } as const)
  const { taken, left, foreign } = await importAccounts(settingsOf(options), source, complain)
  for (const key of foreign.slice(0, MAX_FOREIGN)) complain(`${key} is not an account of geoip-policyd`)
  if (foreign.length > MAX_FOREIGN) complain(`and ${foreign.length - MAX_FOREIGN} more`)
  print(
    `${counted(taken, 'account')} imported, ${left} ${left === 1 ? 'is known already or has' : 'are known already or have'} nothing that counts`,
  )
}

function printSettings(env: string, custom: string | null): void {
  const users = custom === null ? null : resolve(custom)
  const { variables, faults } = parseEnvFile(env, readText(env, 'ASNZONE_CONFIG'))
  const { settings, remarks } = importSettings(variables, users)
  if (users !== null) {
    for (const warning of loadRecords(policySchema.parse(settings.policy)).warnings) complain(warning)
  }
  print([
    `# The settings of geoip-policyd from ${env}, for asnzone.yaml.`,
    ...faults.map((fault) => `# ${printable(fault)}; the line is left out`),
    ...remarks.map((remark) => `# ${printable(remark)}`),
    ...configLines(settings),
  ])
}
