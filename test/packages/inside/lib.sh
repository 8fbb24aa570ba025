# What the proofs share inside of the Debian; to be sourced.
#
# shellcheck shell=bash

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  [[ ! -d /run/systemd/system ]] || journalctl --no-pager --lines=20 --unit=asnzone >&2 || true
  exit 1
}
ok() { printf 'ok  %s\n' "$*"; }

# Whether systemd runs here.
with_systemd() { [[ -d /run/systemd/system ]]; }

ip link set lo up 2>/dev/null || true

# The commands of an administrator; where apt can't run, what apt would have dpkg do.
install_package() {
  if [[ -e /proof/without-apt ]]; then dpkg --install "$1"; else
    apt-get install -y --allow-downgrades --no-install-recommends "$1"
  fi
}
remove_package() { if [[ -e /proof/without-apt ]]; then dpkg --remove asnzone; else apt-get remove -y asnzone; fi; }
purge_package() { if [[ -e /proof/without-apt ]]; then dpkg --purge asnzone; else apt-get purge -y asnzone; fi; }

# answers: the answers of IPv4, IPv6 and TCP on the port that every install begins with.
answers() {
  local name=8.8.8.8.geo.asnzone.internal expected='"15169 | Google LLC | US | -- | 0"' said
  for how in '@127.0.0.1' '@::1' '@127.0.0.1 +tcp'; do
    # shellcheck disable=SC2086
    said=$(dig $how -p 5300 +short +tries=3 TXT "$name") || fail "dig $how: $said"
    [[ $said == "$expected" ]] || fail "dig $how: $said"
  done
  ok 'answers over UDP, TCP and IPv6'
}

# is_unprivileged PID: no thread of it has root's number, or a capability but that for port 53.
is_unprivileged() {
  local status
  for status in "/proc/$1/task"/*/status; do
    grep --quiet -E '^Uid:\s+0\s' "$status" && fail "$status: it is root"
    grep --quiet -E '^CapEff:\s+0000000000000(0|4)00$' "$status" || fail "$status: $(grep CapEff "$status")"
  done
  ok "runs as $(stat --format=%U "/proc/$1"), without capabilities but that for port 53"
}

# until_it_answers PID LOG: waits for a server that was started by hand.
until_it_answers() {
  until grep --quiet 'answers on' "$2"; do
    kill -0 "$1" 2>/dev/null || { cat "$2"; fail 'it ended'; }
    sleep 0.1
  done
}
