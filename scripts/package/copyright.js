// The copyright file of the Debian package in the machine-readable form (DEP-5), from the licences that packages of
// others come with.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './project.js'

/** Debian's names where they are not those of SPDX. */
const SHORT_NAMES = { MIT: 'Expat', 'BSD-3-Clause': 'BSD-3-clause' }

/** Where the texts are that no package brings. */
const TEXTS = {
  'Apache-2.0': 'The text is in /usr/share/common-licenses/Apache-2.0.',
  'CC0-1.0': 'The text is in /usr/share/common-licenses/CC0-1.0.',
  'CC-BY-4.0': `The text is at https://creativecommons.org/licenses/by/4.0/legalcode.
Whoever passes the data or answers on owes its makers the credit that NOTICE.gz beside this file has.`,
  'public-domain': 'Made with Natural Earth, whose data is in the public domain.',
}

/** The licences of data, which package.json can't name. */
const DATA = {
  '@ip-location-db/asn': 'CC-BY-4.0',
  '@ip-location-db/asn-country': 'CC0-1.0',
}

const FIRST = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: asnzone
Comment: What the data is made of, whom to credit, and what asnzone changes in it is told in NOTICE.gz beside this file.

Files: *
Copyright: 2026 asnzone contributors
License: Expat

Files: usr/lib/asnzone/data/*
Copyright: DB-IP, https://db-ip.com
  Number Resource Organization (NRO), https://www.nro.net/
  Internet Assigned Numbers Authority (IANA), https://www.iana.org/numbers
License: CC-BY-4.0

Files: usr/lib/asnzone/web/world.svg
Copyright: Natural Earth, https://www.naturalearthdata.com
License: public-domain
`

/**
 * The file for a package whose program lies in `program`.
 *
 * @throws {Error} that names the package whose licence is not known here
 */
export function debianCopyright(program) {
  const texts = new Map()
  const bundled = bundledPackages(readFileSync(join(ROOT, 'dist/licences.txt'), 'utf8'))
  const installed = installedPackages(join(program, 'node_modules'))
  for (const { licence, text } of [...bundled, ...installed]) {
    const name = shortName(licence)
    if (!texts.has(name)) texts.set(name, TEXTS[name] ?? body(text))
  }
  texts.set('CC-BY-4.0', TEXTS['CC-BY-4.0']).set('public-domain', TEXTS['public-domain'])
  const bundledLicences = [...new Set(bundled.map(({ licence }) => shortName(licence)))].sort()
  return [
    FIRST,
    paragraph(
      ['usr/lib/asnzone/dist/*'],
      ['2026 asnzone contributors', ...bundled.flatMap(holders)],
      bundledLicences.join(' and '),
      'Which package is under which licence is told in usr/lib/asnzone/dist/licences.txt.',
    ),
    ...installed.map((it) =>
      paragraph([`usr/lib/asnzone/node_modules/${it.name}/*`], holders(it), shortName(it.licence)),
    ),
    ...[...texts].sort().map(([name, text]) => `License: ${name}\n${folded(text)}\n`),
  ].join('\n')
}

const shortName = (licence) => SHORT_NAMES[licence] ?? licence

/** The packages in the bundle, from what scripts/bundle.js has written of them. */
function bundledPackages(licences) {
  const heads = [...licences.matchAll(/^(\S+) \d\S*, (\S+)$/gm)]
  return heads.map(({ 1: name, 2: licence, index, 0: head }, i) => {
    return { name, licence, text: licences.slice(index + head.length, heads[i + 1]?.index) }
  })
}

/** The packages below a folder node_modules, those within them included. */
function installedPackages(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((it) => it.endsWith('package.json'))
  return files.sort().map((file) => {
    const place = file.replace(/\/package\.json$/, '')
    const { name, license, author } = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    // Packages with nothing but a binary have the licence of the one that loads it.
    const by = { '@koromix': 'koffi', '@libsql': 'libsql' }[name.replace(/\/.*/, '')] ?? name
    const beside = join(ROOT, 'node_modules', by === name ? place : by)
    const licenceFile = readdirSync(beside).find((it) => /^licen[cs]e/i.test(it))
    const text = licenceFile === undefined ? '' : readFileSync(join(beside, licenceFile), 'utf8')
    return { name: place, licence: DATA[name] ?? license, text, author: author?.name ?? author }
  })
}

/** Who holds the rights, as the licence names them, else the author of the package. */
function holders({ name, text, author }) {
  const named = [...text.matchAll(/^[ \t]*Copyright (?:\(c\) |© )?(?!notice|owner|license)(\S.*)$/gim)].map(
    ([, holder]) => holder.trim().replace(/\.? All rights reserved\.?$/i, ''),
  )
  if (named.length > 0) return named
  return [(author ?? `the authors of ${name}`).replace(/ *<.*>/, '')]
}

/** What a licence says after those who hold the rights. */
function body(text) {
  const paragraphs = text.trim().split(/\n\s*\n/)
  const first = paragraphs.findIndex((it) => /^\s*(permission|redistribution)/i.test(it))
  if (first < 0) throw new Error(`no licence begins in ${JSON.stringify(text.slice(0, 200))}`)
  return paragraphs.slice(first).join('\n\n')
}

function paragraph(files, copyright, licence, comment) {
  const lines = [`Files: ${files.join('\n ')}`, `Copyright: ${[...new Set(copyright)].join('\n  ')}`]
  lines.push(`License: ${licence}`)
  if (comment !== undefined) lines.push(`Comment: ${comment}`)
  return `${lines.join('\n')}\n`
}

/** A text as the continuation lines of a field: one blank before each, a full stop for an empty line. */
const folded = (text) =>
  text
    .split('\n')
    .map((line) => (line.trim() === '' ? ' .' : ` ${line.trim()}`))
    .join('\n')
