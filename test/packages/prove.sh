#!/usr/bin/env bash
# Installs what `npm run package` has made in a clean Debian, as root, and tries it there:
#
#   apt-get install debootstrap systemd-container qemu-user-static
#   npm run package && npm run prove:packages -- trixie|bookworm [amd64|arm64] [FOLDER]
#
# On trixie the Debian package: installed, asked, unprivileged, upgraded, removed, purged. On bookworm, whose nodejs is 18,
# apt has to refuse it. On both the tarball, alone and as a service with the units of `asnzone init systemd`. With systemd as process 1
# where systemd-nspawn can start it; for arm64, by qemu-user, without. FOLDER keeps the Debian for the next time.

set -euo pipefail
cd "$(dirname "$0")/../.."
. test/packages/debian.sh

suite=${1:-}
architecture=${2:-amd64}
keep=${3:-}
case $suite in trixie | bookworm) ;; *) fail 'trixie or bookworm?' ;; esac
case $architecture in amd64) node=x64 ;; arm64) node=arm64 ;; *) fail 'amd64 or arm64?' ;; esac
((EUID == 0)) || fail 'it makes chroots: run it as root'

# one GLOB: the one file of a kind that npm run package has made.
one() {
  local files=(dist-packages/$1)
  [[ ${#files[@]} == 1 && -f ${files[0]} ]] || fail "dist-packages/$1: run npm run package -- $architecture"
  realpath "${files[0]}"
}
deb=$(one "asnzone_*_$architecture.deb")
tarball=$(one "asnzone-*-linux-$node.tar.gz")

# Not below /tmp: systemd hides it.
work=$(mktemp --directory /var/tmp/asnzone-proof.XXXXXX)
base=${keep:-$work}/$suite-$architecture
clean() {
  stop_debian
  rm -rf --one-file-system "$work"
}
trap clean EXIT
trap 'exit 1' INT TERM

[[ $architecture == "$(dpkg --print-architecture)" ]] || may_emulate

say "a clean Debian: $suite, $architecture"
make_debian "$suite" "$architecture" "$base" systemd systemd-sysv dbus bind9-dnsutils iproute2 logrotate man-db procps
root=$work/root
cp --archive --reflink=auto "$base" "$root"
# Nothing can be fetched once it has a network of its own: what apt would fetch with the package is there.
fetch_packages "$architecture" "$root" nodejs >/dev/null
mkdir "$root/proof"
cp test/packages/inside/*.sh "$root/proof/"
cp "$tarball" "$root/proof/"
cp "$deb" "$root/proof/asnzone.deb"

# The lines of docs/systemd.md for the tarball, which is told where it lies.
awk '/^```sh$/ { inside = 1; block = ""; next } /^```$/ { if (inside && block ~ /init systemd/) printf "%s", block; inside = 0 }
  inside { block = block $0 "\n" }' docs/systemd.md |
  sed "s#dist-packages/asnzone-\*-linux-x64.tar.gz#/proof/${tarball##*/}#" >"$root/proof/systemd.sh"
[[ -s $root/proof/systemd.sh ]] || fail 'docs/systemd.md has no lines with init systemd'

# What an upgrade brings: the same files under a version that is newer.
dpkg-deb --raw-extract "$deb" "$work/newer"
sed -i 's/^Version: .*/&+newer/' "$work/newer/DEBIAN/control"
dpkg-deb --root-owner-group -Zgzip --build "$work/newer" "$root/proof/newer.deb" >/dev/null
rm -r "$work/newer"

if [[ $architecture == "$(dpkg --print-architecture)" ]] && start_debian "$root"; then
  echo "systemd $(in_started systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p') is process 1"
  inside() { in_started "$@"; }
else
  echo 'without systemd as process 1'
  inside() { in_chroot "$root" "$@"; }
fi
if [[ $architecture != "$(dpkg --print-architecture)" ]]; then
  # apt hangs under qemu-user: what it would have fetched is installed, and dpkg takes its place for the package.
  [[ $suite == bookworm ]] || unpack_fetched "$root" >/dev/null
  touch "$root/proof/without-apt"
fi

if [[ $suite == bookworm ]]; then
  say 'the Debian package is refused'
  inside bash /proof/refused.sh
else
  say 'the Debian package'
  inside bash /proof/package.sh
fi
say 'the tarball'
inside bash /proof/tarball.sh
say "proved on $suite, $architecture"
