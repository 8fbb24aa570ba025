// npm run bench:monitoring: everything on. The metrics must add up to what dnsperf counted, and cost next to nothing.
//
// First a server with pages, metrics, statistics and a query log is asked over UDP, TCP, IPv4 and IPv6 by dnsperf,
// and every figure that both have is compared: a difference ends the bench with 1. Then the CPU time of a query is
// measured with everything on and off: a page follows the events, Prometheus comes by, a mail server asks for policies and
// tells verdicts.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { randomAddresses } from './harness/addresses.js'
import { runDnsperf, writeQuestions } from './harness/dnsperf.js'
import { measureEverything } from './harness/everything-on.js'
import { differences, Scraper, settled, untilAlive } from './harness/metrics.js'
import { BUILT_ASNZONE, readOptions } from './harness/options.js'
import { asnzoneCommand, versionOf } from './harness/peers.js'
import { CORES, freePort, pinBench, pinned, startServer } from './harness/processes.js'
import { composeQuery, mixedQuestions, questionsOf } from './harness/questions.js'
import { describeMachine, printMachine, printTable, writeResults } from './harness/report.js'
import { median } from './harness/statistics.js'
import { temporaryDirectory } from './harness/temporary.js'

/** How much more CPU time a query may take with everything on. */
const BAR = 1.03

const HELP = `Usage: npm run bench:monitoring -- [options]
  --queries N     queries of each run whose counts are compared (40000)
  --pairs N       pairs of servers whose CPU time is measured (5)
  --rounds N      rounds of each pair (2)
  --seconds S     seconds of each measurement, of which a round has two (5)
  --counts-only   don't measure CPU time
  --asnzone FILE  the main.js to run (dist/cli/main.js)
  --json FILE     where the results go (a new file in bench/results/)`

const options = readOptions(HELP, {
  queries: 40_000,
  pairs: 5,
  rounds: 2,
  seconds: 5,
  'counts-only': false,
  asnzone: BUILT_ASNZONE,
  json: '',
})
const dnsperf = versionOf(['dnsperf', '-h'])
if (dnsperf === null) throw new Error('dnsperf is not installed, and nothing can be measured without it')
const machine = await describeMachine()
printMachine(machine)
const directory = temporaryDirectory()
const addresses = randomAddresses(options.queries)
const EXAMPLE = composeQuery({ name: '8.8.8.8.geo.asnzone.internal', type: 'TXT' })

const ON = ['--stats', '--here', '52.52,13.40', '--max-age', '9999w']

/** Starts asnzone with an HTTP port of its own, when it is to have one. */
async function start(id, extra, http) {
  const own = join(directory, id)
  mkdirSync(own)
  const port = await freePort()
  const httpPort = http ? await freePort() : 0
  const command = [
    ...asnzoneCommand({ asnzone: options.asnzone, port, dataDirectory: join(own, 'data') }),
    ...(http ? ['--http', `127.0.0.1:${httpPort}`] : []),
    ...extra(port, own),
  ]
  const log = join(own, 'log')
  const process = await startServer({
    command,
    directory: own,
    port,
    core: CORES.server,
    query: EXAMPLE,
    log,
  })
  const url = `http://127.0.0.1:${httpPort}`
  if (http) await untilAlive(url)
  return { process, url }
}

pinBench()
const counted = await countBoth()
const cost = options['counts-only'] ? null : await measureCost()
writeResults(options.json, 'monitoring', { machine, dnsperf, options, counted, cost })
if (counted.some(({ agrees }) => !agrees)) process.exitCode = 1

