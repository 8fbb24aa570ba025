// Dovecot's auth policy protocol without a service: its paths, commands, answers, and what is wrong with a request.

import { describe, expect, test } from 'vitest'
import { AsnzoneError } from '../../src/errors.ts'
import { createGeoipPolicyd } from '../../src/http/geoip-policyd.ts'
import type { PolicydConduct } from '../../src/http/task.ts'
import { remoteCommands } from '../../src/policy-server/commands.ts'

const BASE = 'http://127.0.0.1:8080'
const REJECT = {
  action: 'reject',
  unjudged: null,
  answer: 'REJECT Policy violation. Please contact your support',
}
const PASS = { action: 'none', unjudged: null, answer: 'DUNNO' }
const AWAY = { action: 'none', unjudged: 'store', answer: 'DUNNO' }

/** As Dovecot 2.3 sends it. */
const ALLOW = {
  device_id: '',
  login: 'user@example.com',
  protocol: 'smtp',
  pwhash: '005f',
  remote: '198.51.100.7',
  session_id: '',
  tls: false,
}
const REPORT = { ...ALLOW, success: true, policy_reject: false }

/** The interface of a service that gives one verdict, or throws. */
function start(answer: unknown = PASS, dovecot: Partial<PolicydConduct['dovecot']> = {}) {
  const asked: [string, unknown][] = []
  const errors: Error[] = []
  const policy = remoteCommands(async (name, argument) => {
    asked.push([name, argument])
    if (answer instanceof Error) throw answer
    return answer
  })
  const hono = createGeoipPolicyd({
    policy,
    conduct: () => ({
      token: null,
      login: null,
      getReload: true,
      dovecot: { isProven: false, tarpit: 5, onError: 'dunno', ...dovecot },
    }),
    onError: (error) => errors.push(error),
  })
  const send = async (method: string, path: string, body?: unknown, type = 'application/json') => {
    const text = typeof body === 'string' ? body : JSON.stringify(body)
    const response = await hono.fetch(
      new Request(`${BASE}${path}`, {
        method,
        headers: { host: '127.0.0.1:8080', 'content-type': type },
        ...(body === undefined ? {} : { body: text }),
      }),
    )
    return { status: response.status, text: await response.text(), headers: response.headers }
  }
  return { send, asked, errors }
}

describe.each(['/dovecotpolicy?command=', '/?command=', '/command/'])('%s', (path) => {
  test('allow asks, and counts nothing', async () => {
    const { send, asked } = start()
    expect(await send('POST', `${path}allow`, ALLOW)).toMatchObject({
      status: 200,
      text: '{"status":0,"msg":"ok"}',
    })
    expect(asked).toEqual([['allow', { user: 'user@example.com', address: '198.51.100.7', isProven: false }]])
  })

  test('report tells how a login has ended', async () => {
    const { send, asked } = start()
    const done = path.startsWith('/dovecot') ? '{"status":0,"msg":"ok"}' : '{"status":"ok"}'
    for (const success of [true, false]) {
      expect(await send('POST', `${path}report`, { ...REPORT, success })).toMatchObject({
        status: 200,
        text: done,
      })
    }
    const login = { user: 'user@example.com', address: '198.51.100.7' }
    expect(asked).toEqual([
      ['report', { ...login, isSuccess: true }],
      ['report', { ...login, isSuccess: false }],
    ])
  })

  test('a refusal of ours says nothing of the password', async () => {
    const { send, asked } = start()
    const report = { ...REPORT, success: false, policy_reject: true }
    expect((await send('POST', `${path}report`, report)).status).toBe(200)
    expect(asked).toEqual([])
  })

  test('reset lifts a block, and ping answers, with GET as well', async () => {
    const { send, asked } = start(1)
    const ok = { status: 200, text: '{"status":"ok"}' }
    expect(await send('POST', `${path}reset`, { login: 'anna' })).toMatchObject(ok)
    expect(await send('POST', `${path}ping`)).toMatchObject(ok)
    expect(await send('GET', `${path}ping`)).toMatchObject(ok)
    expect(asked).toEqual([['unblock', 'anna']])
  })

  test.each([
    [
      'an unknown command',
      'POST',
      'addBLEntry',
      {},
      400,
      /^\{"error":"the command is one of allow, report, reset, ping"\}$/,
    ],
    ['a command of every object', 'POST', 'constructor', {}, 400, /the command is one of/],
    ['another method', 'GET', 'allow', undefined, 405, /POST only/],
    ['no JSON', 'POST', 'allow', '{', 400, /not JSON/],
    [
      'a login that is a number',
      'POST',
      'allow',
      { ...ALLOW, login: 5 },
      400,
      /login: .*the name of an account/,
    ],
    ['an address that is a list', 'POST', 'allow', { ...ALLOW, remote: [] }, 400, /remote: .*an IP address/],
    ['a report without an outcome', 'POST', 'report', ALLOW, 400, /success: .*true or false/],
    ['an outcome that is a text', 'POST', 'report', { ...REPORT, success: 'true' }, 400, /success: /],
    ['a reset of nobody', 'POST', 'reset', { ip: '192.0.2.1' }, 400, /login: /],
    ['more than a megabyte', 'POST', 'allow', { ...ALLOW, device_id: 'x'.repeat(1 << 20) }, 413, /at most/],
  ])('%s is refused', async (_name, method, command, body, status, message) => {
    const { send, asked, errors } = start()
    const answer = await send(method, `${path}${command}`, body)
    expect([answer.status, answer.text]).toEqual([status, expect.stringMatching(message)])
    expect([asked, errors]).toEqual([[], []])
  })
})

