// Learns from the files that asnzone learn is given, one after the other. One that can't be read stops none of the others:
// files of a Maildir get other names at any time, and what was learned of those before would be learned twice.

import { join } from 'node:path'
import type { Learning } from '../app/learn.ts'
import type { Settings } from '../config/setting-values.ts'
import { counted } from '../counted.ts'
import { AsnzoneError } from '../errors.ts'
import type { Learner } from '../learn/learner.ts'
import { PRODUCT_FILE } from '../learn/product.ts'
import type { Format } from '../learn/readers/formats.ts'
import type { Judgement, Seen } from '../learn/seen.ts'
import { complain, print } from '../print.ts'
import { fileFault, followed, nameOf, open } from './learn-input.ts'
import { countsLine } from './learn-text.ts'
import { tellFault } from './tell-fault.ts'

/** How files are read. */
export interface FilesOptions {
  readonly format: Format
  readonly reporter: string
  readonly verdict?: 'spam' | 'ham'
  readonly follow?: boolean
}

/**
 * Learns, prints what became of it, and writes what answers are made of.
 *
 * @throws {AsnzoneError} `ASNZONE_DATA` when what was learned can't be written.
 */
export async function learnFiles(
  { learner, setting, now }: Learning,
  files: readonly string[],
  { format, reporter, verdict, follow: follows = false }: FilesOptions,
  settings: Settings,
): Promise<void> {
  const { learnFrom } = await import('../learn/input.ts')
  const { READERS } = await import('../learn/readers/readers.ts')
  const readerOptions = () => ({ ...setting, reporter, verdict: verdict ?? null, now: now() })
  const reader = READERS[format]
  let isAnyRead = false
  for (const name of files) {
    const stream = follows ? await followed(name) : opened(name)
    const seen =
      stream === null ? null : await readOf(name, learnFrom(stream, reader, readerOptions, learner))
    isAnyRead ||= seen !== null
    if (seen !== null && reader.reads === 'lines') tell(name, format, seen.judgement)
  }
  const { counts } = learner
  // Of one that failed in its midst something may have been learned.
  if (!isAnyRead && counts.spam + counts.ham === 0) return
  print(countsLine(counts))
  const rows = writtenRows(learner, settings.dataDir)
  print(`${counted(learner.state.model.keys.count, 'key')}; ${counted(rows, 'row')} for answers`)
  if (settings.learn === undefined) {
    complain("asnzone: answers don't heed it: the config has no setting 'learn'")
  }
  // Among many messages one may have come from nowhere; where it is all of them, they are none.
  if (reader.reads === 'whole' && counts.spam + counts.ham === 0 && counts.ignored.format > 0) {
    tellFault(fault('no FILE has a Received line, which tells where a message came from'))
  }
}

/** Writes what answers are made of. */
function writtenRows(learner: Learner, directory: string): number {
  try {
    return learner.writeProduct(directory)
  } catch (cause) {
    throw fileFault(join(directory, PRODUCT_FILE), cause)
  }
}

/** Null for a file that can't be opened, which is told. */
function opened(name: string): AsyncIterable<Buffer> | null {
  try {
    return open(name)
  } catch (cause) {
    tellFault(fileFault(name, cause))
    return null
  }
}

/** Null for a file that can't be read to its end, which is told; what was learned that can't be written ends all of it. */
async function readOf(name: string, reading: Promise<Seen>): Promise<Seen | null> {
  try {
    return await reading
  } catch (cause) {
    if (cause instanceof AsnzoneError) throw cause
    tellFault(fileFault(name, cause))
    return null
  }
}

/** Tells of a file that nothing came of. The log of a system is right, though it has nothing of the program on a quiet night. */
function tell(name: string, format: Format, judgement: Judgement): void {
  const file = nameOf(name)
  if (judgement === 'wrong') {
    tellFault(fault(`${file}: no line of it is of the format ${format}; name another FILE, or its --format`))
  } else if (judgement === 'unread') {
    tellFault(
      fault(`${file}: no line of ${format} in it can be read; let journalctl write times with -o short-iso`),
    )
  } else if (judgement === 'others') {
    complain(`asnzone: ${file}: its lines are of other programs, none of ${format}`)
  }
}

const fault = (message: string): AsnzoneError => new AsnzoneError('ASNZONE_DATA', message)
