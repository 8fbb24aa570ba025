// What a whois client may ask to be shown: flags of a query, and the same as words of a bulk.

/** Which columns a row has, and whether their names stand above. */
export interface Shown {
  /** Of an AS; an address always has it. */
  readonly asn: boolean
  readonly prefix: boolean
  readonly country: boolean
  readonly registry: boolean
  readonly allocated: boolean
  readonly name: boolean
  readonly header: boolean
}

/** What is shown unless something else is asked for. */
export const STANDARD: Shown = {
  asn: false,
  prefix: false,
  country: false,
  registry: false,
  allocated: false,
  name: true,
  header: true,
}

const VERBOSE: Partial<Shown> = {
  asn: true,
  prefix: true,
  country: true,
  registry: true,
  allocated: true,
  name: true,
}

interface Option {
  readonly flag: string
  readonly word: string
  readonly change: Partial<Shown>
  readonly help: string
}

const option = (flag: string, word: string, change: Partial<Shown>, help: string): Option => ({
  flag,
  word,
  change,
  help,
})

const OPTIONS: readonly Option[] = [
  option('p', 'prefix', { prefix: true }, 'the prefix'),
  option('q', 'noprefix', { prefix: false }, 'no prefix (default)'),
  option('c', 'countrycode', { country: true }, 'the country'),
  option('d', 'nocountrycode', { country: false }, 'no country (default)'),
  option('n', 'asname', { name: true }, 'the name of the AS (default)'),
  option('o', 'noasname', { name: false }, 'no name of the AS'),
  option('r', 'registry', { registry: true }, 'the registry'),
  option('s', 'noregistry', { registry: false }, 'no registry (default)'),
  option('a', 'allocdate', { allocated: true }, 'the date of the allocation'),
  option('b', 'noallocdate', { allocated: false }, 'no date of the allocation (default)'),
  option('t', 'truncate', {}, 'nothing: names are never cut'),
  option('u', 'notruncate', {}, 'nothing: names are never cut'),
  option('v', 'verbose', VERBOSE, 'all columns'),
  option('e', 'header', { header: true }, 'the names of the columns (default of a single query)'),
  option('f', 'noheader', { header: false }, 'no names of the columns (default of a bulk)'),
  option('w', 'asnumber', { asn: true }, 'the number of an AS that is asked for'),
  option('x', 'noasnumber', { asn: false }, 'no number of an AS that is asked for (default)'),
]

const BY_FLAG = new Map(OPTIONS.map((it) => [it.flag, it.change]))
const BY_WORD = new Map(OPTIONS.map((it) => [it.word, it.change]))

/** What a line asks for. */
export interface Question {
  readonly shown: Shown
  /** What is asked about; null where the line only says what is to be shown. */
  readonly subject: string | null
  /** An option that there is not. */
  readonly unknown: string | null
  readonly wantsHelp: boolean
}

/** Reads a line: options, each a flag (`-v`, several as `-vf`) or a word (`verbose`), and what is asked about after them. */
export function readQuestion(line: string, standing: Shown): Question {
  let shown = standing
  let wantsHelp = false
  for (const word of line.split(/\s+/)) {
    if (word === '') continue
    const changes = changesOf(word.toLowerCase())
    if (changes === null) return { shown, subject: word, unknown: null, wantsHelp }
    for (const change of changes) {
      if (change === undefined) return { shown, subject: null, unknown: word, wantsHelp }
      if (change === HELP) wantsHelp = true
      else shown = { ...shown, ...change }
    }
  }
  return { shown, subject: null, unknown: null, wantsHelp }
}

const HELP = 'help'

/** What a word changes, nothing for each flag that there is not; null when it is no option. */
function changesOf(word: string): readonly (Partial<Shown> | typeof HELP | undefined)[] | null {
  if (word === HELP) return [HELP]
  if (!word.startsWith('-')) {
    const change = BY_WORD.get(word)
    return change === undefined ? null : [change]
  }
  const flags = [...word.slice(1)]
  return flags.length === 0 ? [undefined] : flags.map((flag) => (flag === 'h' ? HELP : BY_FLAG.get(flag)))
}

/** What `-h` prints. */
export const HELP_TEXT = [
  'A query is an address, a network or an AS such as AS15169, after any of these flags. A bulk begins with the line',
  'begin and ends with the line end; between them are queries, and the words of the flags, each on a line of its own.',
  '',
  ...OPTIONS.map(({ flag, word, help }) => `-${flag}  ${word.padEnd(13)}  ${help}`),
  `-h  ${HELP.padEnd(13)}  this text`,
  '',
].join('\n')
