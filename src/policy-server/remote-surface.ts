// The policy service as the main thread asks it, in the words of surface.ts.

import { AsnzoneError } from '../errors.ts'
import { NoAnswer } from '../system/calls.ts'
import type { PolicyService } from './policy-service.ts'
import type { PolicySurface } from './surface.ts'

/**
 * The functions of the service, each of which asks its thread. All of them reject with `ASNZONE_POLICY` between two
 * threads, and when the thread hangs.
 */
export function surfaceOf(service: PolicyService): PolicySurface {
  const { ask, askPatiently } = askers(service)
  return {
    check: (question) => askPatiently((it, within) => it.callWithin(within, 'check', question)),
    decide: (question, source) =>
      askPatiently((it, within) => it.callWithin(within, 'decide', question, source)),
    allow: (question) => askPatiently((it, within) => it.callWithin(within, 'allow', question)),
    report: (outcome) => askPatiently((it, within) => it.callWithin(within, 'report', outcome)),
    list: (query) => ask((it) => it.call('list', query)),
    show: (user) => ask((it) => it.call('show', user)),
    events: (query) => ask((it) => it.call('events', query)),
    unblock: (user) => ask((it) => it.call('unblock', user)),
    forget: (user) => ask((it) => it.call('forget', user)),
    records: () => ask((it) => it.call('records')),
    setRecords: (records) => ask((it) => it.call('setRecords', records)),
    resetRecords: () => ask((it) => it.call('resetRecords')),
    figures: () => ask((it) => it.call('figures')),
  }
}

function askers(service: PolicyService) {
  const ask = async <Result>(work: (it: PolicyService['ask']) => Promise<Result>): Promise<Result> => {
    try {
      return await work(service.ask)
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error
      throw new AsnzoneError('ASNZONE_POLICY', `the policy service: ${error.message}`, { cause: error })
    }
  }
  /** What the store is asked may take as long as the settings say: the thread then answers by `on-error`. */
  const askPatiently = <Result>(
    work: (it: PolicyService['ask'], within: number) => Promise<Result>,
  ): Promise<Result> => ask((it) => work(it, service.patience))
  return { ask, askPatiently }
}
