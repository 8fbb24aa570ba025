// The entry point of the thread that answers whois clients. Whatever happens here, DNS goes on: the thread has a heap of its
// own, and is started again when it ends.

import { workerData } from 'node:worker_threads'
import { AccessList } from '../dns/access-list.ts'
import { holdsAddress } from '../server/client-address.ts'
import { Calls } from '../system/calls.ts'
import { collectGarbage, shrinkHeap } from '../system/collect-garbage.ts'
import { kernelThread } from '../system/kernel-thread.ts'
import { StreamListener } from '../system/stream-listener.ts'
import { Table } from '../table/table.ts'
import { Connections } from './connections.ts'
import { WhoisCounts } from './counts.ts'
import type { WhoisData, WhoisThreadCalls, WhoisThreadData } from './task.ts'

/** Milliseconds between two looks at connections that take too long. */
const SWEEP_MS = 1000

const { doors, counts: memory, port } = workerData as WhoisThreadData
const counts = new WhoisCounts(memory)

/** What is answered with. */
interface InService {
  readonly table: Table
  readonly allow: AccessList | null
}

let inService: InService | null = null

const current = (): InService => {
  if (inService === null) throw new Error('the whois thread has not begun yet')
  return inService
}

function replace({ table, allow }: WhoisData): void {
  inService = { table: new Table(table), allow: allow === null ? null : new AccessList(allow) }
}

/** @param client nothing when its connection is closed already */
function mayAsk(client: string | undefined): boolean {
  const { allow } = current()
  // A socket for both families tells IPv4 addresses as mapped ones.
  const address = client?.replace(/^::ffff:(?=\d+\.)/i, '')
  return address !== undefined && (allow === null || holdsAddress(allow, address))
}

async function begin(data: WhoisData): Promise<void> {
  replace(data)
  const connections = new Connections({ table: () => current().table, now: () => new Date() }, counts)
  for (const door of doors) {
    await StreamListener.start(door, (socket) => {
      if (mayAsk(socket.remoteAddress)) connections.accept(socket)
      else {
        counts.count('refused')
        socket.destroy()
      }
    })
  }
  setInterval(() => connections.sweep(), SWEEP_MS).unref()
  await shrinkHeap()
}

const thread: WhoisThreadCalls = { begin, replace, collect: collectGarbage, ping: kernelThread }
new Calls<Record<string, never>>(port, { ...thread })
