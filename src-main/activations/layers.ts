/** Layers by name, with their place in time. */
import { HeschlError } from '../errors.ts'
import type { SpeechConfig } from './config.ts'
import { didYouMean } from './names.ts'
import { isNominal, isQuantizers, quantizerLayers } from './quantizer.ts'
import type { LayerInfo } from './types.ts'

/**
 * Every layer, in the order of computation.
 * @param quantized whether wav2vec 2.0's quantizer is there
 */
export function layersOf(config: SpeechConfig, quantized: boolean): readonly LayerInfo[] {
  const layers: LayerInfo[] = []
  let hop = 1
  let receptiveField = 1
  const add = (name: string, units: number) =>
    layers.push({
      ...{ name, units, hop, receptiveField, firstCentre: (receptiveField - 1) / 2 },
      ...(isNominal(name) ? { nominal: true } : {}),
    })

  config.conv_dim.forEach((units, i) => {
    receptiveField += (config.conv_kernel[i] - 1) * hop
    hop *= config.conv_stride[i]
    add(`conv${i}`, units)
  })
  if (quantized && config.model_type === 'wav2vec2') {
    for (const { name, units } of quantizerLayers(config)) add(name, units)
  }
  add('projection', config.hidden_size)
  add('embedding', config.hidden_size)
  for (let i = 0; i < config.num_hidden_layers; i++) {
    add(`transf${i}`, config.hidden_size)
    // Pre-norm models have a norm after the last block.
    const last = i === config.num_hidden_layers - 1
    if (last && config.do_stable_layer_norm) add(`transf${i}.norm`, config.hidden_size)
  }
  return layers
}

/**
 * The names of the layers chosen, in the order of computation, each once.
 * @param choice `all` on the way to the last one, without the quantizer's beside it; `lpp`: conv4 and later and every
 *   block, as in Millet et al. 2022 (Le Petit Prince); or names
 * @throws HeschlError OPTION_INVALID for a name that the model does not have, or an empty list
 */
export function layersNamed(
  description: { readonly layers: readonly { readonly name: string }[] },
  choice: 'all' | 'lpp' | readonly string[],
): readonly string[] {
  const names = description.layers.map((layer) => layer.name)
  if (choice === 'all') return names.filter((name) => !isQuantizers(name))
  if (choice === 'lpp') return names.filter((name) => /^(conv([4-9]|\d\d)|transf\d+)$/.test(name))
  for (const name of choice) {
    if (names.includes(name)) continue
    throw new HeschlError('OPTION_INVALID', `The model has no layer "${name}"`, {
      expected: names.join(', '),
      found: name,
      remedy: didYouMean(name, names) ?? 'Name one of these, or `all`, or `lpp`',
    })
  }
  if (choice.length === 0) {
    throw new HeschlError('OPTION_INVALID', 'No layers are named', {
      expected: names.join(', '),
      found: 'an empty list',
      remedy: 'Name one or more of these, or `all`, or `lpp`',
    })
  }
  return names.filter((name) => choice.includes(name))
}
