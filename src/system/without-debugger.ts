// What keeps SIGUSR1 from opening the debugger of Node.js in a process that we start, before it can take the signal.

const DISABLED = '--disable-sigusr1'

/** No host has this address, so that no debugger can listen there; docs/asnzone.service has it, too. */
const UNREACHABLE = '--inspect-port=240.0.0.1:9229'

/** The option of Node.js for such a process: newer ones have one for the purpose. */
export const WITHOUT_DEBUGGER = process.allowedNodeEnvironmentFlags.has(DISABLED) ? DISABLED : UNREACHABLE
