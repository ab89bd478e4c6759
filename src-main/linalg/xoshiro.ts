/** The generator's next 32 bits as an unsigned integer. */
export type Next = () => number

/**
 * xoshiro128** (Blackman and Vigna 2021, https://prng.di.unimi.it; public domain): the same on every machine.
 * @param state four 32-bit words, not all zero
 */
export function xoshiro128(state: readonly [number, number, number, number]): Next {
  let [a, b, c, d] = state
  return () => {
    const scrambled = Math.imul(b, 5)
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = (d << 11) | (d >>> 21)
    return result
  }
}
