// What /api/policy is, for programs: OpenAPI 3.1. A test sends each example.

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

const TIME = { type: 'string', description: 'ISO 8601, UTC; `permanent` where a block has no end' }

const NAME = {
  name: 'name',
  in: 'path',
  required: true,
  description: 'The account, as a mail server names it',
  schema: TEXT,
  example: 'anna@example.org',
}

const HISTORY = [
  query('user', 'Those of one account', TEXT, 'anna@example.org'),
  query('since', 'Those after this time, in milliseconds since 1970', NUMBER, 0),
]

const body = (schema: Json, example: Json): Json => ({
  required: true,
  content: { 'application/json': { schema, example } },
})

const SCHEMAS: Readonly<Record<string, Json>> = {
  Entry: object({ value: TEXT, first: TIME, last: TIME, home: TRUTH, refused: TRUTH }),
  Account: object({
    user: TEXT,
    first: TIME,
    last: TIME,
    requests: NUMBER,
    refused: NUMBER,
    block: { oneOf: [object({ since: TIME, until: TIME, reason: TEXT }), { type: 'null' }] },
    ips: list(ref('Entry')),
    countries: list(ref('Entry')),
    asns: list(ref('Entry')),
  }),
  Event: object({
    id: TEXT,
    time: TIME,
    user: TEXT,
    address: TEXT,
    country: orNull('string'),
    asn: orNull('integer'),
    rule: TEXT,
    action: TEXT,
    source: TEXT,
    host: orNull('string'),
  }),
  Verdict: {
    type: 'object',
    properties: {
      action: { enum: ['reject', 'defer', 'warn', 'none'] },
      would: { enum: ['reject', 'defer', 'warn', 'none', null] },
      rule: orNull('string'),
      detail: TEXT,
      answer: orNull('string'),
      user: orNull('string'),
      address: TEXT,
      country: orNull('string'),
      asn: orNull('integer'),
      score: NUMBER,
      record: orNull('string'),
    },
    required: ['action', 'would', 'rule', 'answer', 'user', 'address'],
  },
  Record: {
    type: 'object',
    description: 'Fields of geoip-policyd and our own: see docs/policy.md',
    properties: { sender: TEXT },
    required: ['sender'],
  },
  Records: object({ source: { enum: ['settings', 'set'] }, records: list(ref('Record')) }),
}

/** The description. */
export const POLICY_OPENAPI = {
  openapi: '3.1.0',
  info: {
    title: 'The policy service of asnzone',
    version: VERSION,
    description: `Who sends from too many places. ${SECURITY.description}`,
    license: { name: 'MIT', identifier: 'MIT' },
  },
  servers: [{ url: '/' }],
  security: SECURITY.security,
  paths: {
    '/api/policy/users': {
      get: {
        operationId: 'listUsers',
        summary: 'Accounts, in the order of their names',
        parameters: [
          query('state', 'Whether only those that are blocked now', { enum: ['all', 'blocked'] }, 'blocked'),
          query('q', 'A part of the name', TEXT, 'example.org'),
          query('after', 'Names after this one: the `next` of the page before', TEXT, 'anna@example.org'),
          query('limit', 'How many, at most', { type: 'integer', minimum: 1, maximum: 1000 }, 100),
        ],
        responses: {
          200: json('A page', object({ users: list(ref('Account')), next: orNull('string') })),
          400: ERROR,
          503: ERROR,
        },
      },
    },
    '/api/policy/users/{name}': {
      get: {
        operationId: 'showUser',
        summary: 'All that is known of an account',
        parameters: [NAME],
        responses: {
          200: json('The account', {
            allOf: [
              ref('Account'),
              object({
                events: list(ref('Event')),
                record: { oneOf: [ref('Record'), { type: 'null' }] },
                failures: {
                  description: 'Logins with a wrong password within the last hour or so',
                  oneOf: [object({ count: NUMBER, last: TIME }), { type: 'null' }],
                },
              }),
            ],
          }),
          404: ERROR,
          503: ERROR,
        },
      },
      delete: {
        operationId: 'forgetUser',
        summary:
          "Removes all that is known of an account; `left` are keys of Redis that hold what is not asnzone's, where nothing was looked for",
        parameters: [NAME],
        responses: {
          200: json(
            'Done',
            object({ forgotten: TRUTH, left: { type: 'array', items: TEXT } }, ['forgotten']),
          ),
          404: ERROR,
          503: ERROR,
        },
      },
    },
    '/api/policy/users/{name}/block': {
      delete: {
        operationId: 'unblockUser',
        summary: 'Lifts the block of an account',
        parameters: [NAME],
        responses: {
          200: json('Whether there was a block', object({ unblocked: TRUTH })),
          404: ERROR,
          503: ERROR,
        },
      },
    },
    '/api/policy/events': {
      get: {
        operationId: 'listEvents',
        summary: 'The history, the newest first: who was refused when, from where, and by which rule',
        parameters: [
          ...HISTORY,
          query('before', 'Those that are older: the `next` of the page before', TEXT, '999999999'),
          query('limit', 'How many, at most', { type: 'integer', minimum: 1, maximum: 1000 }, 100),
        ],
        responses: {
          200: json('A page', object({ events: list(ref('Event')), next: orNull('string') })),
          400: ERROR,
          503: ERROR,
        },
      },
    },
    '/api/policy/events.csv': {
      get: {
        operationId: 'exportEvents',
        summary: 'All of the history as CSV',
        parameters: HISTORY,
        responses: {
          200: { description: 'CSV (RFC 4180) with a header', content: { 'text/csv': { schema: TEXT } } },
          400: ERROR,
          503: ERROR,
        },
      },
    },
    '/api/policy/check': {
      post: {
        operationId: 'check',
        summary: 'Whether an account would pass from an address; nothing is counted',
        requestBody: body(object({ user: TEXT, address: TEXT }), {
          user: 'anna@example.org',
          address: '8.8.8.8',
        }),
        responses: {
          200: json('What would be decided', ref('Verdict')),
          400: ERROR,
          413: ERROR,
          415: ERROR,
        },
      },
    },
    '/api/policy/records': {
      get: {
        operationId: 'showRecords',
        summary: 'The records in force',
        responses: { 200: json('The records', ref('Records')), 503: ERROR },
      },
      put: {
        operationId: 'setRecords',
        summary: 'Sets records, which go over those of the settings until they are reset',
        requestBody: body(object({ records: list(ref('Record')) }), {
          records: [{ sender: 'anna@example.org', ips: 20, home_countries: { codes: ['DE'] } }],
        }),
        responses: {
          200: json('The records in force', ref('Records')),
          400: ERROR,
          413: ERROR,
          415: ERROR,
          503: ERROR,
        },
      },
    },
    '/api/policy/records/reset': {
      post: {
        operationId: 'resetRecords',
        summary: 'Goes back to the records of the settings',
        responses: { 200: json('The records in force', ref('Records')), 503: ERROR },
      },
    },
    '/api/policy/openapi.json': {
      get: {
        operationId: 'openapi',
        summary: 'This description',
        responses: { 200: { description: 'OpenAPI 3.1', content: { 'application/json': {} } } },
      },
    },
  },
  components: {
    securitySchemes: SECURITY.securitySchemes,
    responses: SECURITY.responses,
    schemas: SCHEMAS,
  },
} as const
