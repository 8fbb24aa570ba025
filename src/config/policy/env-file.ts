// Files of environment variables, as systemd, Docker and shells read them: NAME=VALUE, quotes, comments.

import { AsnzoneError } from '../../errors.ts'

const LINE = /^(?:export\s+)?([A-Za-z_]\w*)=(.*)$/s

/** What a file has. */
export interface EnvFile {
  /** Without quotes; of two with the same name the later one counts. */
  readonly variables: ReadonlyMap<string, string>
  /** What is wrong with lines that are none, with their numbers. */
  readonly faults: readonly string[]
}

/**
 * Reads a file. A line that is no variable is passed over, as systemd does.
 *
 * @param path where the text comes from
 * @throws {AsnzoneError} `ASNZONE_CONFIG` that names the first such line, when there is no other one.
 */
export function parseEnvFile(path: string, text: string): EnvFile {
  const variables = new Map<string, string>()
  const faults: string[] = []
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  for (let i = 0; i < lines.length; i++) {
    const at = i + 1
    let line = lines[i].trim()
    if (line === '' || /^[#;]/.test(line)) continue
    // A backslash at the end of a line joins the next one to it.
    while (/(?<!\\)(?:\\\\)*\\$/.test(line) && i + 1 < lines.length)
      line = line.slice(0, -1) + lines[++i].trim()
    const found = LINE.exec(line)
    const value = found === null ? null : unquoted(found[2].trim())
    if (found === null || value === null) {
      const what =
        found === null ? 'a line has to be NAME=VALUE or a comment' : `${found[1]}: a quote is not closed`
      faults.push(`${path}:${at}: ${what}`)
    } else variables.set(found[1], value)
  }
  if (variables.size === 0 && faults.length > 0) throw new AsnzoneError('ASNZONE_CONFIG', faults[0])
  return { variables, faults }
}

/** What a value stands for; null when a quote is open at its end. */
function unquoted(text: string): string | null {
  let value = ''
  for (let rest = text; rest !== ''; ) {
    // A comment begins after a blank only: the # in a#b is one like others.
    if (/^\s+#/.test(rest)) break
    const [piece, single, double, escaped] =
      /^'([^']*)'|^"((?:[^"\\]|\\.)*)"|^\\(.?)|^[^'"\\\s]+|^\s+/s.exec(rest) ?? []
    if (piece === undefined) return null
    value += single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? piece
    rest = rest.slice(piece.length)
  }
  return value
}
