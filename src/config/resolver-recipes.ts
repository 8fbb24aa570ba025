// What makes a resolver send asnzone's names to it: the recipes of docs/consumers/resolvers.md, for any names and port.

import { formatListenAddress } from '../system/listen-address.ts'

/** What a recipe is made for. */
export interface RecipeFor {
  /** The names, none of them below another one. */
  readonly names: readonly string[]
  /** Where asnzone answers. */
  readonly host: string
  readonly port: number
}

/** A file of a recipe. */
export interface RecipeFile {
  readonly path: string
  /** What else is to be known of it: which version it is for, or that other lines stay. */
  readonly note: string | null
  readonly text: string
}

/** How a resolver is told. */
interface Recipe {
  readonly label: string
  readonly files: (asked: RecipeFor) => readonly RecipeFile[]
  /** What is to be run after that. */
  readonly afterwards: string
}

/** The most characters of a line of names, as on the page. */
const WIDTH = 110

/** The recipes, by the name that init is given. */
export const RESOLVERS = {
  unbound: {
    label: 'Unbound',
    files: ({ names, host, port }) => [
      {
        path: '/etc/unbound/unbound.conf.d/asnzone.conf',
        note: null,
        text: `server:
  # Without this Unbound asks nobody on this host, and every answer is SERVFAIL.
  do-not-query-localhost: no
${names.map((name) => `  domain-insecure: "${name}"`).join('\n')}

# stub-no-cache: asnzone answers from memory, and Unbound must not answer for it from what it knows of the parents.
# A secure denial of "internal", which any mistyped name brings, would hide asnzone.internal for an hour.
${names
  .map(
    (name) => `stub-zone:
  name: "${name}"
  stub-addr: ${host}@${port}
  stub-no-cache: yes`,
  )
  .join('\n')}
`,
      },
    ],
    afterwards: 'unbound-checkconf && systemctl restart unbound',
  },
  dnsmasq: {
    label: 'dnsmasq',
    files: ({ names, host, port }) => [
      {
        path: '/etc/dnsmasq.d/asnzone.conf',
        note: null,
        text: `${pairs(names)
          .map((pair) => `server=/${pair.join('/')}/${host}#${port}`)
          .join('\n')}\n`,
      },
    ],
    afterwards: 'dnsmasq --test && systemctl restart dnsmasq',
  },
  bind: {
    label: 'BIND',
    files: ({ names, host, port }) => [
      {
        path: '/etc/bind/named.conf.options',
        note: 'keep what you have added to yours',
        text: `options {
  directory "/var/cache/bind";
  dnssec-validation auto;
  listen-on { 127.0.0.1; };
  listen-on-v6 { ::1; };
  validate-except {
${wrapped(
  names.map((name) => `"${name}";`),
  '    ',
)}
  };
};
`,
      },
      {
        path: '/etc/bind/named.conf.local',
        note: 'keep what you have added to yours',
        text: `${names
          .map(
            (name) => `zone "${name}" { type forward; forward only; forwarders { ${host} port ${port}; }; };`,
          )
          .join('\n')}\n`,
      },
    ],
    afterwards: 'named-checkconf && systemctl restart named',
  },
  'knot-resolver': {
    label: 'Knot Resolver',
    files: ({ names, host, port }) => [
      {
        path: '/etc/knot-resolver/kresd.conf',
        note: 'to be added',
        text: `asnzone = {
${wrapped(
  names.map((name) => `'${name}',`),
  '  ',
)}
}
policy.add(policy.suffix(policy.STUB({ '${host}@${port}' }), policy.todnames(asnzone)))
`,
      },
    ],
    afterwards: "systemctl restart 'kresd@*'",
  },
  'pdns-recursor': {
    label: 'PowerDNS Recursor',
    files: (asked) => {
      const { names } = asked
      const address = formatListenAddress(asked)
      return [
        {
          path: '/etc/powerdns/recursor.d/asnzone.yml',
          note: 'PowerDNS Recursor 5.2 and newer, as in Debian 13',
          text: `dnssec:
  validation: validate
  negative_trustanchors:
${names.map((name) => `    - { name: ${name}, reason: asnzone }`).join('\n')}
recursor:
  forward_zones:
${names.map((name) => `    - { zone: ${name}, forwarders: ['${address}'] }`).join('\n')}
`,
        },
        {
          path: '/etc/powerdns/recursor.d/asnzone.conf',
          note: 'PowerDNS Recursor before 5.2, as in Debian 12',
          text: `dnssec=validate
${names.map((name, i) => `forward-zones${i === 0 ? '' : '+'}=${name}=${address}`).join('\n')}
`,
        },
        {
          path: '/etc/powerdns/recursor.lua',
          note: 'PowerDNS Recursor before 5.2, to be added',
          text: `${names.map((name) => `addNTA('${name}', 'asnzone')`).join('\n')}\n`,
        },
      ]
    },
    afterwards: 'systemctl restart pdns-recursor',
  },
  'systemd-resolved': {
    label: 'systemd-resolved',
    files: (asked) => [
      {
        path: '/etc/systemd/resolved.conf.d/asnzone.conf',
        note: null,
        text: `[Resolve]
DNS=${formatListenAddress(asked)}
Domains=${asked.names.map((name) => `~${name}`).join(' ')}
`,
      },
      {
        path: '/etc/dnssec-trust-anchors.d/asnzone.negative',
        note: null,
        text: `${asked.names.join('\n')}\n`,
      },
    ],
    afterwards: 'systemctl restart systemd-resolved',
  },
} as const satisfies Readonly<Record<string, Recipe>>

/** The name of a resolver. */
export type ResolverName = keyof typeof RESOLVERS

/** The names of the resolvers. */
export const resolverNames = Object.keys(RESOLVERS) as ResolverName[]

function pairs(names: readonly string[]): string[][] {
  return names.flatMap((name, i) => (i % 2 === 0 ? [[name, ...names.slice(i + 1, i + 2)]] : []))
}

/** Words on as many lines as they need. */
function wrapped(words: readonly string[], indent: string): string {
  const lines: string[] = []
  for (const word of words) {
    const last = lines.at(-1)
    if (last === undefined || indent.length + last.length + 1 + word.length > WIDTH) lines.push(word)
    else lines[lines.length - 1] = `${last} ${word}`
  }
  return lines.map((line) => `${indent}${line}`).join('\n')
}
