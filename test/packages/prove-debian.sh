#!/usr/bin/env bash
# Runs all that a change has to pass, the real clients included, in a clean Debian, as root:
#
#   apt-get install debootstrap
#   npm run prove:debian -- trixie|bookworm [FOLDER [COMMAND…]]
#
# It takes half an hour of two idle cores. What is run is the last commit, with Debian's own Node.js on trixie and, because that of
# bookworm is too old, with this host's there. FOLDER keeps the Debian for the next time; COMMAND, such as `npm run build`, is
# run in the place of .ci/run.

set -euo pipefail
cd "$(dirname "$0")/../.."
. test/packages/debian.sh

suite=${1:-}
case $suite in trixie | bookworm) ;; *) fail 'trixie or bookworm?' ;; esac
((EUID == 0)) || fail 'it makes a chroot: run it as root'
keep=${2:-}
shift "$(($# > 2 ? 2 : $#))"
(($# > 0)) || set -- .ci/run

folder=${keep:-$(mktemp --directory /var/tmp/asnzone-debian.XXXXXX)}
clean() { [[ -n $keep ]] || rm -rf --one-file-system "$folder"; }
trap clean EXIT
trap 'exit 1' INT TERM
root=$folder/$suite-tests

say "a clean Debian: $suite"
packages=(procps iproute2 git libatomic1)
[[ $suite == bookworm ]] || packages+=(nodejs)
make_debian "$suite" "$(dpkg --print-architecture)" "$root" "${packages[@]}"
[[ $suite != bookworm ]] || install -D "$(command -v node)" "$root/usr/local/bin/node"
# Debian's package of npm brings four hundred others; this host's is the same program.
mkdir -p "$root/usr/local/lib/node_modules" "$root/usr/local/etc"
rm -rf "$root/usr/local/lib/node_modules/npm"
cp -rL "$(npm root --global)/npm" "$root/usr/local/lib/node_modules/npm"
for program in npm npx; do
  ln -sf "../lib/node_modules/npm/bin/$program-cli.js" "$root/usr/local/bin/$program"
done
echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >"$root/usr/local/etc/npmrc"

rm -rf "$root/srv/asnzone"
mkdir -p "$root/srv/asnzone"
git archive HEAD | tar --extract --directory "$root/srv/asnzone"
say "Node.js $(in_chroot "$root" node --version), npm $(in_chroot "$root" npm --version): $*"
in_chroot "$root" env --chdir=/srv/asnzone "$@"
say "proved on $suite"
