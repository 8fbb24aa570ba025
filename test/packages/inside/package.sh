#!/usr/bin/env bash
# The Debian package: installed, asked, upgraded, removed, purged.

set -euo pipefail
. /proof/lib.sh

quiet() { "$@" >/tmp/said 2>&1 || { cat /tmp/said; fail "$*"; }; }

# Its process, by the unit or as it is started without one.
server() { systemctl show --property MainPID --value asnzone.service; }
start_by_hand() {
  # The user is what systemd-sysusers has made; the folder is what the unit would make.
  install -d -o asnzone -g asnzone -m 750 /var/lib/asnzone
  setpriv --reuid=asnzone --regid=asnzone --clear-groups --inh-caps=-all --bounding-set=-all \
    env STATE_DIRECTORY=/var/lib/asnzone asnzone serve --config /etc/asnzone/asnzone.yaml >/tmp/log 2>&1 &
  by_hand=$!
  until_it_answers "$by_hand" /tmp/log
}
stop_by_hand() { kill -TERM "$by_hand" && wait "$by_hand" || fail "SIGTERM: exit $?"; }

quiet install_package /proof/asnzone.deb
ok "installed, with nodejs $(dpkg-query --show --showformat '${Version}' nodejs)"
[[ $(getent passwd asnzone) == asnzone:*:/var/lib/asnzone:/usr/sbin/nologin ]] || fail "$(getent passwd asnzone)"
if with_systemd; then
  for unit in asnzone.service asnzone-update.timer; do
    systemctl --quiet is-enabled "$unit" || fail "$unit is not enabled"
    systemctl --quiet is-active "$unit" || fail "$unit is not active"
  done
  ok 'enabled and started, server and timer'
  before=$(server)
else
  start_by_hand
  before=$by_hand
fi
answers
is_unprivileged "$before"
man --where asnzone asnzone.yaml >/dev/null || fail 'no manual pages'
logrotate --debug /etc/logrotate.d/asnzone >/tmp/said 2>&1 || fail "logrotate: $(cat /tmp/said)"
# Its exit says that the data which comes with the package is old. Without koffi it would be (dgram).
said=$(asnzone status --data-dir /var/lib/asnzone 2>&1) || true
grep --quiet -E '^listens +on 127.0.0.1:5300 and .*\(mmsg\)' <<<"$said" || fail "status: $said"
quiet dpkg --verify asnzone
if with_systemd; then
  quiet systemctl reload asnzone
  ok 'reloads'
fi

# An upgrade keeps what the administrator has written, and the data.
sed -i 's/^max-age: .*/max-age: 400d\nlog-level: debug/' /etc/asnzone/asnzone.yaml
# The snapshot is written once, and used by every start after.
data=$(stat --format='%n %i %Y' /var/lib/asnzone/table.snapshot)
with_systemd || stop_by_hand
quiet install_package /proof/newer.deb
with_systemd || start_by_hand
grep --quiet '^max-age: 400d$' /etc/asnzone/asnzone.yaml || fail 'the config is not kept'
if with_systemd; then
  systemctl --quiet is-active asnzone.service || fail 'it does not run after the upgrade'
  [[ $(server) != "$before" ]] || fail 'it was not started again'
  [[ $(journalctl --no-pager --unit=asnzone) == *'from the snapshot'* ]] || fail 'the snapshot was not used'
fi
[[ $(stat --format='%n %i %Y' /var/lib/asnzone/table.snapshot) == "$data" ]] || fail 'the data is not kept'
answers
ok 'upgraded: config and data are kept, the server is a new one'

# What is stopped and disabled by hand stays so.
if with_systemd; then
  quiet systemctl disable --now asnzone.service
  quiet install_package /proof/asnzone.deb
  systemctl --quiet is-enabled asnzone.service && fail 'the upgrade has enabled what was disabled'
  systemctl --quiet is-active asnzone.service && fail 'the upgrade has started what was disabled'
  quiet systemctl enable --now asnzone.service
  ok 'disabled by hand, it stays so'
fi

with_systemd || stop_by_hand
quiet remove_package
if with_systemd; then
  systemctl --quiet is-active asnzone.service && fail 'it runs after it was removed'
  systemctl --quiet is-active asnzone-update.timer && fail 'the timer runs after it was removed'
fi
pgrep --exact asnzone >/dev/null && fail 'a process is left'
[[ ! -e /usr/bin/asnzone && ! -e /usr/lib/asnzone ]] || fail 'the program is left'
[[ -e /etc/asnzone/asnzone.yaml && -d /var/lib/asnzone ]] || fail 'remove has taken config or data'
ok 'removed: stopped, config and data are left'

mkdir -p /var/log/asnzone && touch /var/log/asnzone/queries.log
quiet purge_package
left=$(find / -xdev \( -path /proof -o -path /proc -o -path /sys -o -path /run \) -prune -o \
  \( -iname '*asnzone*' -o -user asnzone \) -print | grep -v -E '^/var/(log/journal|cache/apt)/' || true)
[[ -z $left ]] || fail "purge has left: $left"
ok 'purged: nothing is left but the user'
