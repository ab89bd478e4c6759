import { roundHalfToEven } from './hrf.ts'

/** The grid starts this long before the first volume: nilearn's `min_onset`. */
const lead = 24

export interface Grid {
  readonly bins: number
  /** Seconds from the first volume. */
  readonly at: (bin: number) => number
  /** The first bin at or after a time; `bins` when there is none: numpy's searchsorted. */
  readonly search: (time: number) => number
}

/** nilearn's `_sample_condition`: numpy.linspace from −24 s to one TR after the last volume. */
export function gridOf(tr: number, volumes: number, oversampling: number): Grid {
  const final = (volumes - 1) * tr
  const stop = final * (1 + 1 / (volumes - 1))
  const bins = roundHalfToEven((((volumes - 1) * 1) / final) * ((stop + lead) * oversampling) + 1)
  const step = (stop + lead) / (bins - 1)
  const at = (bin: number) => (bin === bins - 1 ? stop : bin * step - lead)
  const search = (time: number) => {
    let bin = Math.min(Math.max(Math.ceil((time + lead) / step), 0), bins)
    while (bin > 0 && at(bin - 1) >= time) bin--
    while (bin < bins && at(bin) < time) bin++
    return bin
  }
  return { bins, at, search }
}

/** nilearn takes the TR from the volumes' times: the smallest difference, which rounding puts just below the TR. */
export function shortestInterval(tr: number, volumes: number): number {
  let shortest = Infinity
  for (let v = 1; v < volumes; v++) shortest = Math.min(shortest, v * tr - (v - 1) * tr)
  return shortest
}
