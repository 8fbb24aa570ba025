// Rounds of measurements: each server in turn gets the same questions, at full speed and at half of it.

import { join } from 'node:path'
import { dnsperfCommand, runDnsperf } from './dnsperf.js'
import { cpuTime } from './processes.js'
import { median } from './statistics.js'

/** Seconds that a server is asked before anything is measured, so that its code is compiled. */
const WARM_UP = 2

/** @typedef {{ id: string, title: string, file: string, edns: boolean, rcodes: string[], fits: (peer: import('./peers.js').Peer) => boolean }} Workload */
/** @typedef {{ peer: import('./peers.js').Peer, process: import('./processes.js').RunningServer }} Subject */

/**
 * Measures every server with every workload, in another order each round.
 *
 * @param {object} options
 * @param {Subject[]} options.subjects
 * @param {Workload[]} options.workloads
 * @param {number} options.rounds
 * @param {number} options.seconds how long each of the two runs takes
 * @param {string} options.directory for what dnsperf prints
 */
export async function compare({ subjects, workloads, rounds, seconds, directory }) {
  const output = join(directory, 'dnsperf.txt')
  const samples = []
  for (const { file, edns, fits } of workloads) {
    for (const { process } of subjects.filter(({ peer }) => fits(peer))) {
      await runDnsperf(dnsperfCommand({ port: process.port, file, edns, seconds: WARM_UP }), output)
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const { id, file, edns, rcodes, fits } of workloads) {
      const able = subjects.filter(({ peer }) => fits(peer))
      const turn = round % able.length
      for (const { peer, process } of [...able.slice(turn), ...able.slice(0, turn)]) {
        const { pid, port } = process
        const before = cpuTime(pid)
        const full = await runDnsperf(dnsperfCommand({ port, file, edns, seconds }), output)
        const used = cpuTime(pid) - before
        const rate = full.rate / 2
        const half = await runDnsperf(dnsperfCommand({ port, file, edns, seconds, rate }), output)
        checkRcodes(peer, full, rcodes)
        samples.push({
          workload: id,
          server: peer.id,
          round,
          cpuMicroseconds: used / 1000 / full.completed,
          rate: full.rate,
          busy: used / 1e9 / seconds,
          lostAtFullSpeed: full.lost,
          rateOfLatency: half.rate,
          p50: half.p50,
          p99: half.p99,
          mean: half.mean,
          lost: half.lost,
          replyOctets: full.replyOctets,
          rcodes: full.rcodes,
        })
      }
    }
  }
  return samples
}

/**
 * The medians of one server with one workload over all rounds; losses are added up.
 *
 * @param {Awaited<ReturnType<typeof compare>>} samples of that server and workload
 */
export function summarise(samples) {
  const of = (key) => median(samples.map((sample) => sample[key]))
  return {
    cpuMicroseconds: of('cpuMicroseconds'),
    rate: of('rate'),
    busy: of('busy'),
    p50: of('p50'),
    p99: of('p99'),
    lost: samples.reduce((sum, { lost }) => sum + lost, 0),
    replyOctets: of('replyOctets'),
  }
}

/** @throws {Error} because a server that is quick at answering wrongly must not win. */
function checkRcodes({ name }, { rcodes }, expected) {
  for (const [, rcode] of rcodes.matchAll(/([A-Z]+) \d/g)) {
    if (!expected.includes(rcode)) throw new Error(`${name} answered ${rcodes}`)
  }
}
