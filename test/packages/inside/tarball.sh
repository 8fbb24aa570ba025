#!/usr/bin/env bash
# The tarball: unpacked and started by somebody without rights, then as a service by the units of asnzone init systemd.

set -euo pipefail
. /proof/lib.sh

node=$(node --version 2>/dev/null || echo none)
useradd --create-home somebody
cd ~somebody
runuser -u somebody -- tar --extract --file "$(echo /proof/asnzone-*.tar.gz)"
runuser -u somebody -- ./asnzone serve >/tmp/log 2>&1 &
runuser=$!
until_it_answers "$runuser" /tmp/log
answers
# Its exit says that the data is old.
said=$(runuser -u somebody -- ./asnzone status) || true
grep --quiet -E '^listens .*\(mmsg\)' <<<"$said" || fail "koffi could not be used: $said"
server=$(pgrep --uid somebody --oldest --full 'dist/cli/main.js')
is_unprivileged "$server"
kill -TERM "$server"
wait "$runuser" || true
ok "tar xf and ./asnzone serve; Node.js of the host: $node"

with_systemd || exit 0

# The unit keeps homes from the service: asnzone says so before it writes what could not start.
said=$(./asnzone init systemd 2>&1) && fail 'it has written units for a program in a home'
grep --quiet 'which the unit keeps from the service' <<<"$said" || fail "$said"

# As docs/systemd.md has it.
sh -eux /proof/systemd.sh >/tmp/said 2>&1 || { cat /tmp/said; fail 'docs/systemd.md'; }
systemctl --quiet is-active asnzone.service || fail 'the service does not run'
systemctl --quiet is-active asnzone-update.timer || fail 'the timer does not run'
answers
is_unprivileged "$(systemctl show --property MainPID --value asnzone.service)"
systemctl reload asnzone || fail 'reload'
logrotate --debug /etc/logrotate.d/asnzone >/tmp/said 2>&1 || fail "logrotate: $(cat /tmp/said)"
systemctl stop asnzone.service
[[ $(systemctl show --property Result --value asnzone.service) == success ]] || fail 'it did not end well'
ok 'as a service, by the lines of docs/systemd.md in their order'
