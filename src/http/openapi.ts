// What /api is, for programs: OpenAPI 3.1. A test sends each example, and holds that every path is here; those below
// /api/policy are in policy-openapi.ts.

import { VERSION } from '../version.ts'
import {
  ERROR,
  type Json,
  json,
  list,
  NUMBER,
  object,
  orNull,
  query,
  ref,
  SECURITY,
  TEXT,
  TRUTH,
} from './openapi-parts.ts'

const DECIMAL = { type: 'number' }
const TIME = { type: 'string', description: 'ISO 8601, UTC' }

const inPath = (name: string, description: string, example: Json): Json => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: TEXT,
  example,
})

const ATTRIBUTES: Readonly<Record<string, Json>> = {
  asn: orNull('integer'),
  name: orNull('string'),
  country: orNull('string'),
  registry: orNull('string'),
  allocated: orNull('string'),
  rpki: orNull('string'),
  city: orNull('string'),
  region: orNull('string'),
  cityCountry: orNull('string'),
  continent: orNull('string'),
  latitude: orNull('number'),
  longitude: orNull('number'),
  distance: orNull('number'),
  distanceIsRough: TRUTH,
  score: NUMBER,
  scoreParts: list(TEXT),
  reputation: orNull('number'),
  reputationEvidence: orNull('string'),
}

const cut = (item: Json): Json => object({ shown: list(item), more: NUMBER })
const ADDRESSES = { ipv4: DECIMAL, ipv6: DECIMAL }
const SHARE_OF_QUERIES = object({ queries: NUMBER, of: NUMBER })
const NETWORK = object({ network: TEXT, country: orNull('string') })

const SCHEMAS: Readonly<Record<string, Json>> = {
  Lookup: {
    description: 'Without attributes where nothing is known',
    ...(object(
      {
        query: TEXT,
        found: TRUTH,
        prefix: orNull('string'),
        range: orNull('string'),
        ...ATTRIBUTES,
        roas: list(TEXT),
        here: { type: ['object', 'null'], description: 'Where the distance is counted from' },
        questions: list(object({ zone: TEXT, command: TEXT, answer: TEXT })),
        learned: {
          type: ['object', 'null'],
          description: 'The levels of what was learned, where the server learns',
        },
      },
      ['query', 'found', 'here', 'questions'],
    ) as object),
  },
  Ranges: object({
    query: TEXT,
    found: TRUTH,
    ranges: list(object({ first: TEXT, last: TEXT, ...ATTRIBUTES })),
    more: NUMBER,
  }),
  Holdings: object({
    found: TRUTH,
    addresses: object(ADDRESSES),
    networks: object({ ipv4: cut(NETWORK), ipv6: cut(NETWORK) }),
    shares: cut(
      object({ country: orNull('string'), asn: orNull('integer'), name: orNull('string'), ...ADDRESSES }),
    ),
    scores: cut(object({ score: NUMBER, parts: list(TEXT), ...ADDRESSES })),
    queries: { oneOf: [object({ total: SHARE_OF_QUERIES, today: SHARE_OF_QUERIES }), { type: 'null' }] },
  }),
  Status: {
    description: 'More than is listed here: what the status page shows',
    ...(object({
      version: TEXT,
      pid: NUMBER,
      started: TIME,
      uptime: NUMBER,
      listen: list(TEXT),
      queries: { type: 'object', description: 'How many, by what became of them' },
      date: TIME,
      maxAge: TEXT,
      sources: list(object({ name: TEXT, what: TEXT, rows: NUMBER, date: orNull('string'), stale: TRUTH })),
      zones: list(object({ id: TEXT, apexes: list(TEXT) })),
      settings: list(object({ name: TEXT, place: orNull('string') })),
    }) as object),
  },
  Statistics: {
    oneOf: [
      object({ enabled: { const: false } }),
      object({
        enabled: { const: true },
        interval: TEXT,
        intervals: { type: 'object' },
        countries: list(object({ country: TEXT, queries: NUMBER })),
        ases: list(object({ asn: NUMBER, name: TEXT, queries: NUMBER })),
        hasMoreAses: TRUTH,
      }),
    ],
  },
  Learned: {
    oneOf: [
      object({ enabled: { const: false }, hint: TEXT }),
      object({ enabled: { const: true }, ases: list({ type: 'object' }), more: NUMBER }),
    ],
  },
  Outcomes: object({ outcomes: list(TEXT), minutes: list(list(DECIMAL)) }),
  Begun: object({ begun: TRUTH }),
}

