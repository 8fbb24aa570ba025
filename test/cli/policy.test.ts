// asnzone policy: the same commands with a running server, and without one on what it has left.

import { once } from 'node:events'
import { chmodSync, chownSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/folders.ts'
import { type Outcome, runCli, startServer } from '../support/programs.ts'

const REJECT = 'action=REJECT Policy violation. Please contact your support'

/** A folder with a config of the policy service, whose accounts are asked about by commands. */
class Place {
  readonly folder = temporaryFolder()
  readonly socket = join(this.folder, 'policy.sock')

  constructor(policy = '') {
    const config = `policy:\n  listen: ["unix:${this.socket}"]\n  limits: { countries: 2, ips: 3 }\n${policy}`
    writeFileSync(join(this.folder, 'asnzone.yaml'), config)
  }

  get options() {
    return { cwd: this.folder, env: { ASNZONE_DATA_DIR: join(this.folder, 'data') } }
  }

  run(...args: string[]): Promise<Outcome> {
    return runCli(['policy', ...args], this.options)
  }

  serve() {
    return startServer(['--listen', '127.0.0.1:0'], this.options)
  }

  /** Asks as Postfix does. */
  async ask(user: string, address: string): Promise<string> {
    const socket = connect(this.socket)
    socket.write(`request=smtpd_access_policy\nsasl_username=${user}\nclient_address=${address}\n\n`)
    const [answer] = await once(socket, 'data')
    socket.destroy()
    return String(answer).trim()
  }
}

describe('with a server', () => {
  let place: Place
  let stop: () => Promise<unknown>
  beforeAll(async () => {
    place = new Place('  users: [{ sender: u9, countries: 1 }]\n')
    const server = await place.serve()
    stop = () => server.stop()
    for (const address of ['193.99.144.80', '8.8.8.8']) {
      expect(await place.ask('u2', address)).toBe('action=DUNNO')
    }
    expect(await place.ask('u2', '77.88.8.8')).toBe(REJECT)
    expect(await place.ask('u1', '193.99.144.80')).toBe('action=DUNNO')
    return () => stop()
  })

  test('check says that a blocked account is refused, and ends with 1', async () => {
    const { code, stdout } = await place.run('check', 'u2', '193.99.144.80')
    expect(stdout).toMatch(/^blocked until \S+ \S+ UTC: countries 3\/2\n/)
    expect(code).toBe(1)
  })

  test('check tells what an account would get, and counts nothing', async () => {
    for (const address of ['8.8.8.8', '8.8.8.8']) {
      const { code, stdout } = await place.run('check', 'U1', address)
      expect(stdout).toMatch(/^passes\n {2}account +u1\n {2}address +8\.8\.8\.8, US, AS15169\n/)
      expect(stdout).toMatch(/^ {2}countries +2 of 2$/m)
      expect(code).toBe(0)
    }
    const { stdout } = await place.run('show', 'u1', '--json')
    expect((JSON.parse(stdout) as { ips: unknown[] }).ips).toHaveLength(1)
  })

  test('check --json has all of it', async () => {
    const { stdout } = await place.run('check', 'u9', '8.8.8.8', '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      action: 'none',
      user: 'u9',
      country: 'US',
      asn: 15169,
      record: 'u9',
      counts: { countries: 1 },
      limits: { countries: 1 },
    })
  })

  test.each([
    ['u1', 'unknown', "check: 'unknown' is not an IPv4 or IPv6 address"],
    ['u1', '1.2.3.256', "check: '1.2.3.256' is not an IPv4 or IPv6 address"],
    ['', '8.8.8.8', "check: '' can't be the name of an account"],
  ])('check of %j from %s is refused as it can’t be meant', async (user, address, reason) => {
    expect(await place.run('check', user, address)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `asnzone: ${reason}\n`,
    })
  })

  test('list has every account, and with --blocked those that are blocked', async () => {
    const { stdout } = await place.run('list')
    expect(stdout).toMatch(/^account +countries +addresses +requests +refused +last +blocked until +by\n/)
    expect(stdout).toMatch(/^u1 +DE +1 .* --$/m)
    const blocked = await place.run('list', '--blocked', '--json')
    const rows = blocked.stdout.trim().split('\n')
    expect(rows.map((row) => (JSON.parse(row) as { user: string }).user)).toEqual(['u2'])
  })

  test('show has places, events and the block', async () => {
    const { stdout } = await place.run('show', 'u2')
    expect(stdout).toMatch(/^ {2}blocked +until .*: countries 3\/2$/m)
    expect(stdout).toMatch(/^ {2}countries +RU .*\(refused, not counted\)$/m)
    expect(stdout).toMatch(/^ {2}event .* reject by countries, 77\.88\.8\.8, RU$/m)
  })

  test('history lists refusals, as a table, JSON and CSV', async () => {
    const { stdout } = await place.run('history')
    expect(stdout).toMatch(/^time +account +address +country +AS +rule +answer +asked by\n/)
    expect(stdout).toMatch(/^\S+ \S+ UTC +u2 +77\.88\.8\.8 +RU +AS13238 +countries +reject +postfix\n$/m)
    const json = (await place.run('history', 'U2', '--json')).stdout.trim().split('\n')
    expect(json.map((line) => JSON.parse(line) as object)).toMatchObject([{ user: 'u2', rule: 'countries' }])
    const csv = (await place.run('history', '--since', '1h', '--csv')).stdout.split('\n')
    expect(csv[0]).toBe('time,user,address,country,asn,rule,action,source,host')
    expect(csv[1]).toMatch(/^\S+Z,u2,77\.88\.8\.8,RU,13238,countries,reject,postfix,$/)
    expect((await place.run('history', 'u1')).stdout).toBe('nothing was refused\n')
    expect((await place.run('history', 'u1', '--csv')).stdout).toBe(`${csv[0]}\n`)
  })

  test('records shows those in force', async () => {
    const { stdout } = await place.run('records')
    expect(stdout).toBe('1 record, from the settings\n{"sender":"u9","countries":1}\n')
  })

  test('unblock lifts one block, or all', async () => {
    const place = new Place()
    const server = await place.serve()
    const blockAll = async (): Promise<void> => {
      for (const user of ['a', 'b']) {
        for (const address of ['193.99.144.80', '8.8.8.8', '77.88.8.8']) await place.ask(user, address)
      }
    }
    await blockAll()
    expect(await place.run('unblock', 'a')).toMatchObject({ code: 0, stdout: 'a is unblocked\n' })
    expect(await place.ask('a', '193.99.144.80')).toBe('action=DUNNO')
    expect(await place.ask('b', '193.99.144.80')).toBe(REJECT)
    expect(await place.run('unblock', 'a')).toMatchObject({ code: 0, stdout: 'a was not blocked\n' })
    expect(await place.run('unblock', '--all')).toMatchObject({ code: 0, stdout: '1 unblocked\n' })
    expect(await place.ask('b', '193.99.144.80')).toBe('action=DUNNO')
    await server.stop()
  })

  test.each([
    [['unblock'], /name an account, or --all for all of them$/],
    [['unblock', 'u1', '--all'], /name an account, or --all for all of them$/],
    [['unblock', 'nobody'], /^asnzone: nothing is known of nobody$/],
    [['show', 'nobody'], /^asnzone: nothing is known of nobody$/],
    [['history', '--json', '--csv'], /name one of --json and --csv$/],
    [['history', '--since', 'long'], /a duration such as 24h or 7d/],
    [['history', '--limit', '0'], /a whole number from 1 on/],
    [['forget', 'nobody'], /^asnzone: nothing is known of nobody$/],
    [['forget', 'a\u001bb'], /can't be the name of an account$/],
  ])('%j ends with 1', async (args, message) => {
    const { code, stderr } = await place.run(...args)
    expect(stderr.trim()).toMatch(message)
    expect(code).toBe(1)
  })
})

