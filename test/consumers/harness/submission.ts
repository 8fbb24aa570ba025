// Postfix with a submission service on port 587, whose logins Dovecot checks.

import type { Machine } from './machine.ts'

/** Postfix with the submission service that Debian's master.cf has to offer. */
export async function configureSubmission(machine: Machine): Promise<void> {
  await machine.must('make-ssl-cert', ['generate-default-snakeoil', '--force-overwrite'])
  const settings = [
    'myhostname=mx.example.org',
    'maillog_file=/var/log/mail.log',
    'smtpd_tls_cert_file=/etc/ssl/certs/ssl-cert-snakeoil.pem',
    'smtpd_tls_key_file=/etc/ssl/private/ssl-cert-snakeoil.key',
    'smtpd_sasl_type=dovecot',
    'smtpd_sasl_path=private/auth',
    'smtpd_authorized_xclient_hosts=127.0.0.1',
  ]
  await machine.must('postconf', ['-e', ...settings])
  await machine.must('postconf', ['-M', 'submission/inet=submission inet n - y - - smtpd'])
  const options = [
    'smtpd_tls_security_level=encrypt',
    'smtpd_sasl_auth_enable=yes',
    'smtpd_reject_unlisted_recipient=no',
  ]
  await machine.must('postconf', ['-P', ...options.map((option) => `submission/inet/${option}`)])
  // On Debian 13 it is the first start, or this, that makes the folder where Dovecot listens for it.
  await machine.must('postfix', ['check'])
}

/** What of Debian's is to fill the chroot first, where Postfix does not so itself when it starts, as it does from Debian 13 on. */
const FILL_CHROOT =
  'grep -q configure-instance /usr/lib/postfix/sbin/post-install || /usr/lib/postfix/configure-instance.sh -'

/** Starts it as its systemd unit does. */
export async function startPostfix(machine: Machine): Promise<void> {
  await machine.must('newaliases')
  await machine.must('sh', ['-c', FILL_CHROOT])
  await machine.must('postfix', ['start'])
}
