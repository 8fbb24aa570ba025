// The setting `policy`, whose parts are in ../policy/.

import { policyLeaves, policySchema } from '../policy/policy.ts'
import type { SettingRows } from './setting.ts'

/** The policy service. */
export const POLICY_SETTINGS = {
  policy: {
    change: 'live',
    restartParts: {
      listen: 'listen',
      socket: 'socket-mode',
      restAddress: 'http',
      store: 'store',
      hashKey: 'hash-users',
      ldap: 'ldap',
    },
    kind: 'structure',
    help: 'the policy service for Postfix: who sends from too many places; see docs/policy.md',
    placeholder: 'POLICY',
    schema: policySchema.prefault({}),
    standard: 'off',
    leaves: policyLeaves,
    leafOptions: [
      {
        name: 'policy-listen',
        kind: 'list',
        help: 'where the policy service listens, such as 127.0.0.1:4646 or unix:/run/asnzone/policy.sock; off unless given',
        placeholder: 'ADDR:PORT',
      },
      {
        name: 'policy-mode',
        kind: 'text',
        help: 'what the policy service does with what it would refuse: enforce or monitor',
        placeholder: 'MODE',
      },
    ],
  },
} as const satisfies SettingRows
