// What a table is to be made of, as the config asks for it: not yet files, but where files come from.

import type { FormatName } from '../formats/formats.ts'
import type { Dataset } from './dataset.ts'
import { decoded } from './source-url.ts'

/** One data set. */
export interface PlannedSource {
  readonly dataset: Dataset
  readonly format: FormatName
  /** URLs, files of npm packages (`npm:@ip-location-db/asn/asn-ipv4.csv`) and paths; each a part of the set. */
  readonly from: readonly string[]
  /** Milliseconds after which `serve` fetches it again; null for never. */
  readonly refresh: number | null
  /** The URL of a SHA-256 sum, in which `{file}` stands for the file's name; null for none. */
  readonly checksum: string | null
  readonly licence: string
  readonly attribution: string
}

/** All data sets, in order of precedence. */
export interface DataPlan {
  /** What the config names. */
  readonly sources: readonly PlannedSource[]
  /** What lies below: a feed that has to be fetched, and until it is, the embedded data. */
  readonly feed: readonly PlannedSource[]
  /** Whether the embedded data stand in for a feed that was never fetched, or for none. */
  readonly embedded: boolean
}

/** Whether something is fetched over the network. */
export function isUrl(from: string): boolean {
  return /^https?:\/\//i.test(from)
}

/** The name of the file that a URL, package or path leads to. */
export function fileNameOf(from: string): string {
  const path = isUrl(from) ? new URL(from).pathname : from
  return decoded(path.slice(path.lastIndexOf('/') + 1)) || 'index'
}

/** The parts of a plan that are fetched over the network, each URL once. */
export function fetchedParts(plan: DataPlan): { url: string; source: PlannedSource }[] {
  const parts = new Map<string, { url: string; source: PlannedSource }>()
  for (const source of [...plan.sources, ...plan.feed]) {
    for (const url of source.from) if (isUrl(url) && !parts.has(url)) parts.set(url, { url, source })
  }
  return [...parts.values()]
}