describe('without a server', () => {
  test('the commands work on what it has left, and forget removes it', async () => {
    const place = new Place()
    const server = await place.serve()
    for (const address of ['193.99.144.80', '8.8.8.8', '77.88.8.8']) await place.ask('u2', address)
    await server.stop()
    expect((await place.run('check', 'u2', '193.99.144.80')).code).toBe(1)
    expect((await place.run('list')).stdout).toMatch(/^u2 /m)
    expect(await place.run('unblock', 'u2')).toMatchObject({ code: 0, stdout: 'u2 is unblocked\n' })
    const again = await place.serve()
    expect(await place.ask('u2', '193.99.144.80')).toBe('action=DUNNO')
    await again.stop()
    expect(await place.run('forget', 'u2')).toMatchObject({ code: 0, stdout: 'u2 is forgotten\n' })
    expect((await place.run('list')).stdout).toBe('no account is kept\n')
  })

  test('where nothing is kept, that is said, and no file is made', async () => {
    const place = new Place()
    const { code, stderr } = await place.run('list')
    expect(stderr).toMatch(/^asnzone: no server with a policy service runs .* set policy\.listen/)
    expect(code).toBe(1)
    expect(statSync(join(place.folder, 'data'), { throwIfNoEntry: false })?.isDirectory() ?? false).toBe(
      false,
    )
  })

  test('whose control socket is gone, one line says that it has to be stopped', async () => {
    const place = new Place()
    const server = await place.serve()
    expect(await place.ask('u1', '193.99.144.80')).toBe('action=DUNNO')
    rmSync(join(place.folder, 'data', 'control.sock'))
    const { code, stderr } = await place.run('list')
    expect(stderr).toMatch(
      /^asnzone: \S+policy\.sqlite: another process has it open, .* has to be stopped before commands can use its files\n$/,
    )
    expect(code).toBe(1)
    await server.stop()
    expect((await place.run('list')).stdout).toMatch(/^u1 /m)
  })

  test.runIf(process.geteuid?.() === 0)('root is sent to the user of the folder', async () => {
    const place = new Place()
    const server = await place.serve()
    await server.stop()
    chownSync(join(place.folder, 'data'), 65534, 65534)
    const { code, stderr } = await place.run('list')
    expect(stderr).toMatch(/belongs to nobody: run it as nobody/)
    expect(code).toBe(1)
  })
})

