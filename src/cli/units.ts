// Numbers as people read them.

import { printable } from '../printable.ts'

/** `22.7 MB`. */
export function megabytes(octets: number): string {
  return `${(octets / 1e6).toFixed(octets < 1e7 ? 2 : 1)} MB`
}

/** `3 d 4 h`, `4 h 12 min`, `12 min`, `12 s`. */
export function timeSpan(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 100) return `${whole} s`
  const minutes = Math.round(whole / 60)
  if (minutes < 60) return `${minutes} min`
  if (minutes < 1440)
    return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`
  const hours = Math.round(minutes / 60)
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** `411,961`. */
export function grouped(number: number): string {
  return Math.round(number).toLocaleString('en')
}

/**
 * Rows of cells as blocks of lines: one line each or, where that is longer than the terminal is wide, one with the
 * cells that are as long as they are, and below it one with all others.
 *
 * @param width characters of a line; null where nothing is wrapped, as in a pipe
 * @param long the columns of the former
 */
export function fitted(
  table: readonly (readonly string[])[],
  width: number | null,
  long: readonly number[],
): string[][] {
  const lines = columns(table).split('\n')
  if (width === null || lines.every((line) => [...line].length <= width)) return lines.map((line) => [line])
  const isLong = (_: string, column: number): boolean => long.includes(column)
  const heads = table.map((row) => row.filter(isLong).map(printable).join('  '))
  const rests = columns(table.map((row) => row.filter((cell, column) => !isLong(cell, column)))).split('\n')
  return heads.map((head, i) => [head, `  ${rests[i]}`])
}

/** Rows of cells as lines, the columns padded; numbers to the right. */
export function columns(table: readonly (readonly string[])[]): string {
  const rows = table.map((row) => row.map(printable))
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const isNumber = (cell: string): boolean => /^[\d.,]+( %| d)?$/.test(cell)
  return rows
    .map((row) =>
      row
        .map((cell, column) => (isNumber(cell) ? cell.padStart(widths[column]) : cell.padEnd(widths[column])))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
