// The networks of countries or ASes, one a line: what maps of rspamd, firewalls and scripts read.

import { networkText } from '../table/address-text.ts'
import type { ExportRequest } from './request.ts'
import { networksOf, selectionOf, spansOf, Values } from './spans.ts'

/** `8.8.8.0/24` a line, IPv4 first, after a comment that tells what it is. */
export function* cidrLinesOf(request: ExportRequest): Generator<string, void, undefined> {
  yield `# ${request.head}\n`
  const values = new Values(request.table, selectionOf(request), () => ['', true])
  for (const family of request.families) {
    for (const { start, end } of spansOf(request.table, family, values.of)) {
      for (const network of networksOf(start, end)) yield `${networkText(network.start)}/${network.length}\n`
    }
  }
}
