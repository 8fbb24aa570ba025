// What a zone file may say: the schema of the YAML files in zones/ and in a user's own directory.

import { z } from 'zod'
import { complaintOf, FOR_COMPLAINTS } from '../complaint.ts'
import { AsnzoneError } from '../errors.ts'
import { LISTED_ADDRESS, listsSchema, reasonTemplate, unfitForList } from './lists.ts'
import { ANSWER_TYPES } from './record-type.ts'
import { ZoneBody } from './zone.ts'

/** TTLs that a zone has when it says nothing, in seconds. */
export const DEFAULT_TTL = 3600
export const DEFAULT_NEGATIVE_TTL = 300

/** The keys of what a zone answers with: names of types in small letters, and what TXT may be instead. */
const ANSWER_KEYS = [
  ...ANSWER_TYPES.map((name) => name.toLowerCase() as Lowercase<typeof name>),
  'json',
] as const

const OWNERS = ['ipv4', 'ipv6', 'ip', 'address', 'asn', 'none'] as const

const ttl = z.int('a whole number of seconds from 0 to 2147483647').min(0).max(2147483647)

/** Not digits, which would come before all others in an object. */
const MEMBER_NAME = 'a name of letters, digits, hyphens and underscores that begins with a letter'
const MEMBER = 'a {field}, a text, a number, true, false or null'

const example = z.strictObject({
  ask: z.string().describe('an address, or an AS number such as AS15169'),
  cc: z.string().optional().describe('what {cc} stands for in the apex'),
  type: z.enum(ANSWER_TYPES),
  answer: z.string().describe('the answer as dig +short prints it'),
  with: z
    .record(z.string(), z.unknown())
    .optional()
    .describe('the settings that it takes, where the defaults give another answer or none'),
})

/** A name that objects in JavaScript have a meaning for, so that no check of theirs sees it. */
const PROTO = '__proto__'

/** A map, in which that name is refused as others are that are not what they have to be. */
const mapOf = <Key extends z.core.$ZodRecordKey, Value extends z.ZodType>(
  key: Key,
  value: Value,
  expected: string,
) =>
  z.preprocess(
    (map, context) => {
      if (typeof map === 'object' && map !== null && Object.hasOwn(map, PROTO)) {
        context.addIssue({ code: 'custom', path: [PROTO], message: `'${PROTO}' is not ${expected}` })
      }
      return map
    },
    z.record(key, value),
  )

/** Fields of addresses: of no AS is one known. */
const OF_ADDRESSES: ReadonlySet<string> = new Set([
  'ip',
  'prefix',
  'network',
  'length',
  'range',
  'rpki',
  'roas',
  'rpki-code',
  'city',
  'region',
])

const member = z
  .union([z.string(), z.number(), z.boolean(), z.null()], MEMBER)
  .refine((value) => !Number.isInteger(value) || Number.isSafeInteger(value), {
    error: `a whole number beyond ${Number.MAX_SAFE_INTEGER} is another one for many readers of JSON; put it between quotation marks`,
  })

const zone = z
  .strictObject({
    apex: z.union([z.string(), z.array(z.string()).min(1)]).transform((apex) => [apex].flat()),
    owner: z.enum(OWNERS).optional(),
    needs: z
      .enum(['anything', 'asn', 'country', 'location', 'distance', 'score', 'rpki', 'reputation'])
      .default('anything'),
    country: z
      .string("a two-letter country code, or '{cc}'")
      .min(1, "a two-letter country code, or '{cc}'")
      .optional(),
    lists: listsSchema.optional(),
    txt: z
      .union([z.string(), z.array(z.string()).min(1)])
      .transform((txt) => [txt].flat())
      .optional(),
    json: mapOf(z.string().regex(/^[A-Za-z][\w-]*$/, MEMBER_NAME), member, MEMBER_NAME).optional(),
    a: z.string().optional(),
    aaaa: z.string().optional(),
    unknown: z.string().default(''),
    partial: z.boolean().default(false),
    'multi-origin': z.boolean().default(false),
    ttl: ttl.default(DEFAULT_TTL),
    'negative-ttl': ttl.default(DEFAULT_NEGATIVE_TTL),
    example: example.optional(),
  })
  .superRefine((value, context) => {
    const wrong = (field: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [field], message })
    }
    if (value.lists !== undefined) {
      if (value.owner === 'asn' || value.owner === 'none') {
        wrong(
          'owner',
          `a zone with lists has addresses, not owner ${value.owner}; leave owner out, or write ip`,
        )
      }
    } else if (value.owner === undefined) {
      wrong('owner', `it is missing; write one of ${OWNERS.join(', ')}`)
    }
    const { owner = 'ip', lists } = value
    if (value.partial && owner !== 'ipv6' && owner !== 'ip') {
      wrong('partial', `it is about reversed IPv6 names, which owner ${owner} has not; leave it out`)
    }
    if (owner === 'asn') {
      for (const [field, template] of templatesOf(value)) {
        const unknown = [...template.matchAll(/\{([^{}]*)\}/g)].find(([, name]) => OF_ADDRESSES.has(name))
        if (unknown === undefined) continue
        wrong(
          field,
          `${unknown[0]} is of addresses, and known of no AS; leave it out, or write another owner`,
        )
      }
    }
    if (lists !== undefined) {
      for (const field of ['a', 'aaaa'] as const) {
        const reason = value[field] === undefined ? null : unfitForList(value[field])
        if (reason !== null) wrong(field, reason)
      }
      const { country } = value
      if (
        country !== undefined &&
        country !== '{cc}' &&
        lists.country?.includes(country.toUpperCase()) === false
      )
        wrong(
          'country',
          `no address is in ${country.toUpperCase()} and in one of ${lists.country.join(', ')}; leave it out, or add it to lists.country`,
        )
    }
    if (value.owner === 'none') {
      const answer = ANSWER_KEYS.find((key) => value[key] !== undefined)
      if (answer !== undefined) {
        wrong('owner', `a zone of owner none holds no names, so it can have no ${answer}`)
      }
      return
    }
    if (value.json === undefined) {
      if (value.lists === undefined && value.txt === undefined && value.a === undefined)
        wrong('txt', 'a zone needs txt, json or a')
    } else if (value.txt !== undefined) wrong('json', 'a zone has one TXT record: txt or json')
    else if (value.unknown !== '') wrong('unknown', 'what is unknown is null in JSON; leave it out')
    else if (Object.keys(value.json).length === 0)
      wrong('json', 'it has no member; write one such as asn: "{asn}"')
    if (value.lists === undefined && value.example === undefined) {
      wrong('example', 'a zone needs an example: a question and its answer')
    }
    const patterns = value.apex.some((apex) => apex.includes('{cc}'))
    if (patterns !== (value.country === '{cc}')) {
      wrong('country', "'{cc}' in an apex and country: '{cc}' go together")
    }
  })
  .transform(({ owner = 'ip', ...value }) => {
    const { lists, a = LISTED_ADDRESS, txt, json } = value
    if (lists === undefined) return { ...value, owner }
    return json === undefined
      ? { ...value, owner, a, txt: txt ?? [reasonTemplate(lists)] }
      : { ...value, owner, a }
  })

