/** Random weights as they are before training. */
import { HeschlError } from '../errors.ts'
import { fillNormal, fillUniform, generatorFor } from './random.ts'
import { sizeOf, type TensorSpec } from './tensors.ts'
import type { Weights } from './weights.ts'

/** @throws HeschlError OPTION_INVALID */
export function checkSeed(seed: number): void {
  if (Number.isInteger(seed) && seed >= 0 && seed <= 0xffffffff) return
  throw new HeschlError('OPTION_INVALID', 'A seed is out of range', {
    expected: 'a whole number from 0 to 4294967295',
    found: String(seed),
    remedy: 'Choose another seed',
  })
}

/** Draws each tensor when it is asked for: the same values for the same seed, whatever the order. */
export function drawn(tensors: readonly TensorSpec[], seed: number): Weights {
  const specs = new Map(tensors.map((spec) => [spec.name, spec]))
  return {
    place: () => null,
    read(name) {
      const { shape, initial } = specs.get(name)!
      const values = new Float32Array(sizeOf(shape))
      if ('constant' in initial) values.fill(initial.constant)
      else if ('uniform' in initial) fillUniform(values, initial.uniform, generatorFor(seed, name))
      else fillNormal(values, initial.normal, generatorFor(seed, name))
      return values
    },
  }
}