const get = (operationId: string, summary: string, parameters: readonly Json[], responses: Json): Json => ({
  get: { operationId, summary, parameters, responses },
})

const begin = (operationId: string, summary: string, others: Readonly<Record<string, Json>> = {}): Json => ({
  post: { operationId, summary, responses: { 202: json('It has begun', ref('Begun')), ...others } },
})

const NUMBER_OF_AS = inPath('number', 'The number of the AS, with or without AS', '15169')

/** The description. */
export const OPENAPI = {
  openapi: '3.1.0',
  info: {
    title: 'asnzone',
    version: VERSION,
    description: `What is known of addresses and ASes, and of the server. ${SECURITY.description} The policy service has a description of its own, /api/policy/openapi.json.`,
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/' }],
  security: SECURITY.security,
  paths: {
    '/api/lookup/{address}': get(
      'lookUpAddress',
      'What is known of an address, and how each zone is asked for it',
      [inPath('address', 'An IPv4 or IPv6 address', '8.8.8.8')],
      { 200: json('What is known', ref('Lookup')), 400: ERROR },
    ),
    '/api/lookup/{address}/{length}': get(
      'lookUpNetwork',
      'The ranges in a network, 256 at most',
      [inPath('address', 'The first address', '8.8.8.0'), inPath('length', 'The length of the prefix', '24')],
      { 200: json('What is known', ref('Ranges')), 400: ERROR },
    ),
    '/api/as/{number}': get('lookUpAs', 'What is known of an AS', [NUMBER_OF_AS], {
      200: json('What is known', ref('Lookup')),
      400: ERROR,
    }),
    '/api/as/{number}/holdings': get('showHoldingsOfAs', 'What an AS has', [NUMBER_OF_AS], {
      200: json('What it has', ref('Holdings')),
      400: ERROR,
    }),
    '/api/country/{code}': get(
      'showHoldingsOfCountry',
      'What a country has',
      [inPath('code', 'ISO 3166-1 alpha-2', 'US')],
      { 200: json('What it has', ref('Holdings')), 400: ERROR },
    ),
    '/api/status': get('showStatus', 'The server and its data', [], { 200: json('Now', ref('Status')) }),
    '/api/outcomes': get('listOutcomes', 'What became of the queries of each minute of the last day', [], {
      200: json(
        'A row each minute: its time in milliseconds since 1970, and a count for each outcome',
        ref('Outcomes'),
      ),
    }),
    '/api/stats': get(
      'showStatistics',
      'What was counted by country and AS',
      [query('interval', '`total`, `today`, YYYY, YYYY-MM or YYYY-MM-DD', TEXT, 'total')],
      { 200: json('What was counted', ref('Statistics')), 400: ERROR },
    ),
    '/api/learned': get('showLearned', 'The ASes whose mail differs most from all mail', [], {
      200: json('What was learned', ref('Learned')),
      503: ERROR,
    }),
    '/api/events': get('followSeconds', 'What became of the queries of each second', [], {
      200: {
        description: 'Server-sent events: `history` with a list of seconds, then a `second` each second',
        content: { 'text/event-stream': { schema: TEXT } },
      },
      503: ERROR,
    }),
    '/api/reload': begin('reload', 'Begins what `asnzone reload` does; /api/status tells what comes of it'),
    '/api/update': begin('update', 'Begins what `asnzone update` does; /api/status tells what comes of it', {
      409: ERROR,
    }),
    '/api/openapi.json': get('openapi', 'This description', [], {
      200: { description: 'OpenAPI 3.1', content: { 'application/json': {} } },
    }),
  },
  components: { securitySchemes: SECURITY.securitySchemes, responses: SECURITY.responses, schemas: SCHEMAS },
} as const
