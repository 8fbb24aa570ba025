// Which keys a structure may have at a place in it, as its schema tells: what a mistyped key is compared with.

import type { z } from 'zod'

/** The keys at a path of keys and indexes. */
export function keysOf(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  const there = path.reduce<z.core.$ZodType[]>((at, key) => at.flatMap((one) => within(one, key)), [schema])
  const keys = there.flatMap((one) => objectsIn(one).flatMap(({ shape }) => Object.keys(shape)))
  return [...new Set(keys)]
}

/** What lies below a key of a schema. */
function within(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType[] {
  if (typeof key === 'number') return elementsIn(schema)
  return objectsIn(schema).flatMap(({ shape }) => shape[String(key)] ?? [])
}

function objectsIn(schema: z.core.$ZodType): z.core.$ZodObjectDef[] {
  return leavesOf(schema).flatMap(({ def }) => (def.type === 'object' ? [def] : []))
}

function elementsIn(schema: z.core.$ZodType): z.core.$ZodType[] {
  return leavesOf(schema).flatMap(({ def }) => (def.type === 'array' ? [def.element] : []))
}

/** What is left of a schema without defaults and the like; each of its alternatives. */
function leavesOf(schema: z.core.$ZodType): { readonly def: z.core.$ZodTypes['_zod']['def'] }[] {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'optional':
    case 'default':
    case 'prefault':
    case 'nullable':
    case 'readonly':
      return leavesOf(def.innerType)
    case 'union':
      return def.options.flatMap(leavesOf)
    case 'pipe':
      return [...leavesOf(def.in), ...leavesOf(def.out)]
    default:
      return [{ def }]
  }
}
