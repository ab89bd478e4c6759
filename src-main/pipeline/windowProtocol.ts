/** What a study says of windows, as activations take it. */
import type { WindowProtocol } from '../activations/index.ts'
import type { ResolvedEncoding } from '../study/encoding.ts'

export { windowCost } from '../activations/index.ts'
export type { WindowCost } from '../activations/index.ts'

export function protocolOf({ window, stride }: Pick<ResolvedEncoding, 'window' | 'stride'>): WindowProtocol {
  if (window === 'none') return { whole: true }
  if (typeof window === 'object') return { contextSeconds: window.causal, stepSeconds: window.step }
  // A window of a length has a stride (study/encoding.ts).
  return { windowSeconds: window, strideSeconds: stride! }
}

/** Of the message where one pass would need too much memory. */
export const onePass = (seconds: number) => `One pass over ${seconds.toFixed(1)} s of audio`
export const wholeRemedy = 'Use windows: `window: 10` and `stride: 5`'
