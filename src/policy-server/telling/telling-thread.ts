// The entry point of the thread that sends mail and calls webhooks. Whatever happens here, requests are answered: who
// has asked for it is told that a try has failed, and the thread is started again.

import { type MessagePort, workerData } from 'node:worker_threads'
import { Calls } from '../../system/calls.ts'
import { kernelThread } from '../../system/kernel-thread.ts'
import { deliver } from './deliver.ts'
import type { TellingThreadCalls } from './telling-client.ts'

const { port } = workerData as { readonly port: MessagePort }
const thread: TellingThreadCalls = { deliver, ping: kernelThread }
new Calls(port, { ...thread })
