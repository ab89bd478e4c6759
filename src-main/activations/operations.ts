import type { ModelDescription } from './types.ts'
import { framesIn } from './window.ts'

export interface Operations {
  /** Multiplications and additions of convolutions, projections and attention. */
  readonly products: number
  /** Values of the layers, which norms and activations go over. */
  readonly values: number
}

/**
 * What a model computes of one window, from its description alone: kernels of the convolutions follow from the layers'
 * places in time, and the rest of the weights is taken to be used once a frame of the last layer.
 * @param layers those asked for: blocks after the last of them are not computed
 * @param samples of the window, as it is computed
 */
export function operationsOf(
  { layers: known, parameters }: ModelDescription,
  layers: readonly string[],
  samples: number,
): Operations {
  const last = known.reduce((highest, { name }, i) => (layers.includes(name) ? i : highest), 0)
  let [products, values, weights] = [0, 0, 0]
  let before = { units: 1, hop: 1, receptiveField: 1 }
  for (const layer of known.slice(0, last + 1)) {
    if (!layer.name.startsWith('conv')) continue
    const kernel = (layer.receptiveField - before.receptiveField) / before.hop + 1
    const size = kernel * before.units * layer.units
    weights += size
    products += 2 * size * framesIn(samples, layer)
    values += layer.units * framesIn(samples, layer)
    before = layer
  }
  const blocks = known.filter(({ name }) => /^transf\d+$/.test(name)).length
  const computed = known.slice(0, last + 1).filter(({ name }) => /^transf\d+$/.test(name)).length
  const coarsest = known.at(-1)!
  const frames = framesIn(samples, coarsest)
  const share = blocks > 0 ? computed / blocks : 1
  products += share * 2 * Math.max(0, parameters - weights) * frames + computed * 4 * frames ** 2 * coarsest.units
  // In a block: queries, keys, values, their sum, four times as many units inside, and two norms.
  values += 12 * computed * frames * coarsest.units
  return { products, values }
}
