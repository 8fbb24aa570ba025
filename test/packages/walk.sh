#!/usr/bin/env bash
# Walks a walk of docs/walks.md in a clean Debian, as root, and prints its table with the seconds of today:
#
#   apt-get install debootstrap systemd-container slirp4netns
#   npm run package -- amd64 && test/packages/walk.sh HEADING [FOLDER]
#
# Each row is a step: a command, typed as it stands there, or the path of a file, written as the page of its row has it. A
# command that ends with start or serve goes on while the next ones are typed. What the last cell has is to be printed; a step that
# fails ends the walk. A script of test/packages/inside that the walk names is run before. FOLDER keeps the Debian for the next time.

set -euo pipefail
cd "$(dirname "$0")/../.."
. test/packages/debian.sh

heading=${1:-}
keep=${2:-}
((EUID == 0)) || fail 'it makes a chroot: run it as root'
need slirp4netns slirp4netns

# part FILE HEADING: what a page has below a heading.
part() {
  awk -v heading="$2" '/^```/ { code = !code } !code && /^##* / { inside = (substr($0, index($0, " ") + 1) == heading); next }
    inside' "$1"
}
walk=$(part docs/walks.md "$heading")
[[ -n $walk ]] || fail "docs/walks.md has no '$heading'"
rows=$(grep '^| `' <<<"$walk") || fail "'$heading' has no steps"
case $walk in *'Debian 12'*) suite=bookworm ;; *) suite=trixie ;; esac

# Not below /tmp: systemd hides it.
work=$(mktemp --directory /var/tmp/asnzone-walk.XXXXXX)
root=$work/root
clean() {
  [[ -z ${network:-} ]] || kill "$network" 2>/dev/null || true
  stop_debian
  rm -rf --one-file-system "$work"
}
trap clean EXIT
trap 'exit 1' INT TERM

say "a clean Debian: $suite"
base=${keep:-$work}/$suite-walk
make_debian "$suite" "$(dpkg --print-architecture)" "$base" systemd systemd-sysv dbus bind9-dnsutils iproute2 procps
cp --archive --reflink=auto "$base" "$root"
# Whoever walks says yes to apt.
echo 'APT::Get::Assume-Yes "true";' >"$root/etc/apt/apt.conf.d/yes"
cp test/packages/inside/walk.sh "$root/root/"
git clone --quiet --bare . "$root/srv/asnzone.git"
# What the host has before, where the walk names a script for it.
before=$(grep --only-matching --max-count=1 'test/packages/inside/[a-z]*\.sh' <<<"$walk" || true)
[[ -z $before ]] || cp "$before" "$root/root/before.sh"
[[ ! -d dist-packages ]] || cp -r dist-packages "$root/root/dist-packages"

# The steps for inside: what is typed, or the file that is written, and what has to be printed.
mkdir "$root/root/files"
count=0
while IFS= read -r row; do
  count=$((count + 1))
  typed=$(sed -E 's/^\| `(([^`|]|\\\|)*)`.*/\1/; s/\\\|/|/g' <<<"$row")
  prints=$(sed -nE 's/.*\| `([^`]*)` \|$/\1/p' <<<"$row")
  if [[ $typed == /* && $typed != *' '* ]]; then
    page=$(sed -nE 's/^[^(]*\(([^)#]*)#.*/\1/p' <<<"$row")
    below=$(sed -nE 's/^[^[]*\[[^,]*, ([^]]*)\].*/\1/p' <<<"$row")
    part "docs/$page" "$below" | awk -v path="\`$typed\`" 'index($0, path) == 1 { found = 1; next }
      found && /^```/ { if (inside) exit; inside = 1; next } inside' >"$root/root/files/$count"
    [[ -s $root/root/files/$count ]] || fail "docs/$page has no $typed below '$below'"
    grep -qE "^\`$typed\`, added:" <(part "docs/$page" "$below") && touch "$root/root/files/$count.added"
  fi
  printf '%s\n%s\n' "$typed" "$prints"
done <<<"$rows" >"$root/root/steps"

start_debian "$root" || fail 'systemd-nspawn can start no Debian here'
# A network by a program: nothing of this host's own is changed.
slirp4netns --configure --mtu=1500 --disable-host-loopback "$init" tap0 >"$work/network.log" 2>&1 &
network=$!
for ((i = 0; i < 100; i++)); do
  in_started ip route show default | grep --quiet tap0 && break
  sleep 0.1
done
in_started ip link set lo up
in_started bash -c 'cd && apt-get update -q >/dev/null'
if [[ -n $before ]]; then
  say "before: $before"
  in_started bash -c 'cd && bash ./before.sh >/tmp/said 2>&1 || { tail -20 /tmp/said; exit 1; }' || fail "$before"
fi
say "$heading"
# The certificates of this host, which Node.js would not look at.
in_started env NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt bash -c 'cd && exec bash ./walk.sh'
