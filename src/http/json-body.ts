// Bodies of requests: JSON of a bounded length, held to a schema. What is wrong is an HTTPException with its reason.

import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import type { z } from 'zod'
import { complaintOf, FOR_COMPLAINTS } from '../complaint.ts'

/** The most octets of a body. */
const MAX_BODY = 1 << 20

/** An error of the client. */
export const refusal = (status: 400 | 403 | 404 | 413 | 415, message: string): HTTPException =>
  new HTTPException(status, { message })

/**
 * Reads a body.
 *
 * @param wrongType the status where it doesn't say that it is JSON
 * @throws {HTTPException} 400, 413 or 415.
 */
export async function jsonBody(context: Context, wrongType: 400 | 415 = 415): Promise<unknown> {
  const { req } = context
  if (!/^application\/json\b/i.test(req.header('content-type') ?? '')) {
    throw refusal(wrongType, 'a body of content-type application/json is needed')
  }
  const octets = await octetsOf(context, MAX_BODY)
  try {
    return JSON.parse(Buffer.from(octets).toString('utf8')) as unknown
  } catch {
    throw refusal(400, 'the body is not JSON')
  }
}

/**
 * The octets of a body.
 *
 * @throws {HTTPException} 413 when there are more than that, 400 when the client doesn't send all of them.
 */
export async function octetsOf({ req }: Context, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let octets = 0
  try {
    for await (const part of req.raw.body ?? []) {
      octets += part.length
      if (octets > most) throw refusal(413, `a body has at most ${most} octets`)
      parts.push(part)
    }
  } catch (error) {
    // Who hangs up is no fault of ours.
    throw error instanceof HTTPException ? error : refusal(400, 'the body was cut off')
  }
  return Buffer.concat(parts)
}

/**
 * Holds a value to a schema.
 *
 * @throws {HTTPException} 400 with the field and what is wrong with it.
 */
export function parseBody<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value, FOR_COMPLAINTS)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const where = issue.code === 'unrecognized_keys' ? issue.keys[0] : issue.path.join('.')
  throw refusal(400, `${where === '' ? 'the body' : where}: ${complaintOf(issue)}`)
}

/**
 * A page of another site can make a browser send what its user may send; the browser tells where it comes from.
 *
 * @param isChange whether a GET changes something as well
 * @throws {HTTPException} 403.
 */
export function refuseOtherSites({ req }: Context, isChange = false): void {
  if (!isChange && (req.method === 'GET' || req.method === 'HEAD')) return
  const site = req.header('sec-fetch-site') ?? 'none'
  const origin = req.header('origin')
  const isOther =
    (site !== 'same-origin' && site !== 'none') ||
    (origin !== undefined && origin.replace(/^https?:\/\//, '') !== req.header('host'))
  if (isOther) throw refusal(403, 'a page of another site may not change anything here')
}
