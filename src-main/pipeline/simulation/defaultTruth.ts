/** What is planted where no table says it, and where a table leaves a value out. */
import type { GivenRow, TruthRow } from './truthTable.ts'

/** The demo's values: a response that one listener shares with another as 1 to 1 + 0.4². */
export const usual: Pick<
  TruthRow,
  | 'hemisphere'
  | 'language'
  | 'weight'
  | 'delay'
  | 'signal'
  | 'signal_sd'
  | 'weight_sd'
  | 'individual'
  | 'autocorrelation'
  | 'smoothing'
> = {
  hemisphere: 'both',
  language: '*',
  weight: 1,
  delay: 0,
  signal: 0.4,
  signal_sd: 0.2,
  weight_sd: 0.2,
  individual: 0.4,
  autocorrelation: 0.4,
  smoothing: 2,
}

/**
 * The planted hierarchy, along the path that Millet et al. 2022 (figures 3C and 4C) describe: auditory cortex early
 * in the model, then outwards to the frontal lobe, with less and less signal. `layer` is a place on the way from the
 * first layer to the last. Names are those of the schematic cortex, of Destrieux's parcellation and of Desikan and
 * Killiany's.
 */
const hierarchy = [
  {
    names: ['A1/A2', 'G_temp_sup-G_T_transv', 'S_temporal_transverse', 'transversetemporal'],
    layer: '0.1',
    signal: 0.42,
  },
  { names: ['STG', 'G_temp_sup-Lateral', 'superiortemporal'], layer: '0.3', signal: 0.4 },
  { names: ['STS', 'S_temporal_sup', 'bankssts'], layer: '0.5', signal: 0.38 },
  { names: ['MTG', 'G_temporal_middle', 'middletemporal'], layer: '0.7', signal: 0.36 },
  {
    names: ['IFG', 'G_front_inf-Opercular', 'G_front_inf-Triangul', 'parsopercularis', 'parstriangularis'],
    layer: '0.9',
    signal: 0.36,
  },
] as const

/** Shares of the signal's variance, where a study has models of these regimes. */
const regimeWeights = { native: 4, 'non-native': 3, 'non-speech': 2, untrained: 1 }

/** As in "lh_bankssts", "L_STS", "ctx-rh-insula". */
const sided = /^(?:ctx[-_])?(?:lh|rh|l|r)[-_. ]/i

/**
 * The hierarchy on the regions of a parcellation; where it has none of them, places and signal run along its regions in
 * their order.
 * @param regions names, without that of what is no region
 * @param regimes of the study's models; several are mixed where `native` is among them
 */
export function defaultTruth(regions: readonly string[], regimes: readonly string[]): readonly GivenRow[] {
  const known = hierarchy.flatMap(({ names, layer, signal }) =>
    regions
      .filter((region) => [region, region.replace(sided, '')].some((name) => names.some((one) => one === name)))
      .map((region) => ({ region, layer, signal, line: 0 })),
  )
  const places =
    known.length > 0
      ? known
      : regions.map((region, i) => ({
          ...{ region, signal: 0.4, line: 0 },
          layer: String(Number(((i + 0.5) / regions.length).toFixed(3))),
        }))
  const mixed = Object.entries(regimeWeights).filter(([regime]) => regimes.includes(regime))
  if (!regimes.includes('native') || mixed.length < 2) return places
  return places.flatMap((place) => mixed.map(([model, weight]) => ({ ...place, model, weight })))
}
