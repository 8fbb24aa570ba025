#!/usr/bin/env bash
# What a host has before it is walked on: Postfix with the submission service that Debian's master.cf has to offer, and Dovecot,
# which lets everybody in whose password is secret.

set -euo pipefail
apt-get install -q --no-install-recommends postfix dovecot-core ssl-cert
cat >/etc/dovecot/dovecot.conf <<'END'
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
protocols =
ssl = no
auth_mechanisms = plain
passdb static {
  password = secret
}
service auth {
  unix_listener /var/spool/postfix/private/auth {
    mode = 0660
    user = postfix
    group = postfix
  }
}
END
systemctl restart dovecot
postconf -e myhostname=mx.example.org smtpd_sasl_type=dovecot smtpd_sasl_path=private/auth \
  smtpd_tls_cert_file=/etc/ssl/certs/ssl-cert-snakeoil.pem smtpd_tls_key_file=/etc/ssl/private/ssl-cert-snakeoil.key
postconf -M 'submission/inet=submission inet n - y - - smtpd'
postconf -P submission/inet/smtpd_tls_security_level=encrypt submission/inet/smtpd_sasl_auth_enable=yes \
  submission/inet/smtpd_reject_unlisted_recipient=no
systemctl restart postfix
