#!/usr/bin/env bash
# Where nodejs is too old: apt names it, and installs nothing.

set -euo pipefail
. /proof/lib.sh

if [[ -e /proof/without-apt ]]; then
  said=$(dpkg --install /proof/asnzone.deb 2>&1) && fail 'dpkg has installed it'
  [[ $said == *'asnzone depends on nodejs (>= 20.19)'* ]] || fail "$said"
  dpkg --purge asnzone >/dev/null 2>&1
  ok 'dpkg does not configure it'
  exit 0
fi
said=$(apt-get install -y --no-install-recommends /proof/asnzone.deb 2>&1) && fail 'apt has installed it'
grep --quiet 'asnzone : Depends: nodejs (>= 20.19)' <<<"$said" || fail "$said"
[[ $(dpkg-query --show --showformat '${db:Status-Status}' asnzone 2>/dev/null) != installed ]] || fail 'it is installed'
grep 'Depends: nodejs' <<<"$said"
ok 'nothing is installed'
