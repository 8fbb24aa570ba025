// Settings as the lines of a config file, which hold nothing but characters that can be seen.

import { parse } from 'yaml'
import { printableJson } from '../printable.ts'

/** The lines of a map of settings: a line for each value, lists on one. */
export function configLines(settings: Readonly<Record<string, unknown>>, indent = ''): string[] {
  return Object.entries(settings).flatMap(([key, value]) =>
    isMap(value) && Object.keys(value).length > 0
      ? [`${indent}${key}:`, ...configLines(value, `${indent}  `)]
      : [`${indent}${key}: ${inline(value)}`],
  )
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function inline(value: unknown): string {
  if (isMap(value)) return '{}'
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  // What JSON writes is YAML, too.
  return typeof value === 'string' && !isPlain(value) ? printableJson(JSON.stringify(value)) : String(value)
}

/** Whether a text is itself without quotes, in lists as well. */
const isPlain = (text: string): boolean =>
  /^[A-Za-z0-9_/.][\w./@:+-]*$/.test(text) && !text.endsWith(':') && parse(text) === text
