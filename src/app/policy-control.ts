// What is asked of the policy service over the control socket, and how the server answers it.

import {
  type AccountDetailsJson,
  type AccountJson,
  accountJson,
  detailsJson,
} from '../policy-server/account-json.ts'
import type { ListQuery } from '../policy-server/store.ts'
import type { PolicySurface, Question, RecordsInForce, Verdict } from '../policy-server/surface.ts'
import type { ControlReply, ControlRequest } from '../server/control.ts'

/** What commands ask. */
export interface PolicyCommands {
  check(question: Question): Promise<Verdict>
  list(query: ListQuery): Promise<readonly AccountJson[]>
  show(user: string): Promise<AccountDetailsJson | null>
  unblock(user: string | null): Promise<number>
  forget(user: string): Promise<boolean>
  records(): Promise<RecordsInForce>
}

/** Which function is called. */
export type PolicyCommandName = keyof PolicyCommands

/** The same in a server that runs, as results that JSON can hold. */
export function commandsOf(surface: PolicySurface, now: () => number): PolicyCommands {
  return {
    check: (question) => surface.check(question),
    list: async (query) => (await surface.list(query)).map((report) => accountJson(report, now())),
    show: async (user) => {
      const details = await surface.show(user)
      return details === null ? null : detailsJson(details, now())
    },
    unblock: (user) => surface.unblock(user),
    forget: (user) => surface.forget(user),
    records: () => surface.records(),
  }
}

/** Answers the control command `policy`: `{"command":"policy","call":"show","argument":"anna@example.org"}`. */
export function answerPolicyCommand(
  surface: PolicySurface | null,
): (request: ControlRequest) => Promise<ControlReply> {
  if (surface === null) return async () => ({ ok: false, isOff: true, reason: 'it has no policy service' })
  const commands = commandsOf(surface, Date.now)
  return async ({ call = '', argument }) => {
    if (!Object.hasOwn(commands, call)) return { ok: false, reason: `no such call as '${call}'` }
    const answer = commands[call as PolicyCommandName] as (argument: unknown) => Promise<unknown>
    return { ok: true, result: await answer(argument) }
  }
}
