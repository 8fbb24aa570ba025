// Who this process is to be, by name or number, and the calls of libc with which it becomes so for good.
//
// Not process.setuid and its like: Node.js 20 refuses them where io_uring may be in use (CVE-2024-22017), and they
// leave the bounding set of capabilities and the way back through set-user-ID programs.

import { AsnzoneError } from '../errors.ts'
import { filterAgainstTyping, hasTerminal } from './no-typing.ts'

const PR_SET_SECCOMP = 22
const PR_CAPBSET_READ = 23
const PR_CAPBSET_DROP = 24
const PR_SET_NO_NEW_PRIVS = 38
/** Capabilities have numbers below this; the kernel tells at which they end. */
const MAX_CAPABILITIES = 64
/** A header of capset(2): version 3, this process; and the three sets of two words each, all empty. */
const CAPABILITY_HEADER = Uint32Array.of(0x20080522, 0)
const NO_CAPABILITIES = new Uint32Array(6)
const SECCOMP_MODE_FILTER = 2
const SIG_BLOCK = 0
const SIG_UNBLOCK = 1
const SIGUSR1 = 10
/** Octets of a sigset_t. */
const SIGNAL_SET = 128
const F_SETFD = 2
/** Groups that a user may be in (NGROUPS_MAX of Linux). */
const MAX_GROUPS = 65536

/** A user, a group and the supplementary groups, as numbers. */
export interface Identity {
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
}

/** The calls; those that return a number return −1 on failure. */
export interface IdentityCalls {
  /** Null when there is no such user. */
  readonly userOf: (
    name: string,
  ) => { readonly name: string; readonly uid: number; readonly gid: number } | null
  /** Null when there is no such group. */
  readonly groupOf: (name: string) => number | null
  /** All groups of a user, `gid` being one of them. */
  readonly groupsOf: (name: string, gid: number) => number[]
  readonly setgroups: (count: number, groups: Uint32Array) => number
  readonly setresgid: (real: number, effective: number, saved: number) => number
  readonly setresuid: (real: number, effective: number, saved: number) => number
  readonly prctl: (option: number, value: number) => number
  /** Filters the system calls of this thread and of what it starts: `filter` is instructions of eight octets. */
  readonly filterCalls: (filter: Uint8Array) => number
  readonly capset: (header: Uint32Array, sets: Uint32Array) => number
  readonly sigprocmask: (how: number, set: Uint8Array, old: number) => number
  readonly fcntl: (fd: number, command: number, flags: number) => number
  readonly memfd_create: (name: string, flags: number) => number
  readonly execve: (
    path: string,
    args: readonly (string | null)[],
    environment: readonly (string | null)[],
  ) => number
  readonly strerror: () => string
}

/**
 * Loads koffi and declares the calls.
 *
 * @throws {Error} when koffi has no binary for this machine.
 */
export async function loadIdentityCalls(): Promise<IdentityCalls> {
  const { default: koffi } = await import('koffi')
  const library = koffi.load(null)
  // struct sock_fprog.
  const program = koffi.struct({ length: 'uint16_t', filter: 'const uint8_t *' })
  const declare = <T>(prototype: string): T => library.func(prototype) as unknown as T
  // The beginnings of struct passwd and struct group, which all libraries share on 64 bits.
  const passwd = koffi.struct({
    name: 'const char *',
    password: 'const char *',
    uid: 'uint32_t',
    gid: 'uint32_t',
  })
  const group = koffi.struct({ name: 'const char *', password: 'const char *', gid: 'uint32_t' })
  const getpwnam = declare<(name: string) => unknown>('void *getpwnam(const char *name)')
  const getpwuid = declare<(uid: number) => unknown>('void *getpwuid(uint32_t uid)')
  const getgrnam = declare<(name: string) => unknown>('void *getgrnam(const char *name)')
  const getgrouplist = declare<(user: string, gid: number, groups: Uint32Array, count: Int32Array) => number>(
    'int getgrouplist(const char *user, uint32_t gid, _Out_ uint32_t *groups, _Inout_ int *count)',
  )
  const strerror = declare<(number: number) => string>('const char *strerror(int number)')
  return {
    userOf: (name) => {
      const found = isNumber(name) ? getpwuid(Number(name)) : getpwnam(name)
      return found === null ? null : koffi.decode(found, passwd)
    },
    groupOf: (name) => {
      if (isNumber(name)) return Number(name)
      const found = getgrnam(name)
      return found === null ? null : koffi.decode(found, group).gid
    },
    groupsOf: (name, gid) => {
      const groups = new Uint32Array(MAX_GROUPS)
      const count = Int32Array.of(MAX_GROUPS)
      getgrouplist(name, gid, groups, count)
      return [...groups.subarray(0, count[0])]
    },
    setgroups: declare('int setgroups(size_t count, const uint32_t *groups)'),
    setresgid: declare('int setresgid(uint32_t real, uint32_t effective, uint32_t saved)'),
    setresuid: declare('int setresuid(uint32_t real, uint32_t effective, uint32_t saved)'),
    prctl: prctlOf(declare('int prctl(int option, ulong a, ulong b, ulong c, ulong d)')),
    filterCalls: filterOf(
      library.func('prctl', 'int', [
        'int',
        'ulong',
        koffi.pointer(program),
        'ulong',
        'ulong',
      ]) as unknown as PrctlOfFilter,
    ),
    capset: declare('int capset(const uint32_t *header, const uint32_t *sets)'),
    sigprocmask: declare('int sigprocmask(int how, const uint8_t *set, uintptr_t old)'),
    fcntl: declare('int fcntl(int fd, int command, long flags)'),
    memfd_create: declare('int memfd_create(const char *name, uint flags)'),
    execve: declare('int execve(const char *path, const char **args, const char **environment)'),
    strerror: () => strerror(koffi.errno()),
  }
}

