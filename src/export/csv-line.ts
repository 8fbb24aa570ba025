// A line of a CSV file.

/** Fields as a line, ended with LF; quotes where they are needed only (RFC 4180 2.6 and 2.7). */
export function csvLine(fields: readonly string[]): string {
  return `${fields.map(csvField).join(',')}\n`
}

function csvField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
