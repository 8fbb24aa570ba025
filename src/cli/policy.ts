// asnzone policy: who the policy service knows, who is blocked, and what it would say.

import type { Command } from 'commander'
import { withPolicy } from '../app/policy-commands.ts'
import { counted } from '../counted.ts'
import { AsnzoneError } from '../errors.ts'
import type { AccountJson } from '../policy-server/account-json.ts'
import { lineWidth, print, printJson } from '../print.ts'
import { addSettingOptions, policySettings } from './options.ts'
import { addHistory } from './policy-history.ts'
import { addImport } from './policy-import.ts'
import { accountLines, accountTable, verdictLines } from './policy-text.ts'

/** Accounts that are asked for at a time. */
const PAGE = 1000

/** What most of the commands read: where the service is, and what it goes by. */
type Options = Readonly<Record<string, unknown>> & { readonly json?: boolean }

const JSON_OPTION = ['--json', 'JSON for programs'] as const

/** Adds the commands. */
export function addPolicy(program: Command): void {
  const policy = program
    .command('policy')
    .summary('ask the policy service who sends from too many places')
    .description(
      'Asks the policy service of the running server or, when none runs, the store that it keeps accounts in.',
    )
    .addHelpText(
      'after',
      `
Examples:
  asnzone policy check anna@example.org 8.8.8.8
  asnzone policy list --blocked
  asnzone policy unblock anna@example.org`,
    )
  addCheck(policy)
  addList(policy)
  addShow(policy)
  addHistory(policy)
  addUnblock(policy)
  addForget(policy)
  addRecords(policy)
  addImport(policy)
}

function addCheck(policy: Command): void {
  const command = policy
    .command('check')
    .summary('tell whether an account would pass from an address')
    .description('Tells whether an account would pass from an address. Nothing is counted or remembered.')
    .argument('<USER>', 'the account, as a mail server names it')
    .argument('<ADDR>', 'an IPv4 or IPv6 address')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      `
Exits with 0 when it would pass, with 1 when it would be refused.

Examples:
  asnzone policy check anna@example.org 8.8.8.8
  asnzone policy check anna@example.org 2001:db8::1 --json | jq .rule`,
    )
  addSettingOptions(command, ['data-dir']).action(async (user: string, address: string, options: Options) => {
    const verdict = await withPolicy(policySettings(options), { needsData: true }, (it) =>
      it.check({ user, address }),
    )
    if (verdict.unjudged === 'store') throw new AsnzoneError('ASNZONE_POLICY', 'the store is not available')
    if (verdict.unjudged === 'unusable address') {
      throw new AsnzoneError('ASNZONE_CONFIG', `check: '${address}' is not an IPv4 or IPv6 address`)
    }
    if (verdict.unjudged === 'no user') {
      throw new AsnzoneError('ASNZONE_CONFIG', `check: '${user}' can't be the name of an account`)
    }
    if (options.json) printJson(verdict)
    else print(verdictLines(verdict))
    if (verdict.action === 'reject' || verdict.action === 'defer') process.exitCode = 1
  })
}

function addList(policy: Command): void {
  const command = policy
    .command('list')
    .summary('list the known accounts')
    .description('Lists the known accounts, sorted by name.')
    .option('--blocked', 'only those that are blocked now')
    .option('--json', 'one JSON object per line')
    .addHelpText(
      'after',
      `
Examples:
  asnzone policy list --blocked
  asnzone policy list --json | jq -r 'select(.countries | length > 2) | .user'`,
    )
  addSettingOptions(command, ['data-dir']).action(async (options: Options & { blocked?: boolean }) => {
    const accounts: AccountJson[] = []
    await withPolicy(policySettings(options), { needsData: false }, async (it) => {
      for (let after = ''; ; ) {
        const page = await it.list({ blocked: options.blocked === true, text: '', after, limit: PAGE })
        accounts.push(...page)
        if (page.length < PAGE) return
        after = page[page.length - 1].user
      }
    })
    if (options.json) for (const account of accounts) printJson(account)
    else if (accounts.length === 0) print(options.blocked ? 'nobody is blocked' : 'no account is kept')
    else print(accountTable(accounts, lineWidth()))
  })
}

