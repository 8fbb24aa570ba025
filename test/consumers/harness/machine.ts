// A machine for one test: network, mounts, processes and host name of its own.
//
// Clients that ask through the C library can only ask port 53 of the addresses in /etc/resolv.conf, and mail
// servers read fixed paths. In here port 53, every address and every file below /etc, /var, /usr, /tmp and /run
// belong to the test, nothing can reach the network, and everything ends with the machine.
//
// unshare makes the namespaces and stays their parent; nsenter runs programs in them. Files are written and read
// from outside through /proc/PID/root.

import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { Daemon } from './daemon.ts'

/** What a program printed, and its exit status. */
export interface Outcome {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** How a program is run. */
export interface RunOptions {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
}

/** What a machine is made with. */
export interface MachineOptions {
  /** Addresses of its loopback interface beside 127.0.0.1 and ::1: those that clients connect from or ask at. */
  readonly addresses?: readonly string[]
  /** A folder whose tree lies over /usr: a package that is unpacked and not installed. */
  readonly over?: string
}

/** The name that every machine calls itself by. */
export const HOST = 'mx.example.org'

/** Seconds after which a program is killed. */
const PATIENCE = 120

const ENVIRONMENT = {
  PATH: `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
  HOME: '/root',
  LANG: 'C.UTF-8',
}

/** Run in the new namespaces: $1 is the folder over /usr or empty, the rest are addresses. */
const BOOT = `
set -e
mount --make-rprivate /
mount -t tmpfs none /mnt
for tree in etc var usr tmp; do
  mkdir -p /mnt/$tree/upper /mnt/$tree/work
  lower=/$tree
  if [ $tree = usr ] && [ -n "$1" ]; then lower=$1:/usr; fi
  mount -t overlay none -o lowerdir=$lower,upperdir=/mnt/$tree/upper,workdir=/mnt/$tree/work /$tree
done
shift
mount -t tmpfs none /run
hostname ${HOST}
rm -f /etc/resolv.conf
echo 'nameserver 127.0.0.1' > /etc/resolv.conf
printf '127.0.0.1 localhost\\n::1 localhost\\n127.0.1.1 ${HOST} mx\\n' > /etc/hosts
echo ${HOST} > /etc/hostname
echo example.org > /etc/mailname
sed -i 's/^hosts:.*/hosts: files dns/' /etc/nsswitch.conf
ip link set lo up
for address in "$@"; do
  case $address in
    *:*) ip address add "$address/128" dev lo nodad ;;
    *) ip address add "$address/32" dev lo ;;
  esac
done
echo booted
exec sleep infinity
`

/** A running machine. */
export class Machine {
  readonly #holder: ChildProcess
  readonly #root: string

  private constructor(holder: ChildProcess) {
    this.#holder = holder
    this.#root = `/proc/${holder.pid}/root`
  }

  /** Makes a machine; needs root. */
  static async start({ addresses = [], over = '' }: MachineOptions = {}): Promise<Machine> {
    const namespaces = [
      '--net',
      '--mount',
      '--uts',
      '--ipc',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount-proc',
    ]
    const holder = spawn('unshare', [...namespaces, 'sh', '-c', BOOT, 'boot', over, ...addresses], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: ENVIRONMENT,
    })
    await new Daemon('unshare', holder).says(/^booted$/m)
    return new Machine(holder)
  }

  /** Ends the machine and every process in it. unshare takes no SIGTERM while it waits. */
  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#holder.once('close', resolve))
    this.#holder.kill('SIGKILL')
    await ended
  }

  /** Runs a program to its end. */
  async run(program: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Outcome> {
    const child = this.#spawn('timeout', ['--kill-after=1', String(PATIENCE), program, ...args], options)
    // A program may end before it has read everything: its status tells whether that was wrong.
    child.stdin?.on('error', () => {}).end(options.input ?? '')
    const text = { stdout: '', stderr: '' }
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream]?.setEncoding('utf8').on('data', (chunk: string) => {
        text[stream] += chunk
      })
    }
    const status = await new Promise<number>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', (code) => resolve(code ?? -1))
    })
    return { status, ...text }
  }

  /** Runs a command line as a person would type it; both streams together, as a terminal shows them. */
  async shell(command: string, options: RunOptions = {}): Promise<string> {
    const { stdout } = await this.run('sh', ['-c', `exec 2>&1; ${command}`], options)
    return stdout
  }

  /** Runs a program to its end, and throws what it printed when it fails. */
  async must(program: string, args: readonly string[] = [], options: RunOptions = {}): Promise<string> {
    const { status, stdout, stderr } = await this.run(program, args, options)
    if (status !== 0)
      throw new Error(`${program} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`)
    return stdout
  }

  /** Starts a program that stays; it is told to end when nsenter, its parent, does. */
  start(program: string, args: readonly string[] = [], options: RunOptions = {}): Daemon {
    return new Daemon(program, this.#spawn('setpriv', ['--pdeathsig', 'TERM', program, ...args], options))
  }

  /**
   * Writes a file of the machine, with the folders above it.
   *
   * @throws {Error} when the machine has ended: its number may be that of a process of the host by then.
   */
  write(path: string, text: string, mode = 0o644): void {
    const mounts = readlinkSync(`/proc/${this.#holder.pid}/ns/mnt`)
    if (mounts === readlinkSync('/proc/self/ns/mnt') || this.#holder.exitCode !== null) {
      throw new Error(`${path}: the machine has ended`)
    }
    mkdirSync(dirname(this.#root + path), { recursive: true })
    writeFileSync(this.#root + path, text, { mode })
    chmodSync(this.#root + path, mode)
  }

  /** Adds to the end of a file. */
  append(path: string, text: string): void {
    this.write(path, `${this.read(path)}\n${text}`)
  }

  /** A file's text; '' when there is no such file yet. */
  read(path: string): string {
    return existsSync(this.#root + path) ? readFileSync(this.#root + path, 'utf8') : ''
  }

  /** Makes a folder that belongs to a user. */
  async folder(path: string, owner: string): Promise<void> {
    await this.must('install', ['-d', '-o', owner, path])
  }

  #spawn(program: string, args: readonly string[], { env }: RunOptions): ChildProcess {
    const own = `/proc/${this.#holder.pid}/ns`
    const spaces = ['net', 'mnt:mount', 'uts', 'ipc', 'pid_for_children:pid'].map((space) => {
      const [file, option = file] = space.split(':')
      return `--${option}=${own}/${file}`
    })
    return spawn('nsenter', [...spaces, '--', program, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...ENVIRONMENT, ...env },
    })
  }
}
