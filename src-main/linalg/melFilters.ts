/** Triangular filters on Slaney's mel scale, from a power spectrum to bands; librosa's default. */

interface MelFilter {
  /** The first spectral bin with a weight. */
  readonly first: number
  readonly weights: Float64Array
}

/**
 * Bands from 0 to `highest`, evenly spaced in mels and each scaled to unit area.
 * @param options.binHertz distance of the spectrum's bins
 * @param options.highest Hz
 */
export function melFilters({
  bands,
  binHertz,
  highest,
}: {
  readonly bands: number
  readonly binHertz: number
  readonly highest: number
}): readonly MelFilter[] {
  const edges = melEdges(bands, highest)
  return Array.from({ length: bands }, (_, band) => {
    const [low, centre, high] = edges.slice(band, band + 3)
    const first = Math.floor(low / binHertz) + 1
    const last = Math.ceil(high / binHertz) - 1
    const weights = Float64Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => {
      const hertz = (first + k) * binHertz
      return (Math.min((hertz - low) / (centre - low), (high - hertz) / (high - centre)) * 2) / (high - low)
    })
    return { first, weights }
  })
}

/** [bands + 2] Hz: where bands begin, peak and end, each two further on than the one before. */
function melEdges(bands: number, highest: number): readonly number[] {
  const top = toMel(highest)
  return Array.from({ length: bands + 2 }, (_, i) => toHertz((top * i) / (bands + 1)))
}

/** [bands] Hz at which bands from 0 to `highest` Hz peak. */
export const melCentres = (bands: number, highest: number): readonly number[] => melEdges(bands, highest).slice(1, -1)

/** Slaney's Auditory Toolbox (1998): 200/3 Hz a mel up to 1 kHz, then 27 mels to a factor of 6.4. */
const breakHertz = 1000
const breakMel = 15
const logStep = Math.log(6.4) / 27

function toMel(hertz: number): number {
  return hertz < breakHertz ? (hertz * 3) / 200 : breakMel + Math.log(hertz / breakHertz) / logStep
}

function toHertz(mel: number): number {
  return mel < breakMel ? (mel * 200) / 3 : breakHertz * Math.exp(logStep * (mel - breakMel))
}
