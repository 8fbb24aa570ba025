// The config that asnzone init writes: a few settings for a mail server, each with a comment that says why.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { forwardedNames } from './forwarded-names.ts'

/** What a mail server reads, and what has to be done there. */
interface MailServer {
  readonly label: string
  /** One line on what is to be configured there. */
  readonly there: string
}

/** The mail servers, by the name that init is given; docs/consumers/ has a page of the same name for each. */
export const MAIL_SERVERS = {
  haraka: {
    label: 'Haraka',
    there: 'add asn to config/plugins; start asnzone before Haraka',
  },
  spamassassin: {
    label: 'SpamAssassin',
    there: 'loadplugin Mail::SpamAssassin::Plugin::ASN, and asn_lookup with origin.asnzone.internal',
  },
  rspamd: {
    label: 'rspamd',
    there: 'nothing: its asn module asks these names as it comes',
  },
  postfix: {
    label: 'Postfix',
    there: 'reject_rbl_client or postscreen_dnsbl_sites with country.asnzone.internal=127.0.…',
  },
  exim: {
    label: 'Exim',
    there: 'a dnsdb lookup of geo.asnzone.internal, or dnslists = country.asnzone.internal=127.0.…',
  },
  stalwart: {
    label: 'Stalwart',
    there: 'the ASN lookup of the type DNS with stalwart.asnzone.internal, separator |, indexes 0, 1 and 2',
  },
} as const satisfies Readonly<Record<string, MailServer>>

/** The name of a mail server. */
export type MailServerName = keyof typeof MAIL_SERVERS

/** The names of the mail servers. */
export const mailServerNames = Object.keys(MAIL_SERVERS) as MailServerName[]

const DOMAIN = 'asnzone.internal'

/** Where the pages are: beside asnzone, or where the package of Debian has them. */
const BESIDE = fileURLToPath(new URL('../../docs', import.meta.url))
const DOCS = existsSync(join(BESIDE, 'consumers')) ? BESIDE : '/usr/share/doc/asnzone/docs'

/** The config for a mail server, as YAML with comments. */
export function starterConfig(name: MailServerName): string {
  const { label, there }: MailServer = MAIL_SERVERS[name]
  const names = forwardedNames({ zones: undefined, disable: [], domain: DOMAIN })
  return `# asnzone for ${label}: see asnzone.yaml(5) for every setting.
#
# 1. The resolver of ${label}'s host has to send these names to asnzone. asnzone init unbound prints the lines for Unbound;
#    bind, dnsmasq, knot-resolver, pdns-recursor and systemd-resolved are known as well:
${names.map((it) => `#      ${it}`).join('\n')}
# 2. ${label}: ${there}.
#    ${DOCS}/consumers/${name}.md has all of it, and how to see whether it works.

# Where asnzone answers, over UDP and TCP. Other hosts can ask only where it listens on an address of theirs, too, such
# as "192.0.2.53:53", and only when allow names their networks.
listen: ["127.0.0.1:5300", "[::1]:5300"]
allow: ["127.0.0.0/8", "::1"]

# Above asnzone's own zones; .internal is kept free for private use.
domain: ${DOMAIN}

# How old data may be before there is a warning. asnzone-update.timer fetches new data once a day; where there is no such
# timer, the server can do so itself:
max-age: 45d
# refresh: 1d

# Where data is kept. The service has it there; otherwise the default is ~/.cache/asnzone.
# data-dir: /var/lib/asnzone

# Zones that nobody on this host asks need not be served: asnzone zones lists them, by their files.
# disable: [nerd-dk]

# Where distances are counted from: LAT,LON or a public address of this host.
# here: "52.52,13.41"

# What scores add up from; ${DOCS}/score.md has the rules.
# score: { countries: [{ codes: [DE, AT, CH], weight: 10 }], default: -5, distance: [{ over: 8000, weight: -4 }] }

# What verdicts on your own mail teach; ${DOCS}/learn.md.
# learn: {}

# Pages with lookups and live figures, and metrics for Prometheus.
# http: 127.0.0.1:8053

# Queries by country and AS: asnzone stats.
# stats: true

# The same answers as whois.cymru.com gives.
# whois: 127.0.0.1:4343

# Refuses logins that send from too many countries or addresses within an hour, where check_policy_service of Postfix asks
# this port. With mode: monitor all pass, and the log tells what would have been refused; ${DOCS}/policy.md.
# policy: { listen: [127.0.0.1:4646], mode: monitor, limits: { countries: 3, ips: 10 } }

# A line for every hundredth query; asnzone reopen opens the file again.
# query-log: /var/log/asnzone/queries.log
# query-log-every: 100
`
}
