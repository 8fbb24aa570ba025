// Maps from networks to a country or an AS number: Postfix' cidr tables, HAProxy's map files, nginx' geo blocks.

import { networkText } from '../table/address-text.ts'
import { COLUMN } from '../table/layout.ts'
import type { ExportRequest } from './request.ts'
import { networksOf, selectionOf, spansOf, Values } from './spans.ts'

/** Bits of the networks that lines of a Postfix table are grouped by: within a group Postfix reads one line after another. */
const GROUP_BITS = { 4: 8, 6: 24 } as const

/** A network and what is said of it. */
interface Line {
  readonly start: Uint32Array
  readonly length: number
  readonly text: string
}

/** `1.0.0.0/24 AU` a line, for `map_ip`. */
export function* writeHaproxy(request: ExportRequest): Generator<string, void, undefined> {
  yield `# ${request.head}\n`
  for (const { start, length, text } of linesOf(request)) yield `${networkText(start)}/${length} ${text}\n`
}

/** `1.0.0.0/24 AU;` a line, to be included in a `geo` block. */
export function* writeNginx(request: ExportRequest): Generator<string, void, undefined> {
  yield `# ${request.head}\n`
  for (const { start, length, text } of linesOf(request)) yield `${networkText(start)}/${length} ${text};\n`
}

/**
 * `1.0.0.0/24 AU` a line (cidr_table(5)); the first line that matches counts, and each is tried, so that they are
 * grouped by the first bits of the address.
 */
export function* writePostfix(request: ExportRequest): Generator<string, void, undefined> {
  yield `# ${request.head}\n`
  let group = ''
  for (const { start, length, text } of linesOf(request)) {
    const bits = GROUP_BITS[start.length === 1 ? 4 : 6]
    const own = length <= bits ? '' : `${networkText(start, bits)}/${bits}`
    if (own !== group) {
      if (group !== '') yield 'endif\n'
      if (own !== '') yield `if ${own}\n`
      group = own
    }
    yield `${networkText(start)}/${length} ${text}\n`
  }
  if (group !== '') yield 'endif\n'
}

function* linesOf(request: ExportRequest): Generator<Line, void, undefined> {
  const { table, families, what } = request
  const column = COLUMN[what[0] as 'asn' | 'country']
  const values = new Values(table, selectionOf(request), (record) => {
    const text = table.text(record, column)
    return text === '' ? null : [text, text]
  })
  for (const family of families) {
    for (const { start, end, value } of spansOf(table, family, values.of)) {
      const text = values.value(value)
      for (const { start: first, length } of networksOf(start, end)) yield { start: first, length, text }
    }
  }
}
