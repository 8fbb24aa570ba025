// Publishes the table in service as CSV files over HTTP, the way Stalwart's Resource variant reads them:
//
//     /asn-ipv4.csv       /asn-ipv6.csv         start,end,asn,name
//     /country-ipv4.csv   /country-ipv6.csv     start,end,country
//
// No header, every line ended, quotes around names only. The ETag is that of the table: a client that has the
// file of the table in service gets 304.

import { createHash } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { pipeline, Readable } from 'node:stream'
import { format } from 'fast-csv'
import type { Table } from '../table/table.ts'
import { type CsvKind, csvRowsOf } from './csv-rows-of.ts'

/** A published file. */
interface PublishedFile {
  readonly kind: CsvKind
  readonly family: 4 | 6
}

const FILES: ReadonlyMap<string, PublishedFile> = new Map(
  (['asn', 'country'] as const).flatMap((kind) =>
    ([4, 6] as const).map((family) => [`/${kind}-ipv${family}.csv`, { kind, family }] as const),
  ),
)

/**
 * Answers requests for the files.
 *
 * @param table the table in service
 */
export function csvFiles(table: () => Table): RequestListener {
  const tags = new WeakMap<Table, string>()
  return (request, response) => answer(request, response, table(), tags)
}

function answer(
  request: IncomingMessage,
  response: ServerResponse,
  table: Table,
  tags: WeakMap<Table, string>,
): void {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  const file = FILES.get(pathname)
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end()
    return
  }
  if (file === undefined) {
    response.writeHead(404, { 'content-type': 'text/plain' })
    response.end(`published are ${[...FILES.keys()].join(', ')}\n`)
    return
  }
  const tag = `"${tagOf(table, tags)}-${file.kind}${file.family}"`
  const headers = { etag: tag, 'last-modified': new Date(table.metadata().date).toUTCString() }
  if (matches(request.headers['if-none-match'], tag)) {
    response.writeHead(304, headers).end()
    return
  }
  response.writeHead(200, { ...headers, 'content-type': 'text/csv; charset=utf-8' })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  const rows = Readable.from(csvRowsOf(table, file.kind, file.family))
  // An error is a client that went away.
  pipeline(rows, format({ includeEndRowDelimiter: true }), response, () => {})
}

/** Whether a list of ETags has one (RFC 9110 13.1.2). */
function matches(condition: string | undefined, tag: string): boolean {
  if (condition === undefined) return false
  return condition.split(',').some((one) => ['*', tag].includes(one.trim().replace(/^W\//, '')))
}

/** The sum of a table, made once for each. */
function tagOf(table: Table, tags: WeakMap<Table, string>): string {
  let tag = tags.get(table)
  if (tag === undefined) {
    tag = createHash('sha256').update(new Uint8Array(table.buffer)).digest('hex').slice(0, 16)
    tags.set(table, tag)
  }
  return tag
}
