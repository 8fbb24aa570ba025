// Becoming another user once the sockets are bound.

import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { SNAPSHOT_FILE } from '../../../src/data/snapshot/snapshot.ts'
import { dropPrivileges } from '../../../src/system/privileges.ts'
import { Asker } from '../../support/asker.ts'
import { COMPILED_DATA, type LaunchedServer, launch, serveCommand } from '../../support/conformance/launch.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { RawClient } from '../../support/http-server.ts'
import { NotifySocket } from '../../support/notify-socket.ts'
import { PolicyClient } from '../../support/policy-client.ts'
import { runCli } from '../../support/programs.ts'
import { overTcp, overUdp } from '../../support/transports.ts'

const NAME = '8.8.8.8.geo.asnzone.internal'

/** The user that every Unix has for those who need no rights; its group has the same number. */
const NOBODY = { name: 'nobody', uid: 65534 }

const isRoot = process.getuid?.() === 0 && process.platform === 'linux'
const servers: LaunchedServer[] = []

afterEach(async () => {
  vi.restoreAllMocks()
  for (const server of servers.splice(0)) await server.stop()
})

/** A port below 1024 that nothing on this host has. */
async function lowPort(): Promise<number> {
  for (let port = 1023; port > 511; port--) {
    const server = createServer()
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    })
    if (!isFree) continue
    await new Promise((resolve) => server.close(resolve))
    return port
  }
  throw new Error('no port below 1024 is free')
}

/** What /proc tells of what each thread of a process may do. */
const RIGHTS = [
  'Uid',
  'Gid',
  'Groups',
  'CapInh',
  'CapPrm',
  'CapEff',
  'CapBnd',
  'CapAmb',
  'NoNewPrivs',
] as const

const NONE = '0000000000000000'

/** Ids are real, effective, saved and of the file system. */
const idsOf = (id: number): string => Array(4).fill(id).join('\t')

/** What nobody may do, after root was given up for good. */
const RIGHTS_OF_NOBODY = {
  Uid: idsOf(NOBODY.uid),
  Gid: idsOf(NOBODY.uid),
  Groups: String(NOBODY.uid),
  CapInh: NONE,
  CapPrm: NONE,
  CapEff: NONE,
  CapBnd: NONE,
  CapAmb: NONE,
  NoNewPrivs: '1',
}

/** The status of each thread of a process, but for those that end meanwhile. */
function threadsOf(pid: number): ((name: string) => string | undefined)[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    try {
      const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8')
      return (name: string) => new RegExp(`^${name}:\\s*(.*?)\\s*$`, 'm').exec(status)?.[1]
    } catch (error) {
      if (!['ENOENT', 'ESRCH'].includes(String((error as NodeJS.ErrnoException).code))) throw error
      return []
    }
  })
}

/** What the descriptors of a process lead to, but for those that are closed meanwhile. */
function descriptorsOf(pid: number): { readonly fd: string; readonly link: string }[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      return { fd, link: readlinkSync(`/proc/${pid}/fd/${fd}`) }
    } catch {
      return []
    }
  })
}

/** The different rights that the threads of a process have: one, unless something is wrong. */
function rightsOf(pid: number): Record<(typeof RIGHTS)[number], string>[] {
  const all = threadsOf(pid).map((field) =>
    JSON.stringify(Object.fromEntries(RIGHTS.map((name) => [name, field(name)]))),
  )
  return [...new Set(all)].map((it) => JSON.parse(it))
}

/** The ids in the status of each thread of a process: real, effective, saved and of the file system; groups. */
function identitiesOf(pid: number): string[] {
  return threadsOf(pid).map(
    (field) => `${field('Uid')} / ${field('Gid')} / ${field('Groups')} / ${field('CapEff')}`,
  )
}

/** A folder that nobody may write, and the snapshot in it unless it is to be empty. */
function folderOfNobody({ empty = false } = {}): string {
  const folder = temporaryFolder()
  chownSync(folder, NOBODY.uid, NOBODY.uid)
  // A server of another test may be using the folder: its control socket can't be copied.
  if (!empty) copyFileSync(join(COMPILED_DATA, SNAPSHOT_FILE), join(folder, SNAPSHOT_FILE))
  return folder
}

