// What is told beside DNS: statistics, published files, HTTP and whois.

import { z } from 'zod'
import { addressWith, networks, onOff, secret, text } from './kinds-of-value.ts'
import type { SettingRows } from './setting.ts'

/** Where http and publish-csv listen when their address has no port. */
export const HTTP_PORT = 8053

/** Where whois listens when its address has no port (RFC 3912 2). */
export const WHOIS_PORT = 43

/** Statistics, HTTP and whois. */
export const HTTP_SETTINGS = {
  stats: {
    change: 'restart',
    path: 'stats.enabled',
    kind: 'switch',
    help: 'count queries by country and AS in stats.sqlite in the data directory',
    placeholder: '',
    schema: onOff.default(false),
  },
  'stats-interval': {
    change: 'restart',
    path: 'stats.interval',
    kind: 'number',
    help: 'seconds between writes of the statistics',
    placeholder: 'SECONDS',
    schema: z.number().min(0.1).max(3600).default(5),
  },
  'publish-csv': {
    change: 'restart',
    path: 'publish.address',
    kind: 'text',
    help: 'an address to publish the data in service on, as CSV files over HTTP',
    placeholder: 'ADDR:PORT',
    schema: addressWith(HTTP_PORT).optional(),
  },
  'publish-allow': {
    change: 'live',
    path: 'publish.allow',
    kind: 'list',
    help: 'networks that may read the published files without a token',
    placeholder: 'CIDR',
    schema: networks.default([]),
  },
  'publish-snapshots': {
    change: 'restart',
    path: 'publish.snapshots',
    kind: 'text',
    help: 'the directory of asnzone build, to publish on the addresses of publish-csv and http as well',
    placeholder: 'DIR',
    schema: text.optional(),
  },
  http: {
    change: 'restart',
    path: 'http.address',
    kind: 'text',
    help: 'an address for pages, lookups as JSON, metrics and health over HTTP, such as 127.0.0.1:8053',
    placeholder: 'ADDR:PORT',
    schema: addressWith(HTTP_PORT).optional(),
  },
  'http-token': {
    change: 'live',
    path: 'http.token',
    isSecret: true,
    kind: 'text',
    help: 'the bearer token or password that HTTP requests must carry; needed beyond loopback',
    placeholder: 'TOKEN',
    schema: secret(
      /^[\w.~+/-]{16,}=*$/,
      'a token has at least 16 letters, digits and . _ ~ + / -, such as openssl rand -hex 16 prints',
    ).optional(),
  },
  'http-connections': {
    change: 'restart',
    path: 'http.connections',
    kind: 'number',
    help: 'how many HTTP connections may be open at a time',
    placeholder: 'N',
    schema: z.int().min(1).max(65535).default(256),
  },
  whois: {
    change: 'restart',
    kind: 'text',
    help: 'an address to answer whois on as whois.cymru.com does, such as 127.0.0.1:43; see docs/whois.md',
    placeholder: 'ADDR:PORT',
    schema: addressWith(WHOIS_PORT).optional(),
  },
} as const satisfies SettingRows
