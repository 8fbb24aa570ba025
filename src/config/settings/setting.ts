// What one setting is: a row of the table in ../settings.ts.

import type { z } from 'zod'
import type { Leaf } from '../policy/environment.ts'

/** How a setting is written where everything is a string; a structure is written in the config file only. */
export type SettingKind = 'text' | 'list' | 'number' | 'switch' | 'structure'

/** One setting. */
export interface Setting {
  readonly kind: SettingKind
  /** Whether nobody may see it. */
  readonly isSecret?: boolean
  /** One sentence for `--help` and the manual. */
  readonly help: string
  /** What stands for the value in `--help`. */
  readonly placeholder: string
  readonly schema: z.ZodType
  /** When a server that runs has another value: with a reload, or after a restart. */
  readonly change: 'live' | 'restart'
  /** The parts of a live structure that need a restart all the same, and what they are called in the config. */
  readonly restartParts?: Readonly<Record<string, string>>
  /** Where its value stands in `Settings`; its name in camelCase when not given. */
  readonly path?: string
  /** The default in words, where it depends on the machine. */
  readonly standard?: string
  /** The parts of a structure that can be set in the environment, too. */
  readonly leaves?: readonly Leaf[]
  /** Those of them that have an option of the command line. */
  readonly leafOptions?: readonly LeafOption[]
}

/** A part of a structure that has an option. */
export interface LeafOption {
  /** `policy-listen`; the variable is named alike. */
  readonly name: string
  readonly kind: 'text' | 'list'
  readonly help: string
  readonly placeholder: string
}

/** Some rows of the table. */
export type SettingRows = Readonly<Record<string, Setting>>
