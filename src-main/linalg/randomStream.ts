import type { Random } from './random.ts'
import { xoshiro128 } from './xoshiro.ts'

/** Random numbers of a stream of its own; equal names give equal streams on every machine. */
export interface RandomStream extends Random {
  /** Fills with standard normals; the same as that many calls of `normal`. */
  readonly normals: (out: Float64Array) => Float64Array
}

/**
 * xoshiro128**, whose state is drawn from a name: for simulations that need
 * more numbers than the 2^32 of `seededRandom`, in streams that do not overlap. Normals by Box and Muller, both of a pair.
 * @param name whole numbers and words: a seed, a listener, a run
 */
export function randomStream(...name: readonly (number | string)[]): RandomStream {
  const next = xoshiro128(stateOf(name))
  const uniform = () => next() / 2 ** 32
  let spare = NaN
  const normal = () => {
    if (!Number.isNaN(spare)) {
      const kept = spare
      spare = NaN
      return kept
    }
    // Half a step above 0, so that the logarithm is finite.
    const radius = Math.sqrt(-2 * Math.log((next() + 0.5) / 2 ** 32))
    const angle = 2 * Math.PI * uniform()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
  const normals = (out: Float64Array) => {
    for (let i = 0; i < out.length; i++) out[i] = normal()
    return out
  }
  return { uniform, normal, normals }
}

/** Four words of a name: FNV-1a over its parts from two starts, each spread by MurmurHash3's finaliser; never all zero. */
function stateOf(name: readonly (number | string)[]): readonly [number, number, number, number] {
  const start = [0x811c9dc5, 0x050c5d1f]
  // A separator after each part: ["ab", "c"] is not ["a", "bc"].
  const text = name.map((part) => `${part}\n`).join('')
  for (const character of text) {
    const code = character.codePointAt(0)!
    start[0] = Math.imul(start[0] ^ code, 0x01000193)
    start[1] = Math.imul(start[1] ^ code, 0x01000193) + 0x9e3779b9
  }
  const word = (which: 0 | 1): number => {
    let mixed = (start[which] += 0x9e3779b9)
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    return mixed ^ (mixed >>> 16)
  }
  return [word(0), word(1), word(0), word(1) | 1]
}