/** Asks a server with everything on, and compares what dnsperf and the server have counted. */
async function countBoth() {
  const everything = (port, own) => [
    ...ON,
    ...[
      '--stats-interval',
      '1',
      '--listen',
      `[::1]:${port}`,
      '--publish-csv',
      '127.0.0.1:0',
      '--query-log',
      join(own, 'queries.log'),
    ],
  ]
  const { process, url } = await start('everything', everything, true)
  const questions = [
    ...mixedQuestions(addresses),
    ...addresses.v4.slice(0, 500).map((_, i) => ({ name: `host${i}.example.com`, type: 'A' })),
    ...questionsOf({ apex: 'geo.asnzone.internal', type: 'AAAA', ask: 'v4', label: '' }, addresses).slice(
      0,
      500,
    ),
  ]
  const aboutAddresses = questions.filter(({ name }) => !/^AS|example\.com$/.test(name)).length
  const file = join(directory, 'counted.txt')
  writeQuestions(file, questions)
  const scraper = new Scraper(url)
  const rows = []
  const check = (what, theirs, ours) =>
    rows.push({ what, dnsperf: theirs, asnzone: ours, agrees: theirs === ours })
  const first = await scraper.scrape()
  let sent = 0
  let overUdp = 0
  for (const { host, family, transport } of [
    { host: '127.0.0.1', family: 4, transport: 'udp' },
    { host: '::1', family: 6, transport: 'udp' },
    { host: '127.0.0.1', family: 4, transport: 'tcp' },
  ]) {
    const before = await scraper.scrape()
    const ask = [
      'dnsperf',
      '-s',
      host,
      '-p',
      String(process.port),
      '-d',
      file,
      '-n',
      '1',
      '-c',
      '4',
      '-q',
      '50',
    ]
    const run = await runDnsperf(
      pinned(CORES.client, [...ask, '-m', transport]),
      join(directory, 'dnsperf.txt'),
    )
    const after = await scraper.scrape()
    const name = `IPv${family}, ${transport}`
    const labels = { transport, family: String(family) }
    sent += run.completed + run.lost
    if (transport === 'udp') overUdp += run.completed + run.lost
    check(
      `${name}: queries`,
      run.completed + run.lost,
      differences(before, after, 'asnzone_queries_total', labels),
    )
    for (const [, rcode, count] of run.rcodes.matchAll(/([A-Z]+) (\d+)/g)) {
      const ours = differences(before, after, 'asnzone_queries_total', { ...labels, rcode })
      check(`${name}: ${rcode}`, Number(count), ours)
    }
    if (transport === 'tcp') {
      check(
        'TCP connections',
        4,
        differences(before, after, 'asnzone_tcp_connections_total', { result: 'accepted' }),
      )
    }
  }
  const last = await scraper.scrape()
  check('queries, by zone', sent, differences(first, last, 'asnzone_zone_queries_total', {}))
  check('UDP queries, in batches', overUdp, differences(first, last, 'asnzone_udp_batch_queries_sum', {}))
  check('UDP queries dropped by the kernel', 0, differences(first, last, 'asnzone_udp_dropped_total', {}))
  const logged = async () => differences(first, await scraper.scrape(), 'asnzone_query_log_total', {})
  check('lines for the query log', sent, await settled(sent, logged))
  // The server asked about itself when it was waited for; what it was asked then is not dnsperf's.
  const byCountry = () => statisticsOf(url, first)
  check('statistics by country', 3 * aboutAddresses, await settled(3 * aboutAddresses, byCountry))
  for (const path of [
    '/healthz',
    '/readyz',
    '/',
    '/lookup',
    '/statistics',
    '/api/lookup/8.8.8.8',
    '/api/as/15169',
  ]) {
    check(`${path}: status`, 200, (await fetch(url + path)).status)
  }
  await process.stop()
  console.log('\nWhat dnsperf and asnzone have counted; dnsperf asked, so it is right.\n')
  printTable(
    ['what', 'dnsperf', 'asnzone', 'agrees'],
    rows.map((row) => [row.what, String(row.dnsperf), String(row.asnzone), row.agrees ? 'yes' : 'NO']),
  )
  return rows
}

/** Queries of all countries since the first scrape, as far as they are written. */
async function statisticsOf(url, first) {
  const before = first.get('asnzone_zone_queries_total{zone="geo",outcome="answer"}') ?? 0
  const { countries } = await (await fetch(`${url}/api/stats`)).json()
  return countries.reduce((sum, country) => sum + country.queries, 0) - before
}

/** The CPU time of a query with everything on, and with nothing. */
async function measureCost() {
  const { asnzone, pairs, rounds, seconds } = options
  const cost = await measureEverything({ asnzone, directory, addresses, pairs, rounds, seconds })
  const row = (server) => {
    const of = (key) => cost.samples.filter((sample) => sample.server === server).map((sample) => sample[key])
    const lost = of('lost').reduce((sum, one) => sum + one, 0)
    return [server, median(of('cpu')).toFixed(3), median(of('rate')).toFixed(0), String(lost)]
  }
  console.log(`\nAll zones mixed, EDNS; medians of ${pairs} pairs of servers, each of ${rounds} rounds.\n`)
  printTable(['everything', 'CPU µs/query', 'queries/s', 'lost'], [row('off'), row('on')])
  const all = cost.ratios.map((one) => one.toFixed(3)).join(', ')
  console.log(`\non / off = ${cost.ratio.toFixed(3)}, the median of ${all}; the bar is ${BAR.toFixed(2)}`)
  return cost
}
