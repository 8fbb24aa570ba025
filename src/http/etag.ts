// Whether a client has the file already that it asks for.

import type { Context } from 'hono'

/** Whether a client says that it has what is called so (RFC 9110 13.1.2). */
export function hasTag(context: Context, tag: string): boolean {
  const condition = context.req.header('if-none-match')
  if (condition === undefined) return false
  return condition.split(',').some((one) => ['*', tag].includes(one.trim().replace(/^W\//, '')))
}
