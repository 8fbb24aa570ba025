// Commands find the config of the service, say which one they go by, and use its data.

import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../support/folders.ts'
import { runCli } from '../support/programs.ts'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const isRoot = process.geteuid?.() === 0

test('./asnzone.yaml: told, and used', async () => {
  const data = temporaryFolder()
  const cwd = temporaryFolder({ 'asnzone.yaml': `data-dir: ${data}\n` })
  const env = { ASNZONE_DATA_DIR: '' }
  const { config, stdout } = await runCli(['status'], { cwd, env })
  expect(config).toBe(`asnzone.yaml, data in ${data}`)
  expect(stdout).toContain(`none runs with ${data}`)
  const named = await runCli(['status', '--config', 'asnzone.yaml'], { cwd, env })
  expect(named).toMatchObject({ config: null, stderr: '' })
})

/**
 * Runs a command on a host that has the service: /etc/asnzone and /var/lib/asnzone are ours in a mount namespace.
 *
 * @param owner the user whom the data belongs to
 * @param user who runs it
 */
async function onHost(args: readonly string[], { owner = 0, user = 0, mode = 0o644 } = {}) {
  const folder = temporaryFolder()
  const [etc, data, cwd] = ['etc', 'data', 'cwd'].map((name) => join(folder, name))
  for (const directory of [etc, data, cwd]) mkdirSync(directory)
  chmodSync(folder, 0o755)
  writeFileSync(join(etc, 'asnzone.yaml'), 'max-age: 9999d\n')
  chmodSync(join(etc, 'asnzone.yaml'), mode)
  // Nothing of this is left: the mounts end with the namespace.
  const script = `set -e
    mount --make-rprivate /
    cd "$3"
    for top in /etc /var/lib; do
      kept=$(mktemp -d -p "$3")
      chmod 0755 "$kept"
      [ $top != /etc ] || cp /etc/passwd /etc/group /etc/nsswitch.conf "$kept"
      mount --bind "$kept" $top
      mkdir $top/asnzone
    done
    mount --bind "$1" /etc/asnzone
    mount --bind "$2" /var/lib/asnzone
    chown ${owner} /var/lib/asnzone
    chmod 0750 /var/lib/asnzone
    shift 3
    exec setpriv --reuid=${user} --regid=${user} --clear-groups "$@"`
  const child = spawn(
    'unshare',
    ['--mount', 'sh', '-c', script, 'sh', etc, data, cwd, process.execPath, MAIN, ...args],
    { env: { PATH: process.env.PATH }, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code: code as number, stdout, stderr }
}

const USED = 'asnzone: config /etc/asnzone/asnzone.yaml, data in /var/lib/asnzone\n'

describe.runIf(isRoot)('on a host with the service (as root)', () => {
  test.each([
    ['status', ['status'], 1, /^server {3}none runs with \/var\/lib\/asnzone\n/, USED],
    ['reload', ['reload'], 1, /^$/, `${USED}asnzone: no server listens on /var/lib/asnzone/control.sock\n`],
    ['stats', ['stats'], 1, /^$/, /^asnzone: config .*\nasnzone: .*\/var\/lib\/asnzone/],
    ['probe', ['probe'], 1, /^$/, /^asnzone: config .*\nasnzone: 127\.0\.0\.1:5300 does not reply/],
    ['lookup', ['lookup', '8.8.8.8'], 0, /^8\.8\.8\.8\n {2}AS +15169\n/, USED],
  ])('%s goes by its config and looks into its data', async (_, args, code, stdout, stderr) => {
    const outcome = await onHost(args)
    expect(outcome.stderr).toEqual(typeof stderr === 'string' ? stderr : expect.stringMatching(stderr))
    expect(outcome).toMatchObject({ code, stdout: expect.stringMatching(stdout) })
  })

  test('the data is not for everybody', async () => {
    // 65534 is nobody; the directory belongs to bin.
    const { code, stderr } = await onHost(['status'], { owner: 2, user: 65534 })
    expect(code).toBe(1)
    expect(stderr).toBe(
      `${USED}asnzone: data-dir /var/lib/asnzone: this user may not look into it; run it as bin or root: sudo -u bin asnzone status\n`,
    )
  })

  test('query needs none of it, to tell how an address is asked for either', async () => {
    const socket = createSocket('udp4')
    socket.on('message', (query, { address, port }) => {
      const reply = Buffer.from(query)
      reply.writeUInt16BE(0x8005, 2)
      socket.send(reply, port, address)
    })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    try {
      const args = ['query', '8.8.8.8', '-s', `127.0.0.1:${socket.address().port}`]
      const { code, stderr } = await onHost(args, { owner: 2, user: 65534 })
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: `8.8.8.8: REFUSED\n${USED}asnzone lookup 8.8.8.8 looks an address up; a server is asked for 8.8.8.8.geo.asnzone.internal\n`,
      })
    } finally {
      socket.close()
    }
  })

  test('nor need the config be', async () => {
    const { code, stderr } = await onHost(['status'], { user: 65534, mode: 0o600 })
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'asnzone: /etc/asnzone/asnzone.yaml: this user may not read it: run it as asnzone or root\n',
    })
  })
})
