// The policy service as the main thread asks it, in the words of surface.ts.

import type { PolicyService } from './policy-service.ts'
import type { PolicySurface } from './surface.ts'

/**
 * The functions of the service, each of which asks its thread. All of them reject with `ASNZONE_POLICY` between two
 * threads.
 */
export function surfaceOf(service: PolicyService): PolicySurface {
  return {
    check: async (question) => service.ask.call('check', question),
    decide: async (question, source) => service.ask.call('decide', question, source),
    allow: async (question) => service.ask.call('allow', question),
    report: async (outcome) => service.ask.call('report', outcome),
    list: async (query) => service.ask.call('list', query),
    show: async (user) => service.ask.call('show', user),
    events: async (query) => service.ask.call('events', query),
    unblock: async (user) => service.ask.call('unblock', user),
    forget: async (user) => service.ask.call('forget', user),
    records: async () => service.ask.call('records'),
    setRecords: async (records) => service.ask.call('setRecords', records),
    resetRecords: async () => service.ask.call('resetRecords'),
    figures: async () => service.ask.call('figures'),
  }
}
