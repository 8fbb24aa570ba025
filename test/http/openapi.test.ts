// The description of /api: every path is in it, and every example of it is answered as it says.

import { afterEach, beforeEach, expect, test } from 'vitest'
import { type App, createApp } from '../../src/http/app.ts'
import { OPENAPI } from '../../src/http/openapi.ts'
import { fakeServer, ownHost } from '../support/running.ts'

interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly const?: unknown
  readonly oneOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly example: unknown }[]
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }>
  >
}

const PATHS = OPENAPI.paths as unknown as Readonly<Record<string, Readonly<Record<string, Operation>>>>
const SCHEMAS = OPENAPI.components.schemas as Readonly<Record<string, Schema>>
const OPERATIONS = Object.entries(PATHS).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
)

let app: App
beforeEach(() => {
  app = createApp(fakeServer().running, ownHost)
})
afterEach(() => app.stop())

const typeOf = (value: unknown): string =>
  value === null
    ? 'null'
    : Array.isArray(value)
      ? 'array'
      : Number.isInteger(value)
        ? 'integer'
        : typeof value

/** What of a value is not as its schema says, one line each. */
function faults(value: unknown, schema: Schema, at = '$'): string[] {
  if (schema.$ref !== undefined) return faults(value, SCHEMAS[schema.$ref.split('/').at(-1) ?? ''], at)
  if (schema.oneOf !== undefined) {
    const all = schema.oneOf.map((one) => faults(value, one, at))
    return all.filter((it) => it.length === 0).length === 1
      ? []
      : [`${at}: not one of ${JSON.stringify(all)}`]
  }
  if ('const' in schema && schema.const !== value) return [`${at} is not ${schema.const}`]
  const types = schema.type === undefined ? [] : [schema.type].flat()
  const isNumber = types.includes('number') && typeof value === 'number'
  if (types.length > 0 && !isNumber && !types.includes(typeOf(value)))
    return [`${at} is ${typeOf(value)}, not ${types}`]
  if (Array.isArray(value)) return value.flatMap((one, i) => faults(one, schema.items ?? {}, `${at}[${i}]`))
  if (typeof value !== 'object' || value === null) return []
  const missing = (schema.required ?? [])
    .filter((name) => !(name in value))
    .map((name) => `${at}.${name} is missing`)
  const members = Object.entries(value).flatMap(([name, one]) =>
    faults(one, schema.properties?.[name] ?? {}, `${at}.${name}`),
  )
  return [...missing, ...members]
}

test('every path of the application is described, and no other', () => {
  const served = app.hono.routes
    .filter(({ path, method }) => path.startsWith('/api/') && !path.includes('*') && method !== 'ALL')
    .map(({ path, method }) => `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)
  const described = OPERATIONS.map(({ path, method }) => `${method} ${path}`)
  expect(described.sort()).toEqual([...new Set(served)].sort())
})

test.each(OPERATIONS)(
  'the example of $method $path is answered as described',
  async ({ path, method, operation }) => {
    const { parameters = [], responses } = operation
    const query = new URLSearchParams()
    for (const it of parameters) if (it.in === 'query') query.set(it.name, String(it.example))
    const filled = parameters
      .filter((it) => it.in === 'path')
      .reduce(
        (text, { name, example }) => text.replace(`{${name}}`, encodeURIComponent(String(example))),
        path,
      )
    expect(filled).not.toContain('{')
    const response = await app.hono.request(`http://127.0.0.1:8053${filled}?${query}`, {
      method: method.toUpperCase(),
      headers: { host: '127.0.0.1:8053' },
    })
    const described = responses[response.status]
    expect(response.status).toBe(method === 'get' ? 200 : 202)
    expect(described).toBeDefined()
    const [type, { schema = {} }] = Object.entries(described.content ?? {})[0]
    expect(response.headers.get('content-type')).toContain(type)
    if (type === 'application/json') expect(faults(await response.json(), schema)).toEqual([])
    else await response.body?.cancel()
  },
)
