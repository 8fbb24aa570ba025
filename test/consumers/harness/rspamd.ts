// rspamd on a machine, as its package starts it.

import type { Machine } from './machine.ts'

/** rspamd compiles a matcher for all 10 000 top-level and public suffixes, for a minute: two will do here. */
const FEW_SUFFIXES = 'url_tld = "/tmp/suffixes";\ndisable_hyperscan = true;\n'

/** Starts it, and waits until it answers. */
export async function startRspamd(machine: Machine): Promise<void> {
  machine.write('/etc/rspamd/local.d/options.inc', FEW_SUFFIXES)
  machine.write('/tmp/suffixes', 'com\norg\n')
  await machine.folder('/run/rspamd', '_rspamd')
  machine.start('rspamd', ['--no-fork', '--user', '_rspamd', '--group', '_rspamd'])
  await machine.must('sh', ['-c', 'until rspamc stat > /dev/null 2>&1; do :; done'])
}
