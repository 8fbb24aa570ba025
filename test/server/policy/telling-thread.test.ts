// The thread that tells people may die: who has asked is told, and it is started again.

import { MessagePort } from 'node:worker_threads'
import { afterEach, expect, test, vi } from 'vitest'
import type { Delivery } from '../../../src/policy-server/telling/deliver.ts'
import type { TellingClient } from '../../../src/policy-server/telling/telling-client.ts'
import { WebhookSink } from '../../support/webhook-sink.ts'

// Threads are started from dist/.
const built = (await import(
  new URL('../../../dist/policy-server/telling/telling-client.js', import.meta.url).href
)) as { TellingClient: typeof TellingClient }

let hook: WebhookSink
let client: TellingClient

afterEach(async () => {
  await client?.stop()
  await hook?.stop()
})

test('a message that the thread dies of has failed, and the next one is told by another thread', async () => {
  const deaths: string[] = []
  hook = await WebhookSink.start()
  client = new built.TellingClient(({ message }) => deaths.push(message))
  const delivery: Delivery = { channel: 'webhook', user: 'u', id: 'a', url: hook.url, key: null, body: '{}' }
  expect(await client.deliver(delivery)).toEqual({ kind: 'sent' })
  // A message that is none ends it as an error of its own would.
  const post = MessagePort.prototype.postMessage
  vi.spyOn(MessagePort.prototype, 'postMessage').mockImplementationOnce(function (this: MessagePort) {
    post.call(this, null)
  })
  const outcome = await client.deliver(delivery)
  expect(outcome).toMatchObject({ kind: 'failed', isFinal: false })
  expect(deaths).toHaveLength(1)
  await expect
    .poll(() => client.deliver(delivery), { timeout: 30_000, interval: 200 })
    .toEqual({ kind: 'sent' })
  await client.stop()
  expect(await client.deliver(delivery)).toMatchObject({ kind: 'failed' })
})
