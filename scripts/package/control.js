// The control files of the Debian package: what it is and needs, its conffiles, checksums and maintainer scripts.

import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CONFFILES } from './debian-tree.js'
import { relationsOf } from './native-needs.js'
import { MANIFEST } from './project.js'

/** Whom Debian's tools name for the package: whoever builds it, as dch asks for it. */
const { DEBFULLNAME = 'asnzone contributors', DEBEMAIL = 'asnzone@localhost' } = process.env
export const MAINTAINER = `${DEBFULLNAME} <${DEBEMAIL}>`

const DESCRIPTION = `DNS server that knows who runs an IP address, and where it is
 asnzone tells a mail server the AS number and name, the prefix, the country,
 the distance and a score of any IPv4 or IPv6 address. It answers from memory,
 under the names that SpamAssassin, rspamd, Haraka, Postfix, Exim and Stalwart
 ask already, and under names of its own.
 .
 The data of ip-location-db comes with it; a timer fetches new data once a day.`

/**
 * Writes DEBIAN/ into the tree of a package.
 *
 * @param binaries its native code, whose libraries it depends upon
 * @param paths its files, relative to the tree
 */
export function writeControl(tree, { version, architecture, binaries, paths }) {
  const folder = join(tree, 'DEBIAN')
  mkdirSync(folder)
  const octets = paths.map((path) => readFileSync(join(tree, path)))
  const fields = {
    Package: 'asnzone',
    Version: version,
    Architecture: architecture,
    Maintainer: MAINTAINER,
    'Installed-Size': Math.ceil(octets.reduce((sum, { length }) => sum + Math.ceil(length / 1024), 0)),
    'Pre-Depends': 'init-system-helpers (>= 1.54~)',
    Depends: [
      `nodejs (${MANIFEST.engines.node.replace('>=', '>= ')})`,
      'systemd | systemd-standalone-sysusers | systemd-sysusers',
      ...relationsOf(binaries),
    ].join(', '),
    Suggests: 'bind9-dnsutils, logrotate',
    Section: 'net',
    Priority: 'optional',
    Description: DESCRIPTION,
  }
  const control = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`)
  writeFileSync(join(folder, 'control'), control.join(''))
  writeFileSync(join(folder, 'conffiles'), CONFFILES.map((path) => `/${path}\n`).join(''))
  const sums = paths.flatMap((path, i) =>
    CONFFILES.includes(path) ? [] : `${createHash('md5').update(octets[i]).digest('hex')}  ${path}\n`,
  )
  writeFileSync(join(folder, 'md5sums'), sums.join(''))
  for (const script of ['postinst', 'prerm', 'postrm']) {
    copyFileSync(new URL(`debian/${script}`, import.meta.url), join(folder, script))
  }
}
