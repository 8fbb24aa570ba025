// The process: whom it runs as, and where it logs to.

import { z } from 'zod'
import { text } from './kinds-of-value.ts'
import type { SettingRows } from './setting.ts'

/** The process. */
export const PROCESS_SETTINGS = {
  user: {
    change: 'restart',
    kind: 'text',
    help: 'the user to become once the sockets are bound',
    placeholder: 'NAME',
    schema: text.optional(),
  },
  group: {
    change: 'restart',
    kind: 'text',
    help: 'the group to become; the group of the user when not given',
    placeholder: 'NAME',
    schema: text.optional(),
  },
  'log-level': {
    change: 'live',
    path: 'log.level',
    kind: 'text',
    help: 'the lowest level that is logged: debug, info, warn or error',
    placeholder: 'LEVEL',
    schema: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  },
  'log-format': {
    change: 'restart',
    path: 'log.format',
    kind: 'text',
    help: 'json for programs; pretty for people; auto: pretty, or in the journal of systemd with its priorities',
    placeholder: 'FORMAT',
    schema: z.enum(['auto', 'pretty', 'json']).default('auto'),
  },
  'log-file': {
    change: 'restart',
    path: 'log.file',
    kind: 'text',
    help: 'a file that serve logs to instead of standard error; asnzone reopen opens it again',
    placeholder: 'FILE',
    schema: text.optional(),
  },
  'query-log': {
    change: 'restart',
    path: 'queryLog.file',
    kind: 'text',
    help: 'a file with a line for each query, - for standard output; asnzone reopen opens it again',
    placeholder: 'FILE',
    schema: text.optional(),
  },
  'query-log-every': {
    change: 'restart',
    path: 'queryLog.every',
    kind: 'number',
    help: 'one in this many queries of each thread is logged',
    placeholder: 'N',
    schema: z.int().min(1).max(1000000).default(1),
  },
} as const satisfies SettingRows
