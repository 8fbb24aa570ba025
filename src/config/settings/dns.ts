// How DNS is answered: threads, connections, rate limits, cookies, and what the server says of itself.

import { availableParallelism, hostname } from 'node:os'
import { z } from 'zod'
import { MAX_WORKERS } from '../../system/threads.ts'
import { VERSION } from '../../version.ts'
import { domainName, filledList, mailbox, networks, secret, text } from './kinds-of-value.ts'
import type { SettingRows } from './setting.ts'

const cookieSecret = secret(
  /^([\da-f]{32}|none)$/i,
  'a secret has 32 hexadecimal digits, such as openssl rand -hex 16 prints',
)

/** How DNS is answered. */
export const DNS_SETTINGS = {
  nameservers: {
    change: 'live',
    kind: 'list',
    help: 'names of the NS records; the first is the MNAME of the SOA',
    placeholder: 'NAME',
    schema: filledList.pipe(z.array(domainName)).default(['localhost']),
  },
  contact: {
    change: 'live',
    kind: 'text',
    help: 'the RNAME of the SOA: a mailbox with a dot for the @',
    placeholder: 'NAME',
    schema: mailbox.default('nobody.invalid'),
  },
  workers: {
    change: 'restart',
    kind: 'number',
    help: 'threads that answer over UDP',
    placeholder: 'N',
    schema: z
      .int()
      .min(1)
      .max(MAX_WORKERS)
      .default(() => Math.min(availableParallelism(), 4)),
    standard: 'the cores, at most 4',
  },
  udp: {
    change: 'restart',
    kind: 'text',
    help: 'how UDP is received: mmsg (recvmmsg, 64-bit Linux) or dgram (node:dgram, one thread)',
    placeholder: 'HOW',
    schema: z.enum(['mmsg', 'dgram']).default('mmsg'),
  },
  'tcp-connections': {
    change: 'restart',
    path: 'tcp.connections',
    kind: 'number',
    help: 'how many TCP connections may be open at a time',
    placeholder: 'N',
    schema: z.int().min(1).max(65535).default(256),
  },
  'tcp-per-client': {
    change: 'restart',
    path: 'tcp.perClient',
    kind: 'number',
    help: 'how many of them one address may have',
    placeholder: 'N',
    schema: z.int().min(1).max(65535).default(64),
  },
  'tcp-idle': {
    change: 'restart',
    path: 'tcp.idle',
    kind: 'number',
    help: 'seconds after which a TCP connection without a complete query is closed',
    placeholder: 'SECONDS',
    schema: z.number().positive().max(3600).default(10),
  },
  'rate-limit': {
    change: 'live',
    path: 'rateLimit.perSecond',
    kind: 'number',
    help: 'UDP replies per second of one kind (positive, negative, errors) to one network (/24, /56); 0 for no limit',
    placeholder: 'N',
    schema: z.int().min(0).max(1000000).default(200),
  },
  'rate-limit-all': {
    change: 'live',
    path: 'rateLimit.all',
    kind: 'number',
    help: 'UDP replies per second of all kinds together to one network; 0 for no limit',
    placeholder: 'N',
    schema: z.int().min(0).max(1000000).optional(),
    standard: 'twice rate-limit',
  },
  'rate-limit-slip': {
    change: 'live',
    path: 'rateLimit.slip',
    kind: 'number',
    help: 'one in this many replies over the limit is sent truncated, the others are dropped; 0 drops all',
    placeholder: 'N',
    schema: z.int().min(0).max(100).default(2),
  },
  'rate-limit-window': {
    change: 'live',
    path: 'rateLimit.window',
    kind: 'number',
    help: 'seconds a network must stay below the limit before it is answered again',
    placeholder: 'SECONDS',
    schema: z.int().min(1).max(3600).default(5),
  },
  'rate-limit-exempt': {
    change: 'live',
    path: 'rateLimit.exempt',
    kind: 'list',
    help: 'networks that are never limited',
    placeholder: 'CIDR',
    schema: networks.optional(),
    standard: '127.0.0.0/8 and ::1',
  },
  'cookie-secret': {
    isSecret: true,
    change: 'live',
    kind: 'list',
    help: 'secrets of DNS cookies, 32 hexadecimal digits each: the first signs, all verify; none for no cookies',
    placeholder: 'HEX',
    schema: z.union([cookieSecret.transform((one) => [one]), z.array(cookieSecret)]).optional(),
    standard: 'a new one at each start',
  },
  identity: {
    change: 'live',
    path: 'identity.id',
    kind: 'text',
    help: 'the answer to id.server, hostname.bind and NSID; none for no answer',
    placeholder: 'TEXT',
    schema: text.default(hostname),
    standard: 'the host name',
  },
  'version-text': {
    change: 'live',
    path: 'identity.version',
    kind: 'text',
    help: 'the answer to version.bind and version.server; none for no answer',
    placeholder: 'TEXT',
    schema: text.default(`asnzone ${VERSION}`),
    standard: 'asnzone and its version',
  },
} as const satisfies SettingRows
