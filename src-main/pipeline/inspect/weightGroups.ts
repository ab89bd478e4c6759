import { melCentres } from '../../linalg/melFilters.ts'
import { sampleLags } from '../../features/lags.ts'
import { acousticSpaces } from '../../features/acoustic.ts'
import type { Space } from '../../study/schema.ts'
import type { SpaceDescription } from '../spaces.ts'
import type { FitTask } from '../tasks.ts'

/**
 * What the regressors of a fit are, in the order of its design matrix: all units of the first layer under its first
 * response, then under the next, then the next layer's.
 * @param layers that are fitted together, this one last
 */
export function weightGroups(
  { designs, before = [], encoding: { hrf }, recordings }: FitTask,
  layers: readonly string[],
): readonly { readonly label: string; readonly units: number }[] {
  const widths = [...before.map((one) => one.designs[0].cols), designs[0].cols]
  if (typeof hrf === 'object' && 'lags' in hrf) {
    const { tr } = recordings[0]
    const { from, to } = sampleLags(hrf.lags, tr)
    const units = widths.reduce((sum, width) => sum + width, 0)
    return Array.from({ length: to - from + 1 }, (_, i) => {
      return { label: `${layers.join(', ')}, ${((from + i) * tr).toFixed(3)} s later`, units }
    })
  }
  const responses = responsesOf(hrf)
  return widths.flatMap((width, i) =>
    responses.map((response) => ({
      label: [layers[i], response].filter(Boolean).join(', '),
      units: width / responses.length,
    })),
  )
}

function responsesOf(hrf: Exclude<FitTask['encoding']['hrf'], { lags: unknown }>): readonly string[] {
  if (typeof hrf === 'object') return hrf.fir.map((delay) => `${delay} ${delay === 1 ? 'TR' : 'TRs'} later`)
  if (hrf.endsWith('-dispersion')) return ['', 'time derivative', 'dispersion derivative']
  return hrf.endsWith('-derivative') ? ['', 'time derivative'] : ['']
}

/** What the units of a space are, where they have names: bands of a spectrogram, phones. */
export function unitNames(space: Space | undefined, description: SpaceDescription | undefined): readonly string[] {
  if (space?.phonetic === 'phones') return description?.inventory ?? []
  if (space?.acoustic !== 'mel' && space?.acoustic !== 'mel-128') return []
  return melCentres(acousticSpaces[space.acoustic].units, 8000).map((hertz) => `${Math.round(hertz)} Hz`)
}
