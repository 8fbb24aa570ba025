// What is said when the store of the policy service is not available.

import { ofFile } from '../system/file-reason.ts'
import type { PolicyConduct } from './task.ts'

const MEANWHILE: Readonly<Record<PolicyConduct['onError'], string>> = {
  dunno: 'requests that it does not judge pass',
  defer: 'requests that it does not judge are deferred',
  close: 'requests that it does not judge are not answered',
}

/** Which store, why, and what becomes of requests. */
export function storeTrouble(store: string, reason: string, onError: PolicyConduct['onError']): string {
  return `policy: ${ofFile(store, reason)}; until it is back, ${MEANWHILE[onError]}`
}
