// The formats that verdicts are read from: a file each beside this one.

import { amavis } from './amavis.ts'
import type { Format } from './formats.ts'
import { message } from './message.ts'
import { plain } from './plain.ts'
import type { Reader } from './reader.ts'
import { rspamd } from './rspamd.ts'

/** The readers by the name of their format. */
export const READERS: Readonly<Record<Format, Reader>> = { plain, rspamd, amavis, message }