/**
 * Who a process with these settings is to be.
 *
 * @param user a name or a number; the user stays when not given
 * @param group a name or a number; the user's own groups when not given
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when there is no such user or group.
 */
export function identityOf(
  calls: IdentityCalls,
  user: string | undefined,
  group: string | undefined,
): Identity {
  const own = user === undefined ? null : calls.userOf(user)
  if (user !== undefined && own === null) {
    throw wrong(
      user,
      group,
      `there is no user ${user}; systemd-sysusers makes that of the package, or useradd --system ${user}`,
    )
  }
  const gid = group === undefined ? own?.gid : calls.groupOf(group)
  if (gid === undefined || gid === null) {
    throw wrong(user, group, `there is no group ${group}; groupadd --system ${group} makes it`)
  }
  const groups = own === null ? [gid] : calls.groupsOf(own.name, gid)
  return { uid: own?.uid ?? process.getuid?.() ?? 0, gid, groups }
}

/** Whether this process is so already. One that isn't root has no other groups to choose. */
export function isAlready({ uid, gid, groups }: Identity): boolean {
  const sameIds =
    process.getuid?.() === uid &&
    process.geteuid?.() === uid &&
    process.getgid?.() === gid &&
    process.getegid?.() === gid
  const own = new Set([gid, ...(process.getgroups?.() ?? [])])
  return (
    sameIds &&
    (uid !== 0 || (own.size === new Set([gid, ...groups]).size && groups.every((it) => own.has(it))))
  )
}

/**
 * Makes the thread that calls so, and whatever it starts by `execve`; from then on there is no way back.
 *
 * @returns which call failed and why; null when none has
 */
export function assume(calls: IdentityCalls, { uid, gid, groups }: Identity): string | null {
  const givesUpRoot = uid !== 0
  // Without CAP_SETPCAP, in some containers, it stays as it is; without new privileges nothing comes of it.
  if (givesUpRoot) dropBoundingSet(calls)
  const steps: readonly (readonly [string, () => number])[] = [
    ['no_new_privs', () => calls.prctl(PR_SET_NO_NEW_PRIVS, 1)],
    ['setgroups', () => calls.setgroups(groups.length, Uint32Array.from(groups))],
    ['setresgid', () => calls.setresgid(gid, gid, gid)],
    ['setresuid', () => calls.setresuid(uid, uid, uid)],
    ['capset', () => (givesUpRoot ? calls.capset(CAPABILITY_HEADER, NO_CAPABILITIES) : 0)],
  ]
  const failed = steps.find(([, call]) => call() !== 0)
  // A kernel without seccomp refuses none of it.
  if (failed === undefined && givesUpRoot && hasTerminal()) {
    const filter = filterAgainstTyping()
    if (filter !== null) calls.filterCalls(filter)
  }
  return failed === undefined ? null : `${failed[0]}: ${calls.strerror()}`
}

/** Lets a descriptor outlive `execve`, or not. */
export function setInheritable(calls: IdentityCalls, fd: number, isInheritable: boolean): void {
  calls.fcntl(fd, F_SETFD, isInheritable ? 0 : 1)
}

/** Lets SIGUSR1 through, which Node.js holds back for ever where it runs with --disable-sigusr1; or holds it back. */
export function letSigusr1Through(calls: IdentityCalls, isLet: boolean): void {
  const set = new Uint8Array(SIGNAL_SET)
  set[(SIGUSR1 - 1) >> 3] = 1 << ((SIGUSR1 - 1) & 7)
  calls.sigprocmask(isLet ? SIG_UNBLOCK : SIG_BLOCK, set, 0)
}

/** The error that says that a user or group can't be had. */
export function wrong(
  user: string | undefined,
  group: string | undefined,
  reason: string,
  cause?: Error,
): AsnzoneError {
  const names = [user && `user ${user}`, group && `group ${group}`].filter(Boolean)
  return new AsnzoneError('ASNZONE_CONFIG', `${names.join(', ')}: ${reason}`, { cause })
}

function dropBoundingSet({ prctl }: IdentityCalls): void {
  for (let capability = 0; capability < MAX_CAPABILITIES; capability++) {
    if (prctl(PR_CAPBSET_READ, capability) === 1) prctl(PR_CAPBSET_DROP, capability)
  }
}

function prctlOf(
  prctl: (option: number, a: number, b: number, c: number, d: number) => number,
): IdentityCalls['prctl'] {
  return (option, value) => prctl(option, value, 0, 0, 0)
}

/** prctl whose third argument is a filter. */
type PrctlOfFilter = (
  option: number,
  mode: number,
  program: { readonly length: number; readonly filter: Uint8Array },
  a: number,
  b: number,
) => number

const filterOf =
  (prctl: PrctlOfFilter): IdentityCalls['filterCalls'] =>
  (filter) =>
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, { length: filter.length / 8, filter }, 0, 0)

/** Numbers are ids, all else is a name. */
function isNumber(name: string): boolean {
  return /^\d+$/.test(name)
}
