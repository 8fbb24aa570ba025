#!/usr/bin/env bash
# The second half of prove.sh: runs the root file system of the image in namespaces of its own.

set -euo pipefail

if [[ ${3:-} != inside ]]; then exec unshare --mount --net --ipc --uts "$0" "$1" "$2" inside; fi
image=$1
root=$2

ip link set lo up
mount --bind "$image" "$root"
mount --bind "$image/var/lib/asnzone" "$root/var/lib/asnzone"
mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -o remount,bind,ro "$root"

# As Docker runs it: the image's user and environment, no capabilities, no new privileges.
as_container() {
  exec chroot "$root" /usr/bin/setpriv --reuid=node --regid=node --init-groups --no-new-privs \
    --bounding-set=-all --inh-caps=-all /usr/bin/env --ignore-environment --chdir=/etc/asnzone \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin NODE_ENV=production \
    STATE_DIRECTORY=/var/lib/asnzone ASNZONE_LOG_LEVEL=debug ASNZONE_LOG_FORMAT=json "$@"
}
fail() {
  printf 'FAILED: %s\n' "$*"
  cat "$log"
  [[ -z ${server:-} ]] || kill -KILL "$server" 2>/dev/null || true
  exit 1
}

log=$(mktemp)
(as_container touch /etc/asnzone/x) 2>/dev/null && fail 'the root file system can be written'
started=$(date +%s%N)
(as_container asnzone serve) 2>"$log" &
server=$!
until grep --quiet 'answers on' "$log"; do
  kill -0 "$server" 2>/dev/null || fail 'it ended'
  sleep 0.05
done
printf 'answers after %d ms\n' $((($(date +%s%N) - started) / 1000000))
grep --quiet 'from the snapshot' "$log" || fail 'the snapshot of the image was not used'
# The only warning is that the bundled data is old.
grep '"level":[45]0' "$log" | grep --quiet --invert-match 'days old' && fail 'there are warnings'
grep --quiet '"udp":"mmsg"' "$log" || fail 'koffi could not be used'
[[ $(dig @127.0.0.1 -p 5300 +short TXT 8.8.8.8.geo.asnzone.internal) == '"15169 | Google LLC | US | -- | 0"' ]] ||
  fail 'no answer'
(as_container asnzone probe) || fail 'the health check fails'
kill -TERM "$server"
wait "$server" || fail "SIGTERM: exit $?"
grep --quiet '"msg":"stopped"' "$log" || fail 'SIGTERM did not reach it'
(as_container asnzone probe) 2>/dev/null && fail 'the health check passes without a server'
rm "$log"
