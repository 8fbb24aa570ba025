# Debians in folders, to be sourced by the proofs: made by debootstrap, entered by chroot, or started with systemd as
# process 1 by systemd-nspawn.
#
# shellcheck shell=bash

say() { printf '== %s\n' "$*"; }
fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

# need PROGRAM PACKAGE: ends with what to install where a program is missing.
need() { PATH="$PATH:/usr/sbin" command -v "$1" >/dev/null || fail "$1 is missing: apt-get install $2"; }

# may_emulate: lets the kernel run programs for arm64 by qemu-user, until the machine is started again. Where the kernel can't,
# says why.
may_emulate() {
  need qemu-aarch64-static qemu-user-static
  local formats=/proc/sys/fs/binfmt_misc
  [[ -e $formats/register ]] || mount -t binfmt_misc binfmt_misc "$formats" ||
    fail 'this kernel has no binfmt_misc, so that no chroot can run programs for arm64'
  [[ -e $formats/qemu-aarch64 ]] && return
  # F: the kernel opens qemu now, so that it needs not be in the chroot.
  local magic='\x7f\x45\x4c\x46\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00'
  local mask='\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff'
  printf '%s' ":qemu-aarch64:M::$magic:$mask:$(command -v qemu-aarch64-static):F" >"$formats/register" ||
    fail 'binfmt_misc takes no qemu-aarch64'
}

# make_debian SUITE ARCHITECTURE FOLDER PACKAGE…: a Debian with packages, unless FOLDER has one from before. What it
# takes with it of this host is how names are resolved, and the certificates, for hosts after a proxy with its own.
make_debian() {
  local suite=$1 architecture=$2 folder=$3 log
  shift 3
  log=$(mktemp)
  if [[ ! -e $folder/complete ]]; then
    need debootstrap debootstrap
    rm -rf --one-file-system "$folder"
    mkdir -p "$folder"
    # In namespaces of its own: what it mounts there is gone when it is killed.
    unshare --mount debootstrap --variant=minbase --include=ca-certificates --arch="$architecture" "$suite" "$folder" >"$log" 2>&1 ||
      { tail -20 "$log" >&2; fail "debootstrap $suite"; }
    touch "$folder/complete"
  fi
  cp -L /etc/resolv.conf "$folder/etc/resolv.conf"
  cp /etc/ssl/certs/ca-certificates.crt "$folder/etc/ssl/certs/ca-certificates.crt"
  # The archive's own line has no updates of security, which have the Node.js of today.
  echo "deb http://deb.debian.org/debian-security $suite-security main" >"$folder/etc/apt/sources.list.d/security.list"
  # Nothing is started while packages are installed by chroot.
  printf '#!/bin/sh\nexit 101\n' >"$folder/usr/sbin/policy-rc.d"
  chmod 755 "$folder/usr/sbin/policy-rc.d"
  if [[ $architecture == "$(dpkg --print-architecture)" ]]; then
    in_chroot "$folder" apt-get update -q && in_chroot "$folder" apt-get install -qy --no-install-recommends "$@"
  else
    fetch_packages "$architecture" "$folder" "$@" && unpack_fetched "$folder"
  fi >"$log" 2>&1 || { tail -20 "$log" >&2; fail "apt-get install $*"; }
  rm -f "$folder"/var/cache/apt/archives/*.deb
  rm "$folder/usr/sbin/policy-rc.d" "$log"
}

# fetch_packages ARCHITECTURE FOLDER PACKAGE…: has packages, and what they need, in the archive of a Debian. This host's apt
# fetches them: one for arm64 hangs under qemu-user 7.2.
fetch_packages() {
  local architecture=$1 folder=$2 options
  shift 2
  options=(-q -o Dir="$folder" -o APT::Architecture="$architecture" -o APT::Architectures="$architecture"
    -o Dir::Bin::dpkg=/usr/bin/dpkg -o APT::Sandbox::User=root -o Dir::Etc::trustedparts="$folder/etc/apt/trusted.gpg.d/")
  apt-get "${options[@]}" update && apt-get "${options[@]}" install -y --no-install-recommends --download-only "$@"
}

# unpack_fetched FOLDER: installs all that fetch_packages has fetched.
unpack_fetched() {
  in_chroot "$1" sh -c 'set -- /var/cache/apt/archives/*.deb
    [ ! -e "$1" ] || { dpkg --force-depends --unpack "$@" && dpkg --configure --pending; }'
}

# in_chroot FOLDER COMMAND…: runs a command in a Debian that isn't started, with /proc, /sys, /dev and this host's network, in
# namespaces that end with it, so that nothing stays mounted. The folder becomes the root by pivot_root: what runs in a mere
# chroot may make no namespaces of its own, which the tests of real clients do.
in_chroot() {
  local folder=$1
  shift
  unshare --mount --pid --fork --kill-child bash -c '
    set -e
    mount --bind "$0" "$0"
    cd "$0"
    mount -t proc proc proc
    mount -t sysfs sysfs sys
    mount --rbind /dev dev
    mount -t tmpfs tmpfs run
    pivot_root . .
    umount --lazy .
    exec chroot . /usr/bin/env --ignore-environment HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
      PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"' "$folder" "$@"
}

# start_debian FOLDER: starts it with systemd as process 1 in a network of its own, and sets `init` to the number of that
# process. False, with the reason printed, where this host can't.
start_debian() {
  local folder=$1 log=$1.console
  need systemd-nspawn systemd-container
  # Newer versions of systemd know one hierarchy of control groups only.
  SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 systemd-nspawn --boot --quiet --register=no --keep-unit --private-network \
    --machine="asnzone-proof-$$" --directory="$folder" --console=read-only >"$log" 2>&1 </dev/null &
  nspawn=$!
  local i
  for ((i = 0; i < 600; i++)); do
    kill -0 "$nspawn" 2>/dev/null || { tail -5 "$log"; return 1; }
    init=$(pgrep --parent "$nspawn" --exact systemd || true)
    if [[ -n $init && $(in_started systemctl is-system-running 2>/dev/null) =~ ^(running|degraded)$ ]]; then return 0; fi
    sleep 0.1
  done
  tail -5 "$log"
  return 1
}

# in_started COMMAND…: runs a command in what start_debian has started.
in_started() {
  nsenter --target "$init" --mount --uts --ipc --net --pid --cgroup --root --wd -- \
    /usr/bin/env --ignore-environment HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}

# stop_debian: stops what start_debian has started.
stop_debian() {
  [[ -n ${nspawn:-} ]] || return 0
  kill -TERM "$nspawn" 2>/dev/null || true
  wait "$nspawn" 2>/dev/null || true
  nspawn=
}
