#!/bin/sh
# Runs the tests of Dovecot with version 2.3 of this host, Debian 12, and with 2.4 of a Debian 13 that debootstrap makes,
# as root. Two minutes and 400 MB below /var/tmp, which are removed at the end; DOVECOT_24 names a tree that is kept and
# used again.
#
#   apt-get install debootstrap
#   npm run prove:dovecot
set -eu
cd "$(dirname "$0")/../.."

tree=${DOVECOT_24:-}
made=
log=$(mktemp)
finish() {
  status=$?
  [ -z "$made" ] || rm -rf --one-file-system "$made"
  rm -f "$log"
  exit "$status"
}
trap finish EXIT
trap 'exit 1' INT TERM

if [ -z "$tree" ]; then
  made=$(mktemp -d /var/tmp/asnzone-dovecot.XXXXXX)
  tree=$made
fi
if [ ! -e "$tree/usr/sbin/dovecot" ]; then
  chmod 755 "$tree" 2>/dev/null || mkdir -p "$tree"
  debootstrap --variant=minbase --include=dovecot-core,dovecot-imapd trixie "$tree" >"$log" 2>&1 || {
    tail -20 "$log" >&2
    exit 1
  }
fi
chroot "$tree" dovecot --version
DOVECOT_24=$tree npx vitest run --project consumers test/consumers/dovecot.test.ts
