/**
 * Random weights that are the same on every machine: xoshiro128** (Blackman and Vigna 2021, https://prng.di.unimi.it),
 * one generator a tensor, its 128-bit state the first 16 bytes (little-endian words) of SHA-256("<seed>/<tensor>").
 * Tensors can therefore be drawn in any order. Within a tensor values are drawn in row-major order.
 *
 * Normal deviates come from Box and Muller's transform, cosine before sine. V8 brings its own log, sin and cos, so
 * Node and Electron of one V8 agree on every platform to the last bit.
 */
import { createHash } from 'node:crypto'
import { xoshiro128 } from '../linalg/xoshiro.ts'
import type { Next } from '../linalg/xoshiro.ts'

export function generatorFor(seed: number, tensor: string): Next {
  const digest = createHash('sha256').update(`${seed}/${tensor}`).digest()
  return xoshiro128([digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8), digest.readUInt32LE(12)])
}

/** Inside (0, 1), never at its ends: the middle of one of 2³² intervals. */
const unit = (next: Next) => (next() + 0.5) / 4294967296

/** Fills with U(−bound, bound). */
export function fillUniform(target: Float32Array, bound: number, next: Next): void {
  for (let i = 0; i < target.length; i++) target[i] = bound * (2 * unit(next) - 1)
}

/** Fills with N(0, deviation²). */
export function fillNormal(target: Float32Array, deviation: number, next: Next): void {
  for (let i = 0; i < target.length; i += 2) {
    const radius = deviation * Math.sqrt(-2 * Math.log(unit(next)))
    const angle = 2 * Math.PI * unit(next)
    target[i] = radius * Math.cos(angle)
    if (i + 1 < target.length) target[i + 1] = radius * Math.sin(angle)
  }
}
