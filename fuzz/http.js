// npm run fuzz -- http: hostile requests over real sockets to the pages, the API and the published files of a server that
// is started for it.
//
// The server may refuse what it likes, but: it never ends, its HTTP thread neither; each reply is one of HTTP without
// 500; nothing of its log is an error; right requests and DNS queries in between are answered; and memory stays flat.

import { spawn } from 'node:child_process'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { readOptions } from './options.js'
import { Random } from './random.js'
import { composeRequests } from './requests.js'

const MAIN = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url))

/** Connections at a time. */
const AT_A_TIME = 24

/** Milliseconds after which a connection that has sent all is closed by us: its request never ends. */
const PATIENCE_MS = 500

/** After so many inputs the server is asked what it has to answer, and its memory is read. */
const LOOK_EVERY = 5000

/** How many megabytes the second half of a run may take more than the first: garbage isn't collected by the clock. */
const MORE_MB = 40

const { inputs, seed, from, seconds } = readOptions(100_000)
const folder = mkdtempSync(join(tmpdir(), 'asnzone-fuzz-'))
const statuses = new Map()
const memory = []
const server = spawn(
  process.execPath,
  [
    ...[MAIN, 'serve', '--listen', '127.0.0.1:0', '--http', '127.0.0.1:0', '--publish-csv', '127.0.0.1:0'],
    ...['--stats', '--data-dir', folder, '--log-format', 'json'],
  ],
  { stdio: ['ignore', 'ignore', 'pipe'] },
)
let isStopping = false
server.once('exit', (code, signal) => {
  if (!isStopping) fail(`the server ended: ${code ?? signal}`)
})

const { ports, dns } = await readAddresses()
await run()
await stop()

/** The ports of HTTP, and where DNS is answered, from the server's log; what it logs later is looked at. */
async function readAddresses() {
  const lines = createInterface({ input: server.stderr })
  const found = { ports: [], dns: null }
  const { promise, resolve } = deferred()
  lines.on('line', (line) => {
    const { level, msg, listen } = JSON.parse(line)
    const port = /on http:\/\/127\.0\.0\.1:(\d+)\//.exec(msg)?.[1]
    // The pages first: they are what is asked for its health.
    if (port !== undefined) found.ports[/CSV/.test(msg) ? 'push' : 'unshift'](Number(port))
    if (listen !== undefined) found.dns = listen[0]
    if (level >= 50) fail(`the server says: ${line}`)
    if (found.ports.length === 2 && found.dns !== null) resolve()
  })
  await promise
  return found
}

/** A promise that others resolve: Promise.withResolvers, which Node.js 20 lacks. */
function deferred() {
  const parts = {}
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }))
  return parts
}

async function run() {
  const started = performance.now()
  let next = from
  const worker = async () => {
    while (next < from + inputs && performance.now() - started < seconds * 1000) {
      const input = next++
      await attempt(input)
      if ((input + 1 - from) % LOOK_EVERY === 0) await look(input + 1 - from, performance.now() - started)
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, worker))
  await look(next - from, performance.now() - started)
  for (const [status, times] of [...statuses].sort(([, one], [, other]) => other - one)) {
    console.log(`${String(times).padStart(10)}  ${status}`)
  }
  const half = Math.ceil(memory.length / 2)
  const [first, second] = [memory.slice(0, half), memory.slice(half)].map((of) => Math.max(0, ...of))
  console.log(`resident: at most ${first} MB in the first half, ${second} MB in the second`)
  if (second > first + MORE_MB) fail(`memory grows: ${memory.join(', ')} MB`)
  console.log(`seed ${seed}, inputs ${from} to ${next - 1}: nothing found`)
}

/** Sends one input on a connection of its own, and checks what comes back. */
async function attempt(input) {
  const random = new Random()
  random.begin(seed, input)
  const octets = composeRequests(random)
  const socket = connect(random.of(ports), '127.0.0.1')
  const received = []
  socket.on('error', () => {})
  socket.on('data', (chunk) => received.push(chunk))
  const timer = setTimeout(() => socket.destroy(), PATIENCE_MS)
  if (random.onceIn(10)) socket.write(octets)
  else socket.end(octets)
  // An error is an end like any other here: once() would throw it.
  await new Promise((resolve) => socket.once('close', resolve))
  clearTimeout(timer)
  checkReply(input, Buffer.concat(received).toString('latin1'))
}

function checkReply(input, reply) {
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(reply)?.[1] ?? (reply === '' ? 'no reply' : 'other')
  statuses.set(status, (statuses.get(status) ?? 0) + 1)
  if (status === 'other') fail(`input ${input}: no reply of HTTP: ${JSON.stringify(reply.slice(0, 200))}`)
  if (status.startsWith('5') && status !== '503') fail(`input ${input}: ${reply.slice(0, 400)}`)
}

/** Asks what has to be answered whatever happens. */
async function look(done, milliseconds) {
  const health = await fetch(`http://127.0.0.1:${ports[0]}/healthz`)
  if (health.status !== 200) fail(`after ${done} inputs: /healthz is ${health.status}`)
  const resolver = new Resolver({ timeout: 2000, tries: 2 })
  resolver.setServers([dns])
  const [[text]] = await resolver.resolveTxt('8.8.8.8.geo.asnzone.internal')
  if (!text.startsWith('15169 | Google LLC')) fail(`after ${done} inputs: 8.8.8.8 is ${text}`)
  memory.push(residentMegabytes())
  const rate = (done / milliseconds) * 1000
  console.log(
    `${done} of ${inputs} inputs, ${(milliseconds / 1000).toFixed(0)} s, ${rate.toFixed(0)} a second, ${memory.at(-1)} MB`,
  )
}

function residentMegabytes() {
  return Math.round(
    Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))?.[1]) / 1000,
  )
}

async function stop() {
  isStopping = true
  const ended = server.exitCode === null ? once(server, 'exit') : null
  server.kill('SIGTERM')
  await ended
  rmSync(folder, { recursive: true, force: true })
}

/** Tells what was found, and ends. */
function fail(reason) {
  if (isStopping) return
  isStopping = true
  console.error(reason)
  console.error(`again: npm run fuzz -- http --seed ${seed} --from ${from} --inputs ${inputs}`)
  server.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
  process.exit(1)
}
