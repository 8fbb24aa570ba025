#!/bin/sh
# Installs the programs that the consumers' tests run, on Debian, as root. It can be run again at any time.
#
# No installed program is started, now or at boot time by this script's doing. Two packages can't be installed
# beside the others and are unpacked into /opt/asnzone-consumers: exim4 conflicts with postfix,
# systemd-resolved takes /etc/resolv.conf over. Postfix becomes the mail system of the machine: use a container or a machine for
# tests if it has another.
set -eu
cd "$(dirname "$0")"

installed='amavisd-new bind9 bird2 bind9-dnsutils bind9-utils curl dns-root-data dnsdist dnsmasq-base dnsviz dovecot-core dovecot-imapd dovecot-sieve fail2ban
  haproxy iproute2 ipset knot knot-resolver libgeoip2-perl libgnutls-dane0 libidn12 libio-socket-inet6-perl libmaxmind-db-reader-perl
  libnginx-mod-http-geoip2 minisign mmdb-bin mtr-tiny nftables nginx-light nmap
  pdns-recursor postfix python3-dnspython python3-maxminddb rbldnsd redis-server rspamd spamassassin swaks unbound util-linux'
unpacked='exim4-base exim4-config exim4-daemon-light libsystemd-shared systemd-resolved'

export DEBIAN_FRONTEND=noninteractive
tree=/opt/asnzone-consumers
log=$(mktemp)
policy=/usr/sbin/policy-rc.d
made_policy=

finish() {
  status=$?
  [ -z "$made_policy" ] || rm -f "$policy"
  [ "$status" -eq 0 ] || cat "$log" >&2
  rm -f "$log"
}
trap finish EXIT

# Packages ask this script whether they may start their daemon: 101 is no.
if [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' > "$policy"
  chmod 755 "$policy"
  made_policy=yes
fi

apt='apt-get -q -o DPkg::Lock::Timeout=600 -o APT::Sandbox::User=root'
# shellcheck disable=SC2086
missing=$(for package in $installed; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
done)
if [ -n "$missing" ] || [ ! -e "$tree/complete" ]; then
  $apt update >"$log" 2>&1
fi
if [ -n "$missing" ]; then
  # SpamAssassin's package imports its keys as it is installed, with gpg, which only recommends what it needs for that.
  $apt install -y --no-install-recommends gpg-agent >"$log" 2>&1
  # shellcheck disable=SC2086
  $apt install -y --no-install-recommends $missing >"$log" 2>&1
fi

if [ ! -e "$tree/complete" ]; then
  rm -rf "$tree"
  mkdir -p "$tree/packages"
  # shellcheck disable=SC2086
  (cd "$tree/packages" && $apt download $unpacked) >"$log" 2>&1
  for package in "$tree"/packages/*.deb; do
    dpkg -x "$package" "$tree"
  done
  # Those of Debian 12 still use the folders that are links into /usr today.
  if [ -d "$tree/lib" ]; then cp -a "$tree/lib/." "$tree/usr/lib/"; fi
  rm -r "$tree/packages"
  touch "$tree/complete"
fi

# Haraka has a lock file of its own, and no install script may run.
if ! cmp -s haraka/package-lock.json haraka/node_modules/.asnzone-lock; then
  npm ci --prefix haraka --omit=optional --ignore-scripts --no-audit --no-fund >"$log" 2>&1
  cp haraka/package-lock.json haraka/node_modules/.asnzone-lock
fi
