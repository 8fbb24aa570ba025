// The leaves of a structure as environment variables: ASNZONE_POLICY_LIMITS_COUNTRIES is policy.limits.countries. The
// names are made from the schema, so that each leaf has one.

import { z } from 'zod'
import { isList } from './leaves.ts'

/** A leaf of a structure. */
export interface Leaf {
  readonly variable: string
  /** From the structure on. */
  readonly path: readonly string[]
  readonly schema: z.ZodType
}

/** Every leaf below a shape. */
export function leavesOf(
  prefix: string,
  shape: Readonly<Record<string, z.ZodType>>,
  above: readonly string[] = [],
): Leaf[] {
  return Object.entries(shape).flatMap(([key, schema]) => {
    const variable = `${prefix}_${key.toUpperCase().replaceAll('-', '_')}`
    const path = [...above, key]
    const inner = schema instanceof z.ZodPrefault ? schema.unwrap() : schema
    if (inner instanceof z.ZodObject) {
      return leavesOf(variable, inner.shape as Readonly<Record<string, z.ZodType>>, path)
    }
    return [{ variable, path, schema }]
  })
}

/** What a text from the environment stands for: a list, a number where the leaf takes no text, or the text. */
export function leafValue({ schema }: Leaf, value: string): unknown {
  if (isList(schema)) return value.split(/[\s,]+/).filter((item) => item !== '')
  if (/^-?\d+(\.\d+)?$/.test(value) && !schema.safeParse(value).success) return Number(value)
  return value
}

/** A structure with the value of a leaf in it, where it may have none or another; the old one is left as it is. */
export function withLeaf(structure: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  const isMap = typeof structure === 'object' && structure !== null && !Array.isArray(structure)
  const old: Readonly<Record<string, unknown>> = isMap ? (structure as Record<string, unknown>) : {}
  return { ...old, [key]: withLeaf(old[key], rest, value) }
}