function addShow(policy: Command): void {
  const command = policy
    .command('show')
    .summary('show what is known of an account')
    .description('Shows where an account came from lately, whether it is blocked, and what became of it.')
    .argument('<USER>', 'the account')
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExits with 1 when nothing is known of the account.\n\nExamples:\n  asnzone policy show anna@example.org',
    )
  addSettingOptions(command, ['data-dir']).action(async (user: string, options: Options) => {
    const account = await withPolicy(policySettings(options), { needsData: false }, (it) => it.show(user))
    if (account === null) throw nothingKept(user)
    if (options.json) printJson(account)
    else print(accountLines(account))
  })
}

function addUnblock(policy: Command): void {
  const command = policy
    .command('unblock')
    .summary('lift the block of an account, or of all')
    .description(
      'Lifts the block of an account. Its places stay counted, so that another new place may block it again.',
    )
    .argument('[USER]', 'the account')
    .option('--all', 'unblock all accounts')
    .addHelpText(
      'after',
      `
Exits with 1 when nothing is known of the account.

Examples:
  asnzone policy unblock anna@example.org
  asnzone policy unblock --all`,
    )
  addSettingOptions(command, ['data-dir']).action(
    async (user: string | undefined, options: Options & { all?: boolean }) => {
      if ((user === undefined) !== (options.all === true)) {
        throw new AsnzoneError('ASNZONE_CONFIG', 'unblock: name an account, or --all for all of them')
      }
      await withPolicy(policySettings(options), { needsData: false }, async (it) => {
        const lifted = await it.unblock(user ?? null)
        if (user === undefined) print(`${lifted} unblocked`)
        else if (lifted > 0) print(`${user} is unblocked`)
        else if ((await it.show(user)) === null) throw nothingKept(user)
        else print(`${user} was not blocked`)
      })
    },
  )
}

function addForget(policy: Command): void {
  const command = policy
    .command('forget')
    .summary('remove all that is known of an account')
    .description('Removes all that is known of an account: its places, its block and its history.')
    .argument('<USER>', 'the account')
    .addHelpText(
      'after',
      '\nExits with 1 when nothing is known of the account.\n\nExamples:\n  asnzone policy forget anna@example.org',
    )
  addSettingOptions(command, ['data-dir']).action(async (user: string, options: Options) => {
    const { isFound, left } = await withPolicy(policySettings(options), { needsData: false }, (it) =>
      it.forget(user),
    )
    if (!isFound && left.length === 0) throw nothingKept(user)
    if (isFound) print(`${user} is forgotten`)
    if (left.length > 0) {
      throw new AsnzoneError(
        'ASNZONE_POLICY',
        `what is at ${left.join(', ')} is not asnzone's, and stays: nothing of ${user} was looked for there`,
      )
    }
  })
}

function addRecords(policy: Command): void {
  const command = policy
    .command('records')
    .summary('show the records of single accounts')
    .description('Shows the records in force: rules for some accounts, from the settings or set over HTTP.')
    .option(...JSON_OPTION)
    .addHelpText('after', '\nExamples:\n  asnzone policy records')
  addSettingOptions(command, ['data-dir']).action(async (options: Options) => {
    const inForce = await withPolicy(policySettings(options), { needsData: false }, (it) => it.records())
    if (options.json) {
      printJson(inForce)
      return
    }
    const { source, records } = inForce
    const origin = source === 'set' ? 'set over HTTP' : 'from the settings'
    print(records.length === 0 ? `no records, ${origin}` : `${counted(records.length, 'record')}, ${origin}`)
    for (const record of records) printJson(record)
  })
}

const nothingKept = (user: string): AsnzoneError =>
  new AsnzoneError('ASNZONE_POLICY', `nothing is known of ${user}`)
