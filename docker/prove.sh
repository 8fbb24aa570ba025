#!/usr/bin/env bash
# Builds the image without Docker and runs it as Docker would, for hosts without an engine:
#
#   apt-get install buildah debootstrap bind9-dnsutils
#   docker/prove.sh [FOLDER]
#
# The Dockerfile is built by buildah in a chroot, on a Debian that debootstrap makes, with this host's Node.js in the
# place of the official image. The image then runs in a network of its own, as its user, on a root file system that is
# read-only, without capabilities. FOLDER keeps the Debian for the next time. Needs root.

set -euo pipefail
cd "$(dirname "$0")/.."

keep=${1:-}
work=$(mktemp --directory)
debian=${keep:-$work}/debian
store=(--root "$work/store" --runroot "$work/run" --storage-driver vfs)

buildah() { command buildah "${store[@]}" "$@"; }
say() { printf '== %s\n' "$*"; }
clean() {
  mountpoint --quiet "$work/root" && umount --recursive "$work/root"
  buildah rm --all >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap clean EXIT

say 'a Debian with Node.js'
if [[ ! -d $debian ]]; then
  debootstrap --variant=minbase --include=ca-certificates,libstdc++6,libatomic1 bookworm "$debian" >"$work/debootstrap.log"
  useradd --root "$debian" --uid 1000 --user-group --create-home node
fi
node=$(command -v node)
modules=$(npm root --global)
install -D "$node" "$debian/usr/local/bin/node"
rm -rf "$debian/usr/local/lib/node_modules/npm"
mkdir -p "$debian/usr/local/lib/node_modules"
cp -r "$modules/npm" "$debian/usr/local/lib/node_modules/npm"
ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$debian/usr/local/bin/npm"
# A host behind a proxy has certificates of its own.
cp /etc/ssl/certs/ca-certificates.crt "$debian/etc/ssl/certs/ca-certificates.crt"
mkdir -p "$debian/usr/local/etc"
echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >"$debian/usr/local/etc/npmrc"
base=$(buildah from scratch)
buildah copy --quiet "$base" "$debian" / >/dev/null
buildah commit --quiet "$base" localhost/node >/dev/null

say 'the image'
buildah bud --isolation chroot --format docker --pull-never --build-arg NODE_IMAGE=localhost/node \
  --file docker/Dockerfile --tag localhost/asnzone --ignorefile .dockerignore . >"$work/build.log" 2>&1 ||
  { tail -30 "$work/build.log"; exit 1; }
container=$(buildah from --pull-never localhost/asnzone)
inspect() { buildah inspect --type image --format "$1" localhost/asnzone; }
root=$(buildah mount "$container")
du -sh "$root/opt/asnzone" | cut -f1

say 'what the image says'
[[ $(inspect '{{.Docker.Config.User}}') == node ]]
[[ $(inspect '{{.Docker.Config.Entrypoint}} {{.Docker.Config.Cmd}}') == '[asnzone] [serve]' ]]
[[ $(inspect '{{.Docker.Config.Healthcheck.Test}}') == '[CMD asnzone probe]' ]]

say 'the container'
mkdir -p "$work/root"
docker/prove-container.sh "$root" "$work/root"
say 'proved'
