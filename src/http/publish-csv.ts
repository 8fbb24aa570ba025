// Publishes the table in service as CSV files over HTTP, the way Stalwart's Resource variant reads them:
//
//     /asn-ipv4.csv       /asn-ipv6.csv         start,end,asn,name
//     /country-ipv4.csv   /country-ipv6.csv     start,end,country
//
// No header, every line ended, quotes around names only. The ETag is that of the table: a client that has the
// file of the table in service gets 304.
//
// A file is written a block at a time, and whatever else waits has its turn between two blocks: TCP queries are
// answered by the same thread.

import { createHash } from 'node:crypto'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { Table } from '../table/table.ts'
import { type CsvKind, csvRowsOf } from './csv-rows-of.ts'

/** How many rows are a block: a few milliseconds' work. */
const BLOCK_ROWS = 500

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
  // An error is a client that went away.
  pipeline(csvBlocks(csvRowsOf(table, file.kind, file.family)), response, () => {})
}

async function* csvBlocks(rows: Iterable<readonly string[]>): AsyncGenerator<string, void, undefined> {
  let block = ''
  let count = 0
  for (const row of rows) {
    block += `${row.map(csvField).join(',')}\n`
    if (++count % BLOCK_ROWS !== 0) continue
    yield block
    block = ''
    await setImmediate()
  }
  if (block !== '') yield block
}

/** RFC 4180 2.6 and 2.7. */
function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
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