describe.runIf(process.geteuid?.() === 0)(
  'root, on what the server of a service has left (skipped without root)',
  () => {
    /** An account of a service that every Debian has. */
    const DAEMON = 1
    let place: Place
    let data: string

    beforeAll(async () => {
      place = new Place()
      data = join(place.folder, 'data')
      const server = await place.serve()
      for (const address of ['193.99.144.80', '8.8.8.8']) await place.ask('u2', address)
      expect(await place.ask('u2', '77.88.8.8')).toBe(REJECT)
      expect(await place.ask('u1', '8.8.8.8')).toBe('action=DUNNO')
      await server.stop()
      chmodSync(place.folder, 0o755)
      for (const name of ['', ...readdirSync(data)]) chownSync(join(data, name), DAEMON, DAEMON)
    })

    // In this order: each finds what the ones before it have left.
    test.each([
      [['list'], /^account .*\nu1 .*\nu2 /s],
      [['list', '--blocked', '--json'], /^\{"user":"u2",.*\}\n$/],
      [['show', 'u2'], /blocked/],
      [['history', 'u2'], /77\.88\.8\.8/],
      [['records'], /^no records, from the settings\n$/],
      [['check', 'u1', '193.99.144.80'], /^passes\n/],
      [['unblock', 'u2'], /^u2 is unblocked\n$/],
      [['list', '--blocked'], /^nobody is blocked\n$/],
      [['forget', 'u1'], /^u1 is forgotten\n$/],
      [['list'], /^(?!.*u1 ).*u2 /s],
    ])('%j works as the owner', async (args, shown) => {
      const { code, stdout, stderr } = await place.run(...args)
      expect([code, stderr]).toEqual([0, ''])
      expect(stdout).toMatch(shown)
      expect(new Set(readdirSync(data).map((name) => statSync(join(data, name)).uid))).toEqual(
        new Set([DAEMON]),
      )
    })

    test('an account that is gone ends with 1', async () => {
      expect(await place.run('show', 'u1')).toMatchObject({
        code: 1,
        stderr: 'asnzone: nothing is known of u1\n',
      })
    })

    test('the service goes on with what root has changed', async () => {
      const server = await startServer(['--listen', '127.0.0.1:0', '--user', 'daemon'], place.options)
      try {
        expect((await place.run('list')).stdout).toMatch(/^(?!.*u1 ).*u2 /s)
      } finally {
        await server.stop()
      }
    })
  },
)
