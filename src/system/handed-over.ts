// The descriptors that a shell hands to a command by names such as /dev/stdin and /dev/fd/63, for `<(…)`. Read by the
// descriptor, not by the name: the system opens the name anew, which another user than the one that made a pipe may not.

/** The last of them are the forms that are links of the others. */
const NAME = /^\/(?:dev\/stdin|(?:dev|proc\/self)\/fd\/(\d{1,9}))$/

/** The descriptor that a path names; null where it names something else. */
export function descriptorNamed(path: string): number | null {
  const found = NAME.exec(path)
  return found === null ? null : Number(found[1] ?? 0)
}

/** The descriptors that the arguments of a command name, also within an option such as `--config=/dev/fd/63`. */
export function handedOver(args: readonly string[]): number[] {
  return args.flatMap((arg) => descriptorNamed(arg) ?? descriptorNamed(arg.slice(arg.indexOf('=') + 1)) ?? [])
}
