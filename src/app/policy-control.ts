// What the policy service is asked by commands and over HTTP, carried out in the main thread.

import { AsnzoneError } from '../errors.ts'
import { accountJson, detailsJson, eventJson } from '../policy-server/account-json.ts'
import type { PolicyCommandName, PolicyCommands } from '../policy-server/commands.ts'
import type { PolicySurface } from '../policy-server/surface.ts'
import type { ControlReply, ControlRequest } from '../server/control.ts'

const NOTHING_TO_RELOAD = async (): Promise<null> => null

/** The same in a server that runs, as results that JSON can hold. */
export function commandsOf(
  surface: PolicySurface,
  now: () => number,
  reload: () => Promise<string | null> = NOTHING_TO_RELOAD,
): PolicyCommands {
  return {
    check: (question) => surface.check(question),
    query: async ({ user, address, isCounted }) => {
      const question = { user, address }
      const verdict = await (isCounted ? surface.decide(question, 'rest') : surface.check(question))
      const isKept = verdict.unjudged === null && verdict.user !== null
      const details = isKept ? await surface.show(verdict.user) : null
      return { verdict, account: details === null ? null : accountJson(details.report, now()) }
    },
    allow: (question) => surface.allow(question),
    report: (outcome) => surface.report(outcome),
    list: async (query) => (await surface.list(query)).map((report) => accountJson(report, now())),
    show: async (user) => {
      const details = await surface.show(user)
      return details === null ? null : detailsJson(details, now())
    },
    events: async (query) => (await surface.events(query)).map(eventJson),
    unblock: (user) => surface.unblock(user),
    forget: (user) => surface.forget(user),
    records: () => surface.records(),
    setRecords: (records) => surface.setRecords(records),
    resetRecords: () => surface.resetRecords(),
    reload,
  }
}

/** Calls one of the functions of a running service, by its name. */
export type PolicyCall = (name: string, argument: unknown) => Promise<unknown>

/**
 * What calls the functions of a service; null for none, whose calls reject with `ASNZONE_POLICY`.
 *
 * @returns rejects with `ASNZONE_CONFIG` when there is no function of that name, and with whatever the function does
 */
export function policyCall(surface: PolicySurface | null, reload?: () => Promise<string | null>): PolicyCall {
  if (surface === null) {
    return async () => {
      throw new AsnzoneError('ASNZONE_POLICY', 'there is no policy service')
    }
  }
  const commands = commandsOf(surface, Date.now, reload)
  return async (name, argument) => {
    if (!Object.hasOwn(commands, name)) {
      throw new AsnzoneError('ASNZONE_CONFIG', `no such function as '${name}'`)
    }
    const answer = commands[name as PolicyCommandName] as (argument: unknown) => Promise<unknown>
    return answer(argument)
  }
}

/** Answers the control command `policy`: `{"command":"policy","call":"show","argument":"anna@example.org"}`. */
export function answerPolicyCommand(
  surface: PolicySurface | null,
): (request: ControlRequest) => Promise<ControlReply> {
  if (surface === null) return async () => ({ ok: false, isOff: true, reason: 'it has no policy service' })
  const call = policyCall(surface)
  return async ({ call: name = '', argument }) => ({ ok: true, result: await call(name, argument) })
}