const ZONE_NAME = 'a name of small letters, digits and hyphens'

const zoneFile = z.strictObject({
  zones: mapOf(z.string().regex(/^[a-z0-9][a-z0-9-]*$/, ZONE_NAME), zone, ZONE_NAME),
})

/** A zone as its file defines it, with defaults filled in. */
export type ZoneDefinition = z.output<typeof zone> & {
  /** The key in the file: unique among all files; names the zone in `disable` and in counters. */
  readonly id: string
  /** The file that defines it, for error messages. */
  readonly file: string
}

/**
 * Checks the parsed contents of a zone file.
 *
 * @param file the file's name for error messages
 * @param where where the value at a path of keys stands, for error messages; the file's name when not given
 * @throws {AsnzoneError} `ASNZONE_ZONE` that names the file, the zone and the field.
 */
export function parseZoneFile(
  file: string,
  contents: unknown,
  where: (path: readonly PropertyKey[]) => string = () => file,
): ZoneDefinition[] {
  const parsed = zoneFile.safeParse(contents, FOR_COMPLAINTS)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const [, id, ...path] = issue.path
    const zoneName =
      id === undefined
        ? issue.path.map((key) => `${String(key)}: `).join('')
        : `zone ${String(id)}${path.length > 0 ? ', ' : ': '}`
    const names = path.filter((key) => typeof key !== 'number')
    const field = names.length > 0 ? `${names.map(String).join('.')}: ` : ''
    const place = where(issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]] : issue.path)
    throw new AsnzoneError('ASNZONE_ZONE', `${place}: ${zoneName}${field}${complaintOf(issue)}`)
  }
  return Object.entries(parsed.data.zones).map(([id, fields]) => {
    const definition = { ...fields, id, file }
    try {
      new ZoneBody(definition, 0, { authority: NO_AUTHORITY })
    } catch (cause) {
      const { message } = cause as Error
      const [field] = message.split(':', 1)
      const place = where(['zones', id, ...field.split('.')])
      throw new AsnzoneError('ASNZONE_ZONE', `${place}: zone ${id}, ${message}`, { cause })
    }
    return definition
  })
}

/** What may have fields in it, with the name of its key. */
function templatesOf({
  txt = [],
  json = {},
  a,
  aaaa,
}: {
  readonly txt?: readonly string[] | undefined
  readonly json?: Readonly<Record<string, unknown>> | undefined
  readonly a?: string | undefined
  readonly aaaa?: string | undefined
}): [field: string, template: string][] {
  const all: [string, unknown][] = [
    ...txt.map((text): [string, unknown] => ['txt', text]),
    ...Object.values(json).map((value): [string, unknown] => ['json', value]),
    ['a', a],
    ['aaaa', aaaa],
  ]
  return all.filter((one): one is [string, string] => typeof one[1] === 'string')
}

/** Stands for what all zones share, where a zone is looked at alone. */
const NO_AUTHORITY = { nameservers: [Uint8Array.of(0)], contact: Uint8Array.of(0), serial: 0, about: [] }
