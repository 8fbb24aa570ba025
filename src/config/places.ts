// Where settings stand in the config file, for errors that show only when a setting is used.

import { AsnzoneError } from '../errors.ts'

/** `file:line` of each setting that the config file decides, by its name; `policy.listen` for one within another. */
export type Places = Readonly<Record<string, string>>

/** Settings, as far as they name files. */
interface Named {
  readonly places?: Places | undefined
  readonly sources?: readonly { readonly from: readonly string[] }[]
  readonly score?: { readonly files: readonly string[] }
  readonly policy?: { readonly users: unknown }
}

/**
 * An error that begins with the name of a setting, or ends with its option, with the line of the config file before it;
 * any other as it is. Of several settings that are named before the first colon, the first that stands in the file
 * counts. One that begins with a file that a setting names has the line of that setting.
 */
export function placed(settings: Named, error: unknown): unknown {
  if (!(error instanceof AsnzoneError)) return error
  const { code, message, cause } = error
  const { places = {} } = settings
  const file = settingOfFile(settings, message)
  if (file !== undefined && Object.hasOwn(places, file)) {
    return new AsnzoneError(code, `${places[file]}: ${file}: ${message}`, { cause })
  }
  const name = namesIn(message).find((it) => Object.hasOwn(places, it))
  // One that was told with its line on the way is told as it is.
  const isTold = name === undefined || message.startsWith(`${places[name]}: `)
  return isTold ? error : new AsnzoneError(code, `${places[name]}: ${message}`, { cause })
}

/** The setting that names the file that a message begins with, without a line in it. */
function settingOfFile({ sources = [], score, policy }: Named, message: string): string | undefined {
  const isOf = (file: string): boolean => message.startsWith(`${file}: `)
  if (sources.some(({ from }) => from.some(isOf))) return 'sources'
  if (score?.files.some(isOf)) return 'score'
  return typeof policy?.users === 'string' && isOf(policy.users) ? 'policy.users' : undefined
}

function namesIn(message: string): string[] {
  const [head] = `${message} `.split(/(?<=:) /)
  const first = head.matchAll(/(?:^|, | and )([a-z][a-z.-]*)(?=[ :])/g)
  return [...first, ...message.matchAll(/--([a-z][a-z.-]*)$/g)].map(([, name]) => name)
}
