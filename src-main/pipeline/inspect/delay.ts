import { hrfKernels } from '../../features/hrf.ts'
import type { ResolvedEncoding } from '../../study/resolvedEncoding.ts'

/**
 * Seconds from a sound to the most of the response that it is given: the peak of a named response, the middle of the
 * delays of `fir` or of lags.
 */
export function responseDelay(
  { hrf, oversampling }: Pick<ResolvedEncoding, 'hrf' | 'oversampling'>,
  tr: number,
): { readonly seconds: number; readonly words: string } {
  if (hrf === 'none') return { seconds: 0, words: 'no delay: each sample is set against the sound within it' }
  if (typeof hrf === 'object' && 'lags' in hrf) {
    const seconds = (hrf.lags.from + hrf.lags.to) / 2
    return { seconds, words: `the middle of the lags, ${hrf.lags.from} to ${hrf.lags.to} s` }
  }
  if (typeof hrf === 'object') {
    // The TR that began so many TRs before a volume has its middle half a TR later.
    const mean = hrf.fir.reduce((sum, delay) => sum + delay, 0) / hrf.fir.length
    return { seconds: (mean - 0.5) * tr, words: `the middle of the delays, ${hrf.fir.join(', ')} TRs` }
  }
  const [kernel] = hrfKernels(hrf, tr, oversampling)
  const peak = kernel.indexOf(kernel.reduce((most, value) => Math.max(most, value)))
  return { seconds: (peak * tr) / oversampling, words: `the peak of the haemodynamic response (${hrf})` }
}
