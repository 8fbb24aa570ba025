// The settings that lists of one's own take: conditions of distances, scores, RPKI and reputation hold for nothing without them.

import { AsnzoneError } from '../errors.ts'
import type { ZoneDefinition } from '../zones/definition.ts'
import { FARTHEST, type ListsDefinition, leavesNothing, TOO_FAR } from '../zones/lists.ts'
import type { Settings } from './setting-values.ts'
import { PRESETS, placeOfField } from './zone-files.ts'

type Limits = NonNullable<ListsDefinition['distance']>

/**
 * Checks that there is what conditions are about: without `here` no distance is known, without weights every score
 * is 0, without ROAs no state of RPKI is known, without `learn` nothing is learned.
 *
 * @throws {AsnzoneError} `ASNZONE_ZONE` that names the file, the line, the zone and the field.
 */
export function checkLists(
  definitions: readonly ZoneDefinition[],
  settings: Pick<Settings, 'here' | 'learn' | 'score' | 'snapshot' | 'sources' | 'tooFar'>,
): void {
  for (const definition of definitions) {
    const wrong = (condition: string, reason: string): AsnzoneError => {
      const field = `lists.${condition}`
      const place = placeOfField(definition, field)
      return new AsnzoneError('ASNZONE_ZONE', `${place}: zone ${definition.id}, ${field}: ${reason}`)
    }
    const { distance, score, rpki, reputation } = definition.lists ?? {}
    const isPreset = definition.file.startsWith(PRESETS)
    const reason = distance === undefined || isPreset ? null : lackOfDistance(distance, settings.tooFar)
    if (reason !== null) throw wrong('distance', reason)
    // A published snapshot has distances, scores and states by the settings of its builder.
    if (settings.snapshot !== undefined) continue
    // The preset that lists what is too far lists nothing without a distance, as the preset of distances has none.
    if (distance !== undefined && !isPreset && settings.here === undefined) {
      throw wrong(
        'distance',
        "no distance is known without the setting 'here'; set it, or remove the condition",
      )
    }
    const isLearned = settings.score.enabled && (settings.learn?.weight ?? 0) > 0
    if (score !== undefined && !isLearned && !hasWeights(settings.score)) {
      throw wrong('score', "every score is 0 without the setting 'score'; set it, or remove the condition")
    }
    if (rpki !== undefined && !settings.sources.some(({ what }) => what === 'rpki')) {
      throw wrong(
        'rpki',
        "no state is known without a source of 'what: rpki'; name one, or remove the condition",
      )
    }
    if (reputation !== undefined && settings.learn === undefined) {
      throw wrong(
        'reputation',
        "nothing is learned without the setting 'learn'; set it, or remove the condition",
      )
    }
  }
}

/** Why limits leave no distance when one of them is the setting `too-far`; null when they do. */
function lackOfDistance({ over, below }: Limits, tooFar: number): string | null {
  const [least, most] = [over, below].map((limit) => (limit === TOO_FAR ? tooFar : limit))
  if (least !== undefined && most !== undefined && most - least < 2)
    return `${leavesNothing(least, most)} (too-far is ${tooFar})`
  if (least !== undefined && least >= FARTHEST)
    return `no distance is over ${least}, which the setting 'too-far' is; write a number, or lower the setting`
  return most === undefined || most > 0
    ? null
    : `no distance is below ${most}, which the setting 'too-far' is; write a number, or raise the setting`
}

/** Whether a score can be other than 0, as far as the config tells. */
function hasWeights({ enabled, rpki, ...weights }: Settings['score']): boolean {
  const all = [...Object.values(weights), ...Object.values(rpki)]
  return enabled && all.some((it) => (Array.isArray(it) ? it.length > 0 : it !== 0))
}