test('another content type is 400, another method is named, and / without a command is nothing', async () => {
  const { send } = start()
  expect((await send('POST', '/dovecotpolicy?command=allow', ALLOW, 'text/plain')).status).toBe(400)
  expect((await send('PUT', '/dovecotpolicy', {})).headers.get('allow')).toBe('POST')
  expect((await send('PUT', '/command/allow', {})).headers.get('allow')).toBe('POST')
  expect((await send('POST', '/dovecotpolicy', ALLOW)).status).toBe(400)
  expect((await send('POST', '/', ALLOW)).status).toBe(404)
  expect((await send('GET', '/')).status).toBe(404)
})

test('without a name or an address it is asked all the same: nobody is judged, and the login goes on', async () => {
  const { send, asked } = start({ ...PASS, unjudged: 'no user' })
  expect((await send('POST', '/dovecotpolicy?command=allow', {})).text).toBe('{"status":0,"msg":"ok"}')
  expect(asked).toEqual([['allow', { user: '', address: '', isProven: false }]])
})

describe('allow', () => {
  test.each<[string, unknown, string]>([
    ['a refusal', REJECT, '{"status":-1,"msg":"Policy violation. Please contact your support"}'],
    [
      'a refusal by number',
      { ...REJECT, answer: '550 5.7.1 Not from there' },
      '{"status":-1,"msg":"5.7.1 Not from there"}',
    ],
    ['a refusal of one word', { ...REJECT, answer: 'REJECT' }, '{"status":-1,"msg":""}'],
    [
      'a deferral waits',
      { ...REJECT, action: 'defer', answer: 'DEFER Try later' },
      '{"status":7,"msg":"Try later"}',
    ],
    ['a warning goes on', { ...PASS, action: 'warn', answer: 'WARN policy' }, '{"status":0,"msg":"ok"}'],
    ['a refusal that is only watched goes on', { ...PASS, would: 'reject' }, '{"status":0,"msg":"ok"}'],
  ])('%s', async (_name, verdict, text) => {
    const { send } = start(verdict, { tarpit: 7 })
    expect(await send('POST', '/dovecotpolicy?command=allow', ALLOW)).toMatchObject({ status: 200, text })
  })

  test('says that the password was right where it is asked after it', async () => {
    const { send, asked } = start(PASS, { isProven: true })
    await send('POST', '/dovecotpolicy?command=allow', ALLOW)
    expect(asked).toMatchObject([['allow', { isProven: true }]])
  })
})

describe.each([
  ['dunno', '{"status":0,"msg":"the store of the policy service is not available"}'],
  ['defer', '{"status":-1}'],
  ['close', '{"status":-1}'],
] as const)('without a store, on-error: %s', (onError, text) => {
  test.each([
    ['the store', AWAY],
    ['the service', new AsnzoneError('ASNZONE_POLICY', 'it is being started again')],
  ])('%s is away', async (_what, answer) => {
    const { send, errors } = start(answer, { onError })
    for (const [command, body] of [
      ['allow', ALLOW],
      ['report', REPORT],
    ] as const) {
      expect(await send('POST', `/?command=${command}`, body)).toMatchObject({ status: 200, text })
    }
    expect(errors).toEqual([])
  })
})

test('a block that can’t be lifted now is told, whatever on-error says', async () => {
  const { send } = start(new AsnzoneError('ASNZONE_POLICY', 'away'))
  expect(await send('POST', '/?command=reset', { login: 'anna' })).toMatchObject({
    status: 200,
    text: '{"status":-1}',
  })
})

test('a fault of ours is 500, and is logged', async () => {
  const { send, errors } = start(new Error('a fault'))
  expect((await send('POST', '/?command=allow', ALLOW)).status).toBe(500)
  expect(errors).toHaveLength(1)
})
