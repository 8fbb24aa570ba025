// Numbers of things in sentences: «1 row», «2 rows».

/**
 * `1 row`, `411961 rows`.
 *
 * @param many what several are called, where that is not one with an s
 * @param write how the number is written; as digits unless given
 */
export function counted(
  count: number,
  one: string,
  many = `${one}s`,
  write: (count: number) => string = String,
): string {
  return `${write(count)} ${count === 1 ? one : many}`
}
