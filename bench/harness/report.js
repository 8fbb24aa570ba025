// What a bench prints and keeps: tables, the machine it ran on, and a JSON file.

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, release, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** How long to look whether somebody else is at work, in milliseconds, and the share of the cores that is noise. */
const LISTEN = 1000
const QUIET = 0.03

/** What must be known about a machine to compare figures with those of another. */
export async function describeMachine() {
  const git = spawnSync('git', ['describe', '--always', '--dirty'], { cwd: ROOT, encoding: 'utf8' })
  return {
    date: new Date().toISOString(),
    commit: git.status === 0 ? git.stdout.trim() : 'unknown',
    command: ['node', ...process.argv.slice(1)].join(' ').replaceAll(ROOT, ''),
    cpu: cpus()[0].model,
    cores: availableParallelism(),
    memory: `${(totalmem() / 2 ** 30).toFixed(1)} GiB`,
    kernel: release(),
    architecture: arch(),
    system: /^PRETTY_NAME="?(.*?)"?$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown',
    node: process.version,
    busy: await busyShare(),
  }
}

/**
 * Prints what `describeMachine` found, and a warning when the machine is not quiet.
 *
 * @param {Awaited<ReturnType<typeof describeMachine>>} machine
 */
export function printMachine(machine) {
  const { date, commit, command, cpu, cores, memory, kernel, architecture, system, node, busy } = machine
  console.log(`${date}, asnzone ${commit}: ${command}`)
  console.log(`${cpu}, ${cores} cores, ${memory}, Linux ${kernel} ${architecture}, ${system}, Node ${node}`)
  if (busy > QUIET) {
    const share = (busy * 100).toFixed(0)
    console.log(
      `NOT QUIET: others kept ${share} % of the cores busy before this began; don't quote these figures.`,
    )
  }
}

/**
 * Prints a table in Markdown; the first column is text, the others are figures.
 *
 * @param {string[]} heads
 * @param {string[][]} rows
 */
export function printTable(heads, rows) {
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i].length)))
  const line = (cells) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(' | ')} |`
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  console.log([heads, rule, ...rows].map(line).join('\n'))
}

/**
 * Writes results as JSON.
 *
 * @param {string} file if empty, a new one in bench/results/
 * @param {string} bench the bench's name
 * @param {{ machine: Awaited<ReturnType<typeof describeMachine>> }} results
 */
export function writeResults(file, bench, results) {
  const stamp = results.machine.date.replace(/[-:]|\.\d+/g, '')
  const path = file !== '' ? file : `${ROOT}bench/results/${stamp}-${bench}.json`
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`)
  console.log(`\nWritten: ${path}`)
}

/** The share of the time of all cores that somebody uses while this process sleeps. */
async function busyShare() {
  const before = coreTimes()
  await sleep(LISTEN)
  const after = coreTimes()
  return 1 - (after.idle - before.idle) / (after.total - before.total)
}

/** The time of all cores so far: idle, and in total. */
function coreTimes() {
  const times = cpus().map((core) => core.times)
  const sum = (numbers) => numbers.reduce((a, b) => a + b, 0)
  return {
    idle: sum(times.map(({ idle }) => idle)),
    total: sum(times.flatMap((core) => Object.values(core))),
  }
}
