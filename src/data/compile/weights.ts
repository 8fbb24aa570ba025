// The weights of the config and of the files that it names, as one list.

import { NO_WEIGHTS, type Weights } from '../../score/weights.ts'

/**
 * All weights: where the config and a file, or two files, name the same thing, the first counts. None where they are
 * switched off; files are read all the same, so that a wrong one is not noticed only when they are switched on.
 *
 * @throws {AsnzoneError} `ASNZONE_CONFIG` when a file can't be read or holds a row that can't be right.
 */
export async function readWeights(
  setting: Weights & { readonly files: readonly string[]; readonly enabled?: boolean },
): Promise<Weights> {
  const { files, enabled = true, ...listed } = setting
  const weights = await withFiles(listed, files)
  return enabled ? weights : NO_WEIGHTS
}

async function withFiles(weights: Weights, files: readonly string[]): Promise<Weights> {
  if (files.length === 0) return weights
  const { readWeightFile } = await import('../formats/weights-csv.ts')
  const lists = [weights, ...(await Promise.all(files.map(readWeightFile)))]
  return {
    ...weights,
    countries: lists.flatMap(({ countries }) => countries),
    asns: lists.flatMap(({ asns }) => asns),
    prefixes: lists.flatMap(({ prefixes }) => prefixes),
  }
}
