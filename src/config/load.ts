// Settings from the command line, the environment and the config file, in this order of precedence.

import { complaintOf, FOR_COMPLAINTS } from '../complaint.ts'
import { AsnzoneError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { defaultDataDirectory } from './found-config.ts'
import type { Places } from './places.ts'
import { type Leaf, leafValue, withLeaf } from './policy/environment.ts'
import { keysOf } from './schema-keys.ts'
import { arrange, type Settings, type SettingValues } from './setting-values.ts'
import type { LeafOption, Setting } from './settings/setting.ts'
import { environmentName, SETTINGS, type SettingName, settingNames } from './settings.ts'
import { DECIDED_BY_BUILDER } from './snapshot-setting.ts'
import { lackOfData } from './sources-setting.ts'
import { readYamlFile, type YamlFile } from './yaml-file.ts'

/** Where settings come from. */
export interface SettingSources {
  /** Options of the command line by setting name; what was not given is undefined. */
  readonly options?: Readonly<Record<string, unknown>>
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** The config file; none when not given. */
  readonly configFile?: string | null | undefined
  /**
   * The settings that are read; what is neither one of them nor nearly called so is as if it weren't there. All of them when
   * not given.
   */
  readonly only?: readonly SettingName[] | undefined
}

/** Every variable that sets something. */
const KNOWN_VARIABLES = settingNames.flatMap((name) => {
  const { leaves }: Setting = SETTINGS[name]
  return leaves === undefined ? [environmentName(name)] : leaves.map(({ variable }) => variable)
})

/** What a config file says. */
interface ConfigFile {
  readonly values: Partial<Record<SettingName, unknown>>
  /** Structures whose leaves may be set elsewhere, unchecked. */
  readonly structures: Partial<Record<SettingName, unknown>>
  /** Where the value of each setting stands. */
  readonly places: ReadonlyMap<SettingName, string>
  /** `file:line` of each, and of what is within it. */
  readonly lines: Places
  readonly where: YamlFile['where']
}

const NO_FILE: ConfigFile = {
  values: {},
  structures: {},
  places: new Map(),
  lines: {},
  where: () => 'settings',
}

/**
 * Gathers and checks all settings.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` that names the place, the setting and what it may be.
 */
export function loadSettings(sources: SettingSources): Settings {
  const { options = {}, environment = {}, configFile = null, only = settingNames } = sources
  const isWhole = only === settingNames
  const values: Partial<Record<SettingName, unknown>> = {}
  // Of what is given otherwise the file may say anything, and what is nearly called so, where it is not judged as a whole.
  const isGiven = (name: SettingName): boolean => Boolean(options[name] ?? environment[environmentName(name)])
  const read = isWhole ? only : only.filter((name) => !isGiven(name))
  const config = configFile === null ? NO_FILE : readConfigFile(configFile, read)
  Object.assign(values, config.values)
  const places = new Map(config.places)
  const lines: Record<string, string> = { ...config.lines }
  for (const name of only) {
    const variable = environmentName(name)
    const fromEnvironment = environment[variable]
    const { leaves, leafOptions = [] }: Setting = SETTINGS[name]
    if (leaves !== undefined) {
      const given = { leaves, leafOptions, environment, options, lines }
      values[name] = checkLeaves(name, config.structures[name], given, config.where)
      continue
    }
    if (fromEnvironment && SETTINGS[name].kind === 'structure') {
      throw wrong(`${variable}: ${name} can be set in the config file only`)
    }
    if (fromEnvironment !== undefined && fromEnvironment !== '') {
      values[name] = check(name, fromText(name, fromEnvironment), variable)
      places.set(name, variable)
      delete lines[name]
    }
    const option = options[name]
    if (option !== undefined) {
      values[name] = check(name, typeof option === 'string' ? fromText(name, option) : option, `--${name}`)
      places.set(name, `--${name}`)
      delete lines[name]
    }
  }
  const asked = isWhole ? KNOWN_VARIABLES : read.map(environmentName)
  for (const variable of Object.keys(environment)) {
    if (!variable.startsWith('ASNZONE_') || variable === 'ASNZONE_CONFIG') continue
    if (!isWhole && !isAsked(variable, KNOWN_VARIABLES, asked)) continue
    if (!KNOWN_VARIABLES.includes(variable)) {
      throw wrong(`${variable}: no such setting${suggest(variable, KNOWN_VARIABLES)}`)
    }
  }
  values['data-dir'] ??= defaultDataDirectory(configFile)
  const all = settingNames.map((name) => [name, values[name] ?? SETTINGS[name].schema.parse(undefined)])
  const settings = { ...arrange(Object.fromEntries(all) as SettingValues), places: lines }
  if (!isWhole) return settings
  const lack = lackOfData(settings)
  if (lack !== null) throw wrong(`${places.get('feed') ?? 'feed'}: ${lack}`)
  const decided =
    settings.snapshot === undefined ? undefined : DECIDED_BY_BUILDER.find((name) => places.has(name))
  if (decided !== undefined) {
    throw wrong(
      `${places.get(decided)}: it is decided where the snapshot is built, and has no effect beside snapshot`,
    )
  }
  return settings
}

/** Whether a name is one of those that are asked for, or meant to be. */
function isAsked(name: string, known: readonly string[], asked: readonly string[]): boolean {
  if (asked === known || asked.includes(name)) return true
  const meant = known.includes(name) ? undefined : nearest(name, known)
  return meant !== undefined && asked.includes(meant)
}

function readConfigFile(file: string, only: readonly SettingName[]): ConfigFile {
  const { contents, where } = readYamlFile(file, 'ASNZONE_CONFIG')
  if (typeof contents !== 'object' || contents === null || Array.isArray(contents)) {
    throw wrong(`${file}: a config file holds settings such as 'domain: asnzone.internal'`)
  }
  const values: Partial<Record<SettingName, unknown>> = {}
  const structures: Partial<Record<SettingName, unknown>> = {}
  const places = new Map<SettingName, string>()
  const lines: Record<string, string> = {}
  for (const [key, value] of Object.entries(contents)) {
    if (!isAsked(key, settingNames, only)) continue
    if (!Object.hasOwn(SETTINGS, key)) {
      throw wrong(`${where([key])}: no such setting as '${key}'${suggest(key, settingNames)}`)
    }
    const name = key as SettingName
    places.set(name, `${where([key])}: ${key}`)
    lines[name] = where([key])
    const { kind, leaves }: Setting = SETTINGS[name]
    for (const { path } of leaves ?? []) lines[[name, ...path].join('.')] = where([name, ...path])
    if (value === null) {
      // What is left of a list whose lines were all commented out is no wish for the default.
      if (kind !== 'list') continue
      throw wrong(`${where([key])}: ${key} has no value; write one, or put a # before it for the default`)
    }
    if (leaves !== undefined) {
      structures[name] = value
      continue
    }
    values[name] =
      kind === 'structure' ? checkParts(name, value, where) : check(name, value, `${where([key])}: ${key}`)
  }
  return { values, structures, places, lines, where }
}

/** Where the leaves of a structure may be set besides the config file. */
interface GivenLeaves {
  readonly leaves: readonly Leaf[]
  readonly leafOptions: readonly LeafOption[]
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly options: Readonly<Record<string, unknown>>
  /** Where they stand in the config file, from which those go that are set elsewhere. */
  readonly lines: Record<string, string>
}

/** Checks a structure with the leaves that are set elsewhere; an error names where the wrong one was set. */
function checkLeaves(
  name: SettingName,
  fromFile: unknown,
  { leaves, leafOptions, environment, options, lines }: GivenLeaves,
  where: YamlFile['where'],
): unknown {
  let value: unknown = fromFile ?? {}
  const places = new Map<string, string>()
  for (const leaf of leaves) {
    const text = environment[leaf.variable]
    const path = [name, ...leaf.path].join('.')
    const option = leafOptions.find((it) => it.name === path.replaceAll('.', '-'))
    const given = option === undefined ? undefined : options[option.name]
    if (given === undefined && (text === undefined || text === '')) continue
    if (typeof fromFile === 'object' || fromFile === undefined) {
      value = withLeaf(value, leaf.path, given ?? leafValue(leaf, text ?? ''))
    }
    places.set(path, given === undefined ? leaf.variable : `--${option?.name}`)
    delete lines[path]
  }
  const placeOf = (path: readonly PropertyKey[]): string => {
    for (let length = path.length; length > 0; length--) {
      const place = places.get(path.slice(0, length).join('.'))
      if (place !== undefined) return place
    }
    return where(path)
  }
  return checkParts(name, value, placeOf)
}

function check(name: SettingName, value: unknown, where: string): unknown {
  const parsed = SETTINGS[name].schema.safeParse(value, FOR_COMPLAINTS)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const [at] = issue.path
  // What a reader throws names the item itself.
  const item = typeof at === 'number' && issue.code !== 'custom' ? `item ${at + 1}: ` : ''
  throw wrong(`${where}: ${item}${complaintOf(issue)} (${SETTINGS[name].help})`)
}

/** Checks a setting of many parts: the error names the part and its line. */
function checkParts(name: SettingName, value: unknown, where: YamlFile['where']): unknown {
  const { schema } = SETTINGS[name]
  const parsed = schema.safeParse(value, FOR_COMPLAINTS)
  if (parsed.success) return parsed.data
  // A mistyped key is the reason that another one seems to be missing.
  const { issues } = parsed.error
  const issue = issues.find(({ code }) => code === 'unrecognized_keys') ?? issues[0]
  const path = [name, ...issue.path]
  if (issue.code === 'unrecognized_keys') {
    const [key] = issue.keys
    throw wrong(
      `${where([...path, key])}: ${pathText(path)}: no such key as '${key}'${suggest(key, keysOf(schema, issue.path))}`,
    )
  }
  throw wrong(`${where(path)}: ${pathText(path)}: ${complaintOf(issue)}`)
}

/** `sources[0].format`. */
function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${String(key)}`))
    .join('')
}

function fromText(name: SettingName, value: string): unknown {
  switch (SETTINGS[name].kind) {
    case 'list':
      return value.split(',').map((item) => item.trim())
    case 'number':
      // What is no number is shown as it was written.
      return value.trim() === '' || Number.isNaN(Number(value)) ? value : Number(value)
    case 'text':
    case 'switch':
    case 'structure':
      return value
  }
}

function suggest(word: string, known: readonly string[]): string {
  const match = nearest(word, known)
  return match === undefined ? `; known are ${known.join(', ')}` : `; did you mean '${match}'?`
}

function wrong(message: string): AsnzoneError {
  return new AsnzoneError('ASNZONE_CONFIG', message)
}
