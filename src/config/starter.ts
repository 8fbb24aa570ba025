// The config that asnzone init writes: a few settings for a mail server, each with a comment that says why.

import { readZoneDefinitions } from './zone-files.ts'

/** What a mail server reads, and what has to be done there. */
interface MailServer {
  readonly label: string
  /** The presets that it reads beside asnzone's own zones. */
  readonly presets: readonly string[]
  /** One line on what is to be configured there. */
  readonly there: string
  /** Whether it asks policy services. */
  readonly asksPolicy?: true
}

/** The mail servers, by the name that init is given; docs/consumers/ has a page of the same name for each. */
export const MAIL_SERVERS = {
  haraka: {
    label: 'Haraka',
    presets: ['rspamd'],
    there: 'add asn to config/plugins; start asnzone before Haraka',
  },
  spamassassin: {
    label: 'SpamAssassin',
    presets: ['routeviews'],
    there: 'loadplugin Mail::SpamAssassin::Plugin::ASN, and asn_lookup with origin.asnzone.internal',
  },
  rspamd: {
    label: 'rspamd',
    presets: ['rspamd'],
    there: 'nothing: its asn module asks these names as it comes',
  },
  postfix: {
    label: 'Postfix',
    presets: ['nerd-dk'],
    there: 'reject_rbl_client or postscreen_dnsbl_sites with country.asnzone.internal=127.0.…',
    asksPolicy: true,
  },
  exim: {
    label: 'Exim',
    presets: ['nerd-dk'],
    there: 'a dnsdb lookup of geo.asnzone.internal, or dnslists = country.asnzone.internal=127.0.…',
  },
  stalwart: {
    label: 'Stalwart',
    presets: [],
    there: 'the ASN lookup of the type DNS with stalwart.asnzone.internal, separator |, indexes 0, 1 and 2',
  },
} as const satisfies Readonly<Record<string, MailServer>>

/** The name of a mail server. */
export type MailServerName = keyof typeof MAIL_SERVERS

/** The names of the mail servers. */
export const mailServerNames = Object.keys(MAIL_SERVERS) as MailServerName[]

/** asnzone's own zones, which are always served. */
const OWN_PRESET = 'asnzone'

const DOMAIN = 'asnzone.internal'

const POLICY = `
# Refuses logins that send from too many countries or addresses within an hour, where check_policy_service asks this
# port. With mode: monitor all pass, and the log tells what would have been refused.
# policy:
#   listen: [127.0.0.1:4646]
#   mode: monitor
#   limits: { countries: 3, ips: 10 }
`

/** The config for a mail server, as YAML with comments. */
export function starterConfig(name: MailServerName): string {
  const { label, presets, there, asksPolicy }: MailServer = MAIL_SERVERS[name]
  const kept = [OWN_PRESET, ...presets]
  const disabled = presetNames().filter((preset) => !kept.includes(preset))
  const names = forwardedNames(disabled)
  return `# asnzone for ${label}: see asnzone.yaml(5) for every setting.
#
# 1. The resolver of ${label}'s host has to send these names to asnzone; docs/consumers/resolvers.md has the lines
#    for unbound, dnsmasq and BIND:
${names.map((it) => `#      ${it}`).join('\n')}
# 2. ${label}: ${there}.
#    docs/consumers/${name}.md has all of it, and how to see whether it works.

# Where asnzone answers, over UDP and TCP. Other hosts can ask only where it listens on an address of theirs, too, such
# as "192.0.2.53:53", and only when allow names their networks.
listen: ["127.0.0.1:5300", "[::1]:5300"]
allow: ["127.0.0.0/8", "::1"]

# Above asnzone's own zones; .internal is kept free for private use.
domain: ${DOMAIN}

# Names of others that ${label} does not ask. Take one out of the list when something else on the host asks it:
# cymru is for mtr, nmap and fail2ban.
disable: [${disabled.join(', ')}]

# New data once a day. Without this line the timer asnzone-update.timer can fetch them, or nothing does.
refresh: 1d

# How old data may be before there is a warning.
max-age: 45d

# Where data is kept; the default is systemd's StateDirectory, or ~/.cache/asnzone.
# data-dir: /var/lib/asnzone

# A line for every hundredth query; asnzone reopen or kill -USR1 opens the file again.
# query-log: /var/log/asnzone/queries.log
# query-log-every: 100
${asksPolicy ? POLICY : ''}`
}

function presetNames(): string[] {
  return [...new Set(readZoneDefinitions(undefined, []).map(presetOf))]
}

/** The names to be sent to asnzone, none of them below another one. */
function forwardedNames(disabled: readonly string[]): string[] {
  const apexes = readZoneDefinitions(undefined, disabled).flatMap(({ apex }) =>
    apex.map((pattern) => pattern.replace('{domain}', DOMAIN)),
  )
  return apexes.filter((apex) => !apex.includes('{') && !apexes.some((other) => apex.endsWith(`.${other}`)))
}

const presetOf = ({ file }: { readonly file: string }): string => file.replace(/^.*\/|\.yaml$/g, '')
