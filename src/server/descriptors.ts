// File descriptors: how many this process may have, and how many connections that leaves room for.
//
// Where there are few (ulimit -n 64), connections must not take those that everything else needs: without a free one
// nobody is accepted any more, neither over TCP nor at the control socket.

import { readdirSync, readFileSync } from 'node:fs'

/** Descriptors of a thread: those of its event loop. */
const PER_THREAD = 4

/**
 * For what is open for a moment: data files, downloads, the pipes of the process that compiles, clients of the control
 * socket, who is accepted to be closed.
 */
const RESERVE = 10

/** What needs descriptors. */
export interface DescriptorNeeds {
  /** Threads beside the main thread, at most. */
  readonly threads: number
  /** Files, and sockets that are not connections. */
  readonly files: number
  readonly tcpConnections: number
  /** 0 where nothing is served over HTTP. */
  readonly httpConnections: number
  /** 0 without a policy service. */
  readonly policyConnections: number
}

/** Connections that there is room for. */
export interface DescriptorBudget {
  readonly tcpConnections: number
  readonly httpConnections: number
  readonly policyConnections: number
  /** The limit, when it leaves room for fewer than were asked for; null otherwise. */
  readonly limit: number | null
}

/** Descriptors that this process may have; null where nobody tells. Node raises the soft limit to the hard one. */
export function descriptorLimit(): number | null {
  try {
    const found = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))
    return found === null ? null : Number(found[1])
  } catch {
    return null
  }
}

/** Descriptors that this process has; 0 where nobody tells. */
export function descriptorsInUse(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return 0
  }
}

/** How many descriptors there are for connections when everything else has its own; fewer than none where they lack. */
function roomFor({ threads, files }: DescriptorNeeds, limit: number | null, inUse: number): number {
  return (limit ?? Number.POSITIVE_INFINITY) - inUse - threads * PER_THREAD - files - RESERVE
}

/**
 * How many descriptors lack for a server that works: one with fewer starts, looks healthy, and answers nobody over TCP
 * or at the control socket. 0 where there are enough, if only for a connection of each kind out of the reserve.
 */
export function lackOf(needs: DescriptorNeeds, limit: number | null, inUse: number): number {
  return Math.max(0, -(roomFor(needs, limit, inUse) + RESERVE))
}

/** How many connections a limit leaves room for: all share it as they share the wish, at least one each. */
export function budgetOf(needs: DescriptorNeeds, limit: number | null, inUse: number): DescriptorBudget {
  const { tcpConnections, httpConnections, policyConnections } = needs
  const wanted = tcpConnections + httpConnections + policyConnections
  const room = roomFor(needs, limit, inUse)
  if (room >= wanted) return { tcpConnections, httpConnections, policyConnections, limit: null }
  const shareOf = (wish: number): number =>
    wish === 0 ? 0 : Math.max(1, Math.floor((Math.max(0, room) * wish) / wanted))
  return {
    tcpConnections: shareOf(tcpConnections),
    httpConnections: shareOf(httpConnections),
    policyConnections: shareOf(policyConnections),
    limit,
  }
}
