// The formats that verdicts are read from: a file each beside this one.

import { plain } from './plain.ts'
import type { Reader } from './reader.ts'

/** The readers by the name of their format. */
export const READERS: Readonly<Record<string, Reader>> = { plain }
