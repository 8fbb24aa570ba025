// Where settings stand in the config file, for errors that show only when a setting is used.

import { AsnzoneError } from '../errors.ts'

/** `file:line` of each setting that the config file decides, by its name; `policy.listen` for one within another. */
export type Places = Readonly<Record<string, string>>

/**
 * An error that begins with the name of a setting, or ends with its option, with the line of the config file before it;
 * any other as it is. Of several settings that are named before the first colon, the first that stands in the file
 * counts.
 */
export function placed({ places = {} }: { readonly places?: Places | undefined }, error: unknown): unknown {
  if (!(error instanceof AsnzoneError)) return error
  const { code, message, cause } = error
  const name = namesIn(message).find((it) => Object.hasOwn(places, it))
  // One that was told with its line on the way is told as it is.
  const isTold = name === undefined || message.startsWith(`${places[name]}: `)
  return isTold ? error : new AsnzoneError(code, `${places[name]}: ${message}`, { cause })
}

function namesIn(message: string): string[] {
  const [head] = `${message} `.split(/(?<=:) /)
  const first = head.matchAll(/(?:^|, | and )([a-z][a-z.-]*)(?=[ :])/g)
  return [...first, ...message.matchAll(/--([a-z][a-z.-]*)$/g)].map(([, name]) => name)
}
