// /api/policy of the built server: every example of its OpenAPI description is sent.

import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../support/folders.ts'
import { type RunningServer, startServer } from '../../support/programs.ts'

interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly example: string | number
}

interface Operation {
  readonly operationId: string
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly example: unknown } } }
  readonly responses: Readonly<Record<string, unknown>>
}

interface OpenApi {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

let server: RunningServer
let url: string
let socket: string

async function ask(user: string, address: string): Promise<string> {
  const client = connect(socket)
  client.write(`request=smtpd_access_policy\nsasl_username=${user}\nclient_address=${address}\n\n`)
  const [answer] = await once(client, 'data')
  client.destroy()
  return String(answer).trim()
}

beforeAll(async () => {
  const folder = temporaryFolder()
  socket = join(folder, 'policy.sock')
  const policy = `policy: { listen: ["unix:${socket}"], limits: { countries: 2, ips: 3 } }`
  writeFileSync(join(folder, 'asnzone.yaml'), `http: 127.0.0.1:0\n${policy}\n`)
  server = await startServer(['--listen', '127.0.0.1:0'], {
    cwd: folder,
    env: { ASNZONE_DATA_DIR: join(folder, 'data') },
  })
  url = server.log.flatMap(({ msg }) => /^pages, .* (http:\/\/\S+)\/$/.exec(msg)?.[1] ?? [])[0]
})
afterAll(() => server.stop())

/** Sends the example of an operation. */
async function send(path: string, method: string, { parameters = [], requestBody }: Operation) {
  const filled = parameters
    .filter((parameter) => parameter.in === 'path')
    .reduce((text, { name, example }) => text.replace(`{${name}}`, encodeURIComponent(example)), path)
  const query = new URLSearchParams()
  for (const it of parameters) if (it.in === 'query') query.set(it.name, String(it.example))
  const response = await fetch(`${url}${filled}?${query}`, {
    method: method.toUpperCase(),
    ...(requestBody === undefined
      ? {}
      : {
          body: JSON.stringify(requestBody.content['application/json'].example),
          headers: { 'content-type': 'application/json' },
        }),
  })
  const isCsv = response.headers.get('content-type') === 'text/csv; charset=utf-8'
  const body = isCsv ? { csv: await response.text() } : await response.json()
  return { status: response.status, body: body as Record<string, unknown> }
}

describe('its description', () => {
  test('every example of it is answered with 200, and with what it says', async () => {
    const description = (await (await fetch(`${url}/api/policy/openapi.json`)).json()) as OpenApi
    expect(description.openapi).toBe('3.1.0')
    const answers = new Map<string, Record<string, unknown>>()
    // What removes the account comes last.
    const operations = Object.entries(description.paths)
      .flatMap(([path, methods]) => Object.entries(methods).map(([method, it]) => ({ path, method, it })))
      .sort((a, b) => Number(a.it.operationId === 'forgetUser') - Number(b.it.operationId === 'forgetUser'))
    expect(operations).toHaveLength(11)
    for (const address of ['193.99.144.80', '8.8.8.8', '77.88.8.8']) await ask('anna@example.org', address)
    for (const { path, method, it } of operations) {
      const { status, body } = await send(path, method, it)
      expect([it.operationId, status]).toEqual([it.operationId, 200])
      expect(Object.keys(it.responses)).toContain('200')
      answers.set(it.operationId, body)
    }
    expect(answers.get('showUser')).toMatchObject({
      user: 'anna@example.org',
      block: { reason: 'countries 3/2' },
    })
    expect(answers.get('listEvents')).toMatchObject({
      events: [{ user: 'anna@example.org', address: '77.88.8.8', rule: 'countries', host: null }],
      next: null,
    })
    expect(answers.get('exportEvents')?.csv).toMatch(
      /^time,user,address,country,asn,rule,action,source,host\n\S+Z,anna@example\.org,77\.88\.8\.8,RU,13238,countries,reject,postfix,\n$/,
    )
    expect(answers.get('unblockUser')).toEqual({ unblocked: true })
    expect(answers.get('check')).toMatchObject({ country: 'US', asn: 15169 })
    expect(answers.get('setRecords')).toMatchObject({ source: 'set', records: [{ ips: 20 }] })
    expect(answers.get('resetRecords')).toEqual({ source: 'settings', records: [] })
    expect(answers.get('forgetUser')).toEqual({ forgotten: true })
  })
})

test('a block is lifted, and the next request passes', async () => {
  for (const address of ['193.99.144.80', '8.8.8.8', '77.88.8.8']) await ask('u2', address)
  expect(await ask('u2', '193.99.144.80')).toMatch(/^action=REJECT/)
  const blocked = (await (await fetch(`${url}/api/policy/users?state=blocked`)).json()) as {
    users: { user: string }[]
  }
  expect(blocked.users.map(({ user }) => user)).toEqual(['u2'])
  const lifted = await fetch(`${url}/api/policy/users/u2/block`, { method: 'DELETE' })
  expect(await lifted.json()).toEqual({ unblocked: true })
  expect(await ask('u2', '193.99.144.80')).toBe('action=DUNNO')
})

test('records that are wrong change nothing, and the answer names record and field', async () => {
  const put = (records: unknown) =>
    fetch(`${url}/api/policy/records`, {
      method: 'PUT',
      body: JSON.stringify({ records }),
      headers: { 'content-type': 'application/json' },
    })
  const refused = await put([{ sender: 'a' }, { sender: 'b', ips: 'many' }])
  expect(refused.status).toBe(400)
  expect(((await refused.json()) as { error: string }).error).toMatch(/record 2: ips: /)
  expect(await (await fetch(`${url}/api/policy/records`)).json()).toEqual({ source: 'settings', records: [] })
})
