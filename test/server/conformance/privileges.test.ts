// Becoming another user once the sockets are bound.

import { chownSync, copyFileSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { SNAPSHOT_FILE } from '../../../src/data/snapshot.ts'
import { Asker } from '../../support/asker.ts'
import { COMPILED_DATA, type LaunchedServer, launch, serveCommand } from '../../support/conformance/launch.ts'
import { temporaryFolder } from '../../support/folders.ts'
import { runCli } from '../../support/programs.ts'
import { overTcp, overUdp } from '../../support/transports.ts'

const NAME = '8.8.8.8.geo.asnzone.internal'

/** The user that every Unix has for those who need no rights; its group has the same number. */
const NOBODY = { name: 'nobody', uid: 65534 }

const isRoot = process.getuid?.() === 0 && process.platform === 'linux'
const servers: LaunchedServer[] = []

afterEach(async () => {
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

/** The ids in the status of each thread of a process: real, effective, saved and of the file system; groups. */
function identitiesOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`).map((thread) => {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8')
    const field = (name: string) => new RegExp(`^${name}:\\s*(.*?)\\s*$`, 'm').exec(status)?.[1]
    return `${field('Uid')} / ${field('Gid')} / ${field('Groups')} / ${field('CapEff')}`
  })
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
      // What is written belongs to the user, so that it can be replaced later.
      for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).uid).toBe(NOBODY.uid)
    },
  )

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
  expect(complaints[0]).toMatch(/^asnzone: user .*no-such-.*-here/)
})

test('without --user and --group nothing changes', async () => {
  const server = launch(serveCommand(['--listen', '127.0.0.1:0', '--data-dir', COMPILED_DATA]))
  servers.push(server)
  await server.ready
  expect(statSync(`/proc/${server.pid}`).uid).toBe(userInfo().uid)
})