describe.skipIf(!isRoot)('as root (skipped without root)', () => {
  test.each(['mmsg', 'dgram'])(
    '--user: a port below 1024 is bound, then every thread is that user, UDP by %s',
    async (udp) => {
      const folder = folderOfNobody({ empty: true })
      const port = await lowPort()
      const args = ['--listen', `127.0.0.1:${port}`, '--user', NOBODY.name, '--data-dir', folder]
      const server = launch(serveCommand([...args, '--udp', udp, '--workers', '2']), { cwd: folder })
      servers.push(server)
      const [address] = await server.ready
      expect(address.port).toBe(port)
      for (const transport of [overUdp(address), overTcp(address)]) {
        expect((await new Asker(() => transport).ask(NAME)).answers).toHaveLength(1)
      }
      const ids = `${NOBODY.uid}\t${NOBODY.uid}\t${NOBODY.uid}\t${NOBODY.uid}`
      const identities = new Set(identitiesOf(server.pid))
      expect([...identities]).toEqual([`${ids} / ${ids} / ${NOBODY.uid} / 0000000000000000`])
      expect(rightsOf(server.pid)).toEqual([RIGHTS_OF_NOBODY])
      // What is written belongs to the user, so that it can be replaced later.
      for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).uid).toBe(NOBODY.uid)
    },
  )

  test('sockets of the policy service are bound by root, a Unix socket where only root may make one', async () => {
    const folder = folderOfNobody()
    // Everybody may go in, and only root may make anything there.
    const place = temporaryFolder()
    chmodSync(place, 0o755)
    const path = join(place, 'p.sock')
    const port = await lowPort()
    const listen = `127.0.0.1:${port},unix:${path}`
    const args = ['--listen', 'none', '--policy-listen', listen, '--user', NOBODY.name, '--data-dir', folder]
    const server = launch(serveCommand(args), { cwd: folder })
    servers.push(server)
    await server.ready
    expect(rightsOf(server.pid)).toEqual([RIGHTS_OF_NOBODY])
    for (const to of [{ host: '127.0.0.1', port }, { path }]) {
      const client = await PolicyClient.connect(to)
      expect(await client.ask({ sasl_username: 'anna', client_address: '8.8.8.8' })).toBe('DUNNO')
      client.destroy()
    }
    expect(statSync(join(folder, 'policy.sqlite')).uid).toBe(NOBODY.uid)
  })

  test('the socket of whois is bound by root', async () => {
    const folder = folderOfNobody()
    const port = await lowPort()
    const args = [
      '--listen',
      'none',
      '--whois',
      `127.0.0.1:${port}`,
      '--user',
      NOBODY.name,
      '--data-dir',
      folder,
    ]
    const server = launch(serveCommand(args), { cwd: folder })
    servers.push(server)
    await server.ready
    expect(rightsOf(server.pid)).toEqual([RIGHTS_OF_NOBODY])
    const client = new RawClient(port)
    client.send('-f 8.8.8.8\r\n')
    expect(await client.ended).toBe('15169   | 8.8.8.8          | Google LLC\n')
  })

  test('no io_uring is root’s, logs are the user’s, and what only root may read of the config counts', async () => {
    const folder = folderOfNobody()
    const config = join(temporaryFolder({ 'asnzone.yaml': `user: nobody\nidentity: told\n` }), 'asnzone.yaml')
    chmodSync(config, 0o600)
    const [log, queries] = [join(folder, 'asnzone.log'), join(folder, 'queries.log')]
    const args = ['--config', config, '--listen', '127.0.0.1:0', '--data-dir', folder]
    const server = launch(serveCommand([...args, '--log-file', log, '--query-log', queries]), { cwd: '/' })
    servers.push(server)
    while (!existsSync(log) || !readFileSync(log, 'utf8').includes('answers on')) await setImmediate()
    for (const file of [log, queries]) expect(statSync(file).uid).toBe(NOBODY.uid)
    const environment = readFileSync(`/proc/${server.pid}/environ`, 'utf8').split('\0')
    expect(environment).toContain('UV_USE_IO_URING=0')
    expect(descriptorsOf(server.pid).filter(({ link }) => link.includes('memfd:asnzone'))).toEqual([])
    expect(server.output()).toBe('')
    expect(await server.stop()).toBe(0)
    expect(readFileSync(log, 'utf8')).toContain(`"config":"${config}"`)
  })

  test('each worker has its own socket, and no child inherits one', async () => {
    const folder = folderOfNobody()
    const args = ['--listen', '127.0.0.1:0', '--listen', '[::1]:0', '--user', NOBODY.name, '--workers', '3']
    const server = launch(serveCommand([...args, '--data-dir', folder]), { cwd: folder })
    servers.push(server)
    const [{ port }, second] = await server.ready
    expect(second.host).toBe('::1')
    const hexPort = port.toString(16).toUpperCase().padStart(4, '0')
    const inodes = readFileSync(`/proc/${server.pid}/net/udp`, 'utf8')
      .split('\n')
      .filter((row) => row.includes(`0100007F:${hexPort} `))
      .map((row) => row.trim().split(/\s+/)[9])
    expect(inodes).toHaveLength(3)
    const own = descriptorsOf(server.pid).filter(({ link }) =>
      inodes.some((inode) => link === `socket:[${inode}]`),
    )
    expect(own).toHaveLength(3)
    const CLOSE_ON_EXEC = 0o2000000
    for (const { fd } of own) {
      const flags =
        /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/${server.pid}/fdinfo/${fd}`, 'utf8'))?.[1] ?? ''
      expect(Number.parseInt(flags, 8) & CLOSE_ON_EXEC).not.toBe(0)
    }
    // The kernel spreads clients over the sockets: somebody has to answer on each.
    for (let client = 0; client < 32; client++) {
      expect((await new Asker(() => overUdp({ host: '127.0.0.1', port })).ask(NAME)).answers).toHaveLength(1)
    }
  })

  test('a wildcard, UDP by dgram: replies leave from the address that was asked', async () => {
    const folder = folderOfNobody()
    const args = ['--listen', '0.0.0.0:0', '--user', NOBODY.name, '--udp', 'dgram', '--data-dir', folder]
    const server = launch(serveCommand(args), { cwd: folder })
    servers.push(server)
    const addresses = await server.ready
    expect(addresses.map(({ host }) => host)).toEqual(['0.0.0.0'])
    // A connected socket takes replies of the address that it asked only.
    const asker = new Asker(() => overUdp({ host: '127.0.0.1', port: addresses[0].port }))
    expect((await asker.ask(NAME)).answers).toHaveLength(1)
    expect(server.output()).toMatch(/0\.0\.0\.0:\d+ over UDP is [^"]*127\.0\.0\.1/)
  })

  test('sockets that systemd has bound, and systemd itself, are still there after the change', async () => {
    const folder = folderOfNobody()
    const systemd = new NotifySocket(true)
    const listening = createServer().listen(0, '127.0.0.1')
    await once(listening, 'listening')
    const { port } = listening.address() as AddressInfo
    const { fd } = (listening as unknown as { _handle: { fd: number } })._handle
    const server = launch(
      [
        'sh',
        '-c',
        'LISTEN_PID=$$ exec "$@"',
        'sh',
        ...serveCommand(['--user', 'nobody', '--data-dir', folder]),
      ],
      { stdio: [fd], env: { ...process.env, LISTEN_FDS: '1', NOTIFY_SOCKET: systemd.name }, cwd: folder },
    )
    servers.push(server)
    listening.close()
    const said = systemd.until('READY=1')
    expect((await server.ready).map((address) => address.port)).toEqual([port])
    expect(await said).toContain('READY=1')
    systemd.close()
    expect((await new Asker(() => overTcp({ host: '127.0.0.1', port })).ask(NAME)).answers).toHaveLength(1)
    expect(rightsOf(server.pid)).toEqual([RIGHTS_OF_NOBODY])
  })

  test('SIGUSR1 at every moment of the change: no debugger, it lives, and the signal goes on to work', async () => {
    const folder = folderOfNobody()
    const args = ['--listen', '127.0.0.1:0', '--user', NOBODY.name, '--data-dir', folder]
    const env = { ...process.env, NODE_OPTIONS: '--inspect-port=0' }
    const server = launch(serveCommand(args), { cwd: folder, env })
    servers.push(server)
    const status = () => readFileSync(`/proc/${server.pid}/status`, 'utf8')
    while (!/^SigCgt:.*[13579bdf]$/m.test(status())) await setImmediate()
    let isReady = false
    const over = (): void => {
      isReady = true
    }
    void server.ready.then(over, over)
    // Whenever it is somebody else, or takes other signals: often enough for each step, without a flood.
    let step: string | undefined
    while (!isReady) {
      const now = status()
        .match(/^(?:Uid|SigBlk|SigCgt|NoNewPrivs):.*$/gm)
        ?.join()
      if (now !== step) process.kill(server.pid, 'SIGUSR1')
      step = now
      // A moment for the server itself, where there are few cores.
      await setTimeout(1)
    }
    await server.ready
    const toldOf = () => server.log.filter(({ msg }) => msg.startsWith('SIGUSR1')).length
    const before = toldOf()
    process.kill(server.pid, 'SIGUSR1')
    while (toldOf() === before) await setImmediate()
    expect(server.output()).not.toContain('Debugger listening')
    expect(rightsOf(server.pid)).toEqual([RIGHTS_OF_NOBODY])
  })

  test('an address that this host lacks, and a port that is taken, are told as without --user', async () => {
    const folder = folderOfNobody()
    const args = ['--user', NOBODY.name, '--data-dir', folder]
    const server = launch(serveCommand([...args, '--listen', '192.0.2.1:0', '--listen', '127.0.0.1:0']), {
      cwd: folder,
    })
    servers.push(server)
    const [{ port }] = await server.ready
    expect(server.output()).toContain('192.0.2.1:0: this host has no such address; not listening there')
    const outcome = await runCli(['serve', ...args, '--listen', `127.0.0.1:${port}`])
    expect(outcome).toMatchObject({ code: 1 })
    expect(outcome.stderr).toMatch(/^asnzone: 127\.0\.0\.1:\d+ \(TCP\): another program listens there/)
  })

  test('who is that user already stays it, and somebody else’s word counts for nothing', async () => {
    const folder = folderOfNobody()
    const asNobody = ['setpriv', `--reuid=${NOBODY.uid}`, `--regid=${NOBODY.uid}`, '--clear-groups']
    const args = ['--listen', '127.0.0.1:0', '--data-dir', folder]
    const env = { ...process.env, _ASNZONE_HANDOVER: `${process.pid}:3` }
    const server = launch([...asNobody, ...serveCommand([...args, '--user', 'nobody'])], { cwd: folder, env })
    servers.push(server)
    await server.ready
    expect(readFileSync(`/proc/${server.pid}/environ`, 'utf8')).not.toContain('UV_USE_IO_URING')
    const other = launch([...asNobody, ...serveCommand([...args, '--user', 'daemon'])], { cwd: folder })
    await expect(other.ready).rejects.toThrow(
      'it ended with 1: asnzone: user daemon: setgroups: Operation not permitted; to change user or group, start',
    )
  })

  test('a program that the user may not read: one line, exit 1', async () => {
    const closed = temporaryFolder()
    chmodSync(closed, 0o700)
    symlinkSync(process.execPath, join(closed, 'node'))
    const main = join(closed, 'main.js')
    writeFileSync(main, `await import(${JSON.stringify(serveCommand([])[1])})\n`)
    const args = ['serve', '--listen', '127.0.0.1:0', '--user', 'nobody', '--data-dir', folderOfNobody()]
    const server = launch([process.execPath, main, ...args])
    await expect(server.ready).rejects.toThrow(
      `user nobody: it may not read ${main}: install Node.js and asnzone where`,
    )
  })

  test('--group: another group than the own one of the user', async () => {
    const folder = folderOfNobody()
    const args = ['--listen', '127.0.0.1:0', '--user', NOBODY.name, '--group', '12345', '--data-dir', folder]
    const server = launch(serveCommand(args), { cwd: folder })
    servers.push(server)
    await server.ready
    const [uid, gid] = identitiesOf(server.pid)[0].split(' / ')
    expect(uid.split('\t')[1]).toBe(String(NOBODY.uid))
    expect(gid).toBe('12345\t12345\t12345\t12345')
  })

  test('--user with a number', async () => {
    const folder = folderOfNobody()
    const args = ['--listen', '127.0.0.1:0', '--user', String(NOBODY.uid), '--data-dir', folder]
    const server = launch(serveCommand(args), { cwd: folder })
    servers.push(server)
    await server.ready
    expect(identitiesOf(server.pid)[0].split(' / ')[0].split('\t')[1]).toBe(String(NOBODY.uid))
  })
})

test.each([
  ['--user', 'no-such-user-here'],
  ['--group', 'no-such-group-here'],
])('%s that is not known: one line, exit 1', async (option, name) => {
  const outcome = await runCli(['serve', '--log-format', 'json', '--listen', '127.0.0.1:0', option, name])
  expect(outcome.code).toBe(1)
  const complaints = outcome.stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'))
  expect(complaints).toHaveLength(1)
  expect(complaints[0]).toMatch(/^asnzone: (user|group) no-such-.*-here: there is no /)
})

test('where Node.js changes the ids and io_uring is in its way, it is told what to do', () => {
  const refusal = 'initgroups() disabled: io_uring may be enabled. See CVE-2024-22017.'
  vi.spyOn(process as unknown as { initgroups: () => void }, 'initgroups').mockImplementation(() => {
    throw new Error(refusal)
  })
  expect(() => dropPrivileges('nobody', undefined)).toThrow(
    `user nobody: ${refusal}; start asnzone as that user, not as root`,
  )
})

test('without --user and --group nothing changes', async () => {
  const server = launch(serveCommand(['--listen', '127.0.0.1:0', '--data-dir', COMPILED_DATA]))
  servers.push(server)
  await server.ready
  expect(statSync(`/proc/${server.pid}`).uid).toBe(userInfo().uid)
})
