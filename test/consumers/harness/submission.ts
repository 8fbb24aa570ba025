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
}

/** Starts it as its systemd unit does: the chroot is filled first. */
export async function startPostfix(machine: Machine): Promise<void> {
  await machine.must('newaliases')
  await machine.must('/usr/lib/postfix/configure-instance.sh', ['-'])
  await machine.must('postfix', ['start'])
}
