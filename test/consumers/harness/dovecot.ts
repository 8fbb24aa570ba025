// Dovecot as it is before anything of ours is added: users and mailboxes, in the two ways of writing its settings.

import { spawnSync } from 'node:child_process'
import type { Machine } from './machine.ts'

/** The versions whose settings are written differently. */
export type DovecotVersion = '2.3' | '2.4'

const BASE: Readonly<Record<DovecotVersion, string>> = {
  '2.3': `disable_plaintext_auth = no
mail_location = maildir:~/Maildir
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=65534 gid=65534 home=/tmp/mail/%u
}
`,
  '2.4': `dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
auth_allow_cleartext = yes
mail_driver = maildir
mail_path = ~/Maildir
passdb static {
  password = secret
}
userdb static {
  fields {
    uid = 65534
    gid = 65534
    home = /tmp/mail/%{user}
  }
}
`,
}

const COMMON = `protocols = imap
listen = *, ::
log_path = /dev/stderr
ssl = no
auth_mechanisms = plain
first_valid_uid = 1
first_valid_gid = 1
`

/** Where a Postfix asks whose password is right. */
export const POSTFIX_LOGINS = `auth_failure_delay = 0
service auth {
  unix_listener /var/spool/postfix/private/auth {
    mode = 0660
    user = postfix
    group = postfix
  }
}
`

/**
 * Has a Dovecot on a machine that reads conf.d, which is empty. All users have the password `secret`, and mailboxes below
 * /tmp/mail. `more` are settings beside these; `root` is the folder that is Dovecot's root.
 */
export async function installDovecot(
  machine: Machine,
  version: DovecotVersion,
  { more = '', root = '' } = {},
): Promise<void> {
  await machine.must('sh', ['-c', `rm -rf ${root}/etc/dovecot/conf.d/*`])
  machine.write(
    `${root}/etc/dovecot/dovecot.conf`,
    `${BASE[version]}${COMMON}${more}!include_try conf.d/*.conf\n`,
  )
  await machine.must('install', ['-d', '-m', '1777', `${root}/tmp/mail`])
  await machine.folder('/run/dovecot', 'root')
}

/** Which of the versions this host has; 2.3 where it has none. */
export function installedDovecot(): DovecotVersion {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }
  const { stdout } = spawnSync('dovecot', ['--version'], { encoding: 'utf8', env })
  return stdout?.startsWith('2.4.') ? '2.4' : '2.3'
}
