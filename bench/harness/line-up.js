// Starts all servers with the same data, and makes sure that they give the same answers.

import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadAsnzone, replyTo } from './in-process.js'
import { entriesOf, writeRbldnsdData, writeZoneFile } from './peer-data.js'
import { versionOf } from './peers.js'
import { CORES, freePort, startServer } from './processes.js'
import { COMPARED_ZONE, composeQuery, questionsOf } from './questions.js'
import { ask, meaningOf, ttlOf } from './replies.js'

/** Questions whose answers are compared before anything is measured, of each kind. */
const CHECKED = 500

/** @typedef {import('./peers.js').Peer} Peer */
/** @typedef {Awaited<ReturnType<typeof startPeer>>} Subject */

/**
 * Starts those of the servers that are installed, one after the other.
 *
 * @param {object} options
 * @param {readonly Peer[]} options.peers
 * @param {string} options.directory
 * @param {string} options.asnzone the main.js to measure
 * @param {import('./addresses.js').Addresses} options.addresses
 * @param {(message: string) => void} options.tell
 */
export async function lineUp({ peers, directory, asnzone, addresses, tell }) {
  const installed = peers.filter(({ name, version }) => {
    const command = version(asnzone)
    const found = versionOf(command) !== null
    if (!found) tell(`Skipped: ${name}, because ${command[0]} is not installed`)
    return found
  })
  const compared = { apex: COMPARED_ZONE, type: 'TXT', label: 'compared' }
  const questions = [
    ...questionsOf({ ...compared, ask: 'v4' }, addresses).slice(0, CHECKED),
    ...questionsOf({ ...compared, ask: 'unrouted' }, addresses).slice(0, CHECKED),
  ]
  const { expected, files } = await writeData(installed, directory, questions, tell)
  const subjects = []
  for (const peer of installed) {
    const subject = await startPeer(peer, { directory, asnzone, question: questions[0], ...files })
    const { coldStart, warmStart } = subject
    tell(
      `Started: ${peer.name} in ${coldStart.toFixed(2)} s${warmStart ? `, then in ${warmStart.toFixed(2)} s` : ''}`,
    )
    if (peer.serves !== 'nothing') await checkAnswers(subject, questions, expected)
    const log = readFileSync(subject.log, 'utf8')
    if (!log.includes(peer.proof ?? '')) throw new Error(`${peer.name} doesn't run as asked:\n${log}`)
    subjects.push(subject)
  }
  return subjects
}

/** Writes what the servers need, and works out what they must answer. */
async function writeData(peers, directory, questions, tell) {
  const asnzone = await loadAsnzone()
  const expected = questions.map((question) => replyTo(asnzone.responder, composeQuery(question)))
  const files = { rbldnsdData: join(directory, 'rbldnsd.txt'), zoneFile: join(directory, 'wildcards.zone') }
  if (peers.some(({ serves }) => serves === 'compared')) {
    const ttl = ttlOf(expected[0])
    const entries = [...entriesOf(asnzone)]
    writeRbldnsdData(files.rbldnsdData, entries, ttl)
    tell(`Written: ${entries.length} CIDRs`)
    if (peers.some(({ wildcards }) => wildcards)) {
      tell(`Written: ${writeZoneFile(files.zoneFile, entries, ttl)} records for Knot DNS and NSD`)
    }
  }
  return { expected: expected.map(meaningOf), files }
}

/** Starts a server; one that keeps a snapshot twice. */
async function startPeer(peer, { directory, question, ...data }) {
  const own = join(directory, peer.id)
  mkdirSync(own)
  const log = join(own, 'log')
  const port = await freePort()
  const { command, configuration } = peer.prepare({ directory: own, port, ...data })
  const start = () =>
    startServer({
      command,
      directory: own,
      port,
      core: CORES.server,
      query: composeQuery(question),
      anyReply: peer.serves === 'nothing',
      log,
    })
  let process = await start()
  const coldStart = process.readyAfter
  if (peer.snapshot) {
    await process.stop()
    process = await start()
  }
  const warmStart = peer.snapshot ? process.readyAfter : null
  const version = versionOf(peer.version(data.asnzone))
  return { peer, process, log, command, configuration, version, coldStart, warmStart }
}

/** @throws {Error} when a server says something else than asnzone does. */
async function checkAnswers({ peer, process }, questions, expected) {
  const replies = await ask(process.port, questions)
  for (const [i, reply] of replies.entries()) {
    const meaning = meaningOf(reply)
    if (meaning !== expected[i]) {
      throw new Error(
        `${peer.name} answers ${questions[i].name} with\n${meaning}\nand not with\n${expected[i]}`,
      )
    }
  }
}
