// CSV files of people: a header, then rows, with comments (#) and empty lines between them. For small files; the
// large ones of data sources go through csv-rows.ts.

import { parseString } from 'fast-csv'
import { AsnzoneError, type ErrorCode } from '../../../errors.ts'
import { fileReason } from '../../../system/file-reason.ts'
import { readHandwritten } from './handwritten.ts'

/**
 * Visits the rows of a file under its header. Every row has at least the columns that are asked for; an error
 * that `visit` throws is told with the file and the line.
 *
 * @param columns the first columns of the header, more may follow
 * @param code the code of errors
 * @throws {AsnzoneError} of that code.
 */
export async function readHandwrittenCsv(
  file: string,
  columns: readonly string[],
  code: ErrorCode,
  visit: (row: readonly string[], line: number) => void,
): Promise<void> {
  let text: string
  try {
    text = readHandwritten(file)
  } catch (cause) {
    throw new AsnzoneError(code, `${file}: ${fileReason(cause)}`, { cause })
  }
  let line = 1
  let isHeader = true
  try {
    const rows = parseString<string[], string[]>(text, { ignoreEmpty: false, trim: true })
    for await (const row of rows as AsyncIterable<string[]>) {
      if (row.join('') !== '' && !row[0].startsWith('#')) {
        if (!isHeader && row.length < columns.length) throw new Error(`a row needs ${columns.join(', ')}`)
        if (!isHeader) visit(row, line)
        else if (columns.some((column, i) => row[i] !== column)) {
          throw new Error(`the first row has to be '${columns.join(',')}', more columns may follow`)
        }
        isHeader = false
      }
      // A quoted field may hold line breaks.
      line += row.join('').split('\n').length
    }
  } catch (cause) {
    throw new AsnzoneError(code, `${file}:${line}: ${fileReason(cause)}`, { cause })
  }
}
