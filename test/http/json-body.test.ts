// What becomes of a body that doesn't come whole: an error of the client, and none of ours.

import { HTTPException } from 'hono/http-exception'
import { expect, test } from 'vitest'
import { octetsOf } from '../../src/http/json-body.ts'

const contextOf = (body: AsyncIterable<Uint8Array>) =>
  ({ req: { raw: { body } } }) as unknown as Parameters<typeof octetsOf>[0]

async function* sending(octets: number, end: Error | null): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(octets)
  if (end !== null) throw end
}

test('a body comes as it is', async () => {
  expect((await octetsOf(contextOf(sending(3, null)), 3)).length).toBe(3)
})

test.each([
  ['who hangs up', sending(3, new Error('aborted')), 400, 'the body was cut off'],
  ['who sends too much', sending(4, null), 413, 'a body has at most 3 octets'],
])('%s is told so', async (_, body, status, message) => {
  const error = await octetsOf(contextOf(body), 3).catch((cause: unknown) => cause)
  expect(error).toBeInstanceOf(HTTPException)
  expect(error).toMatchObject({ status, message })
})
