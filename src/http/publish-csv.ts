// Publishes the table in service as CSV files over HTTP, the way Stalwart's Resource variant reads them:
//
//     /asn-ipv4.csv       /asn-ipv6.csv         start,end,asn,name
//     /country-ipv4.csv   /country-ipv6.csv     start,end,country
//
// No header, every line ended, quotes around names only. The ETag is that of the table: a client that has the
// file of the table in service gets 304.
//
// A file is made when the first client asks for it, is the same for all who ask while somebody reads it, and is kept
// for a moment for those who come next: one of them, that was asked for last, since all four are 41 MB.

import { createHash } from 'node:crypto'
import type { Context } from 'hono'
import { type CsvKind, csvRowsOf } from '../export/ip-location-rows.ts'
import { collectGarbage } from '../system/collect-garbage.ts'
import type { Table } from '../table/table.ts'
import { CsvText } from './csv-text.ts'

/** Milliseconds for which a file is kept that nobody has asked for again. */
const KEPT_MS = 10_000

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

/** A file of one table. */
interface Copy {
  /** The ETag. Nothing here points to the table, which goes when it is replaced. */
  readonly tag: string
  /** The text while it is made and kept; null after that. */
  kept: Promise<CsvText> | null
  /** What may still be read of a text that isn't kept any more; null while it is made. */
  read: WeakRef<CsvText> | null
  timer: NodeJS.Timeout | undefined
}

/** The published files. */
export class CsvFiles {
  /** Their paths. */
  static readonly paths: readonly string[] = [...FILES.keys()]

  readonly #table: () => Table
  readonly #tags = new WeakMap<Table, string>()
  readonly #copies = new Map<string, Copy>()

  /** @param table the table in service */
  constructor(table: () => Table) {
    this.#table = table
  }

  /** Answers a request for one of the paths. */
  async answer(context: Context, path: string): Promise<Response> {
    const file = FILES.get(path)
    if (file === undefined) throw new Error(`no file ${path}`)
    const table = this.#table()
    const tag = `"${this.#tagOf(table)}-${file.kind}${file.family}"`
    const headers = { etag: tag, 'last-modified': new Date(table.metadata().date).toUTCString() }
    if (matches(context.req.header('if-none-match'), tag)) return context.body(null, 304, headers)
    const type = { 'content-type': 'text/csv; charset=utf-8' }
    if (context.req.method === 'HEAD') return context.body(null, 200, { ...headers, ...type })
    const text = await this.#textOf(table, file, path, tag)
    const length = { 'content-length': String(text.octets) }
    return context.body(text.stream(), 200, { ...headers, ...type, ...length })
  }

  /** The text of a file: the one that there is, or one that is made. */
  #textOf(table: Table, { kind, family }: PublishedFile, path: string, tag: string): Promise<CsvText> {
    let copy = this.#copies.get(path)
    if (copy === undefined || copy.tag !== tag) {
      clearTimeout(copy?.timer)
      copy = { tag, kept: null, read: null, timer: undefined }
      this.#copies.set(path, copy)
    }
    const read = copy.read?.deref()
    if (read !== undefined) copy.kept ??= Promise.resolve(read)
    copy.kept ??= this.#make(csvRowsOf(table, kind, family), copy)
    this.#forgetOthers(copy)
    this.#forgetLater(copy)
    return copy.kept
  }

  async #make(rows: Iterable<readonly string[]>, copy: Copy): Promise<CsvText> {
    try {
      const text = await CsvText.of(rows)
      copy.read = new WeakRef(text)
      // Texts are outside the heap, which has no reason of its own to let go of them.
      setImmediate(collectGarbage)
      return text
    } catch (error) {
      // The next who asks tries again.
      copy.kept = null
      throw error
    }
  }

  /** Whoever reads them goes on. */
  #forgetOthers(copy: Copy): void {
    for (const other of this.#copies.values()) {
      // What is still being made has no reader yet, and is one for all who wait.
      if (other !== copy && other.read !== null) other.kept = null
    }
  }

  #forgetLater(copy: Copy): void {
    clearTimeout(copy.timer)
    copy.timer = setTimeout(() => {
      copy.kept = null
      setImmediate(collectGarbage)
    }, KEPT_MS).unref()
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

/** Whether a list of ETags has one (RFC 9110 13.1.2). */
function matches(condition: string | undefined, tag: string): boolean {
  if (condition === undefined) return false
  return condition.split(',').some((one) => ['*', tag].includes(one.trim().replace(/^W\//, '')))
}
