// The files that others take from us over HTTP: the data in service as CSV and as lists of networks, and the snapshots
// that are built here.
//
// The ETag of what is made from the table is that of the table: a client that has the file of the table in service
// gets 304.

import { createHash } from 'node:crypto'
import type { Context, Hono } from 'hono'
import type { Table } from '../table/table.ts'
import { hasTag } from './etag.ts'
import { cidrListOf } from './publish-cidr.ts'
import { CSV_FILES } from './publish-csv.ts'
import { SnapshotFiles } from './publish-snapshot.ts'
import { SharedTexts } from './shared-texts.ts'

/** A file that is made from the table. */
export interface PublishedText {
  /** For its ETag. */
  readonly name: string
  readonly type: string
  /** Its lines, with their ends. */
  readonly linesOf: () => Iterable<string>
}

/** Seconds after which a client may ask again whose file could not be made. */
const RETRY_SECONDS = '5'

/** The published files; several applications may share them. */
export class PublishedFiles {
  readonly #table: () => Table
  readonly #snapshots: SnapshotFiles | null
  readonly #texts = new SharedTexts()
  readonly #tags = new WeakMap<Table, string>()

  /**
   * @param table the table in service
   * @param directory of `asnzone build`; null for no snapshots
   */
  constructor(table: () => Table, directory: string | null = null) {
    this.#table = table
    this.#snapshots = directory === null ? null : new SnapshotFiles(directory)
  }

  /** What there is, for people. */
  get paths(): readonly string[] {
    const snapshots = this.#snapshots === null ? [] : ['/snapshot/current.json']
    return [...CSV_FILES.keys(), '/cidr/CC.txt', '/cidr/AS15169.txt', ...snapshots]
  }

  /** Has an application answer for them. */
  addTo(hono: Hono): void {
    for (const [path, textOf] of CSV_FILES) {
      hono.get(path, (context) => this.#answer(context, path, textOf(this.#table())))
      refuseOthers(hono, path)
    }
    hono.get('/cidr/:name', async (context) => {
      const name = context.req.param('name')
      const text = cidrListOf(this.#table(), name)
      if (text !== null) return this.#answer(context, `/cidr/${name}`, text)
      const error = 'nothing is known of such a country or AS; lists are called DE.txt and AS15169.txt'
      return context.json({ error }, 404)
    })
    refuseOthers(hono, '/cidr/:name')
    const snapshots = this.#snapshots
    if (snapshots === null) return
    hono.get('/snapshot/:name', (context) => snapshots.answer(context as Context, context.req.param('name')))
    refuseOthers(hono, '/snapshot/:name')
  }

  async #answer(context: Context, path: string, { name, type, linesOf }: PublishedText): Promise<Response> {
    const table = this.#table()
    const tag = `"${this.#tagOf(table)}-${name}"`
    const headers = { etag: tag, 'last-modified': new Date(table.metadata().date).toUTCString() }
    if (hasTag(context, tag)) return context.body(null, 304, headers)
    const whole = { ...headers, 'content-type': type }
    if (context.req.method === 'HEAD') return context.body(null, 200, whole)
    const text = await this.#texts.get(path, tag, linesOf)
    if (text === null) {
      return context.json({ error: 'too many files are asked for' }, 503, { 'retry-after': RETRY_SECONDS })
    }
    return context.body(text.stream(), 200, { ...whole, 'content-length': String(text.octets) })
  }

  /** The sum of a table, made once for each. */
  #tagOf(table: Table): string {
    let tag = this.#tags.get(table)
    if (tag === undefined) {
      tag = createHash('sha256').update(new Uint8Array(table.buffer)).digest('hex').slice(0, 16)
      this.#tags.set(table, tag)
    }
    return tag
  }
}

function refuseOthers(hono: Hono, path: string): void {
  hono.all(path, (context) => context.body(null, 405, { allow: 'GET, HEAD' }))
}
