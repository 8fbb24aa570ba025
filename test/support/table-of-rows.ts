// A table from a few rows of files, read by the same code that reads the real ones.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { LoadOptions } from '../../src/data/compile/load.ts'
import { checkMetadata } from '../../src/data/snapshot/table-metadata.ts'
import type { Source } from '../../src/data/sources/sources.ts'
import { checkTable } from '../../src/table/check.ts'
import type { Table } from '../../src/table/table.ts'
import { temporaryFolder } from './folders.ts'
import { loadSmall } from './load-small.ts'

/** A data file: what it tells, how, and what it holds. */
export interface SmallFile extends Pick<Source, 'dataset' | 'format'> {
  readonly name: string
  readonly contents: string | Buffer
}

/** Builds the table, which would be believed if it came from a file; options are those of loading. */
export async function tableOf(files: readonly SmallFile[], options: LoadOptions = {}): Promise<Table> {
  const folder = temporaryFolder()
  const sources = files.map(({ contents, ...file }): Source => {
    const path = join(folder, file.name)
    writeFileSync(path, contents)
    return { ...file, path, date: null, licence: 'test licence', attribution: 'a test' }
  })
  const table = await loadSmall(sources, options)
  checkTable(table.buffer)
  checkMetadata(table)
  return table
}
