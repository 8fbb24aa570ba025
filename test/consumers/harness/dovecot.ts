// Dovecot's configuration in its two ways of writing: what every installation has, users and mailboxes.

import { spawnSync } from 'node:child_process'

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

/** A whole dovecot.conf: all users have the password `secret`, and mailboxes below /tmp/mail. `more` is added to it. */
export function dovecotConfig(version: DovecotVersion, more = ''): string {
  return `${BASE[version]}${COMMON}${more}!include_try conf.d/*.conf\n`
}

/** Which of them this host has; 2.3 where it has none. */
export function installedDovecot(): DovecotVersion {
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }
  const { stdout } = spawnSync('dovecot', ['--version'], { encoding: 'utf8', env })
  return stdout?.startsWith('2.4.') ? '2.4' : '2.3'
}
