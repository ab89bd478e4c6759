/** Against nilearn's compute_epi_mask and compute_multi_epi_mask, to the voxel: test/reference/epi-mask/make.py. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { commonMask, epiMask, epiMaskDefaults, meanVolume } from '../../../../src-main/surfaces/sampling/epiMask.ts'

const reference = (name: string) => fileURLToPath(new URL(`../../../reference/epi-mask/${name}`, import.meta.url))
const expected = JSON.parse(readFileSync(reference('masks.json'), 'utf8')) as {
  readonly cases: readonly {
    readonly name: string
    readonly options: {
      readonly lower_cutoff?: number
      readonly upper_cutoff?: number
      readonly opening?: number
      readonly exclude_zeros?: boolean
    }
    readonly mask: readonly number[]
  }[]
  readonly several: { readonly names: readonly string[]; readonly mask: readonly number[] }
}

/** Lengths of runs of 0 and 1 in turn, beginning with 0. */
function lengths(mask: Uint8Array): number[] {
  const runs = [0]
  let before = 0
  for (const value of mask) {
    if (value !== before) runs.push(0)
    before = value
    runs[runs.length - 1]++
  }
  return runs
}

const maskOf = async (name: string, options: Partial<typeof epiMaskDefaults> = {}) => {
  const { mean, grid } = await meanVolume(reference(`${name}.nii.gz`))
  return { ...epiMask(mean, grid.shape, { ...epiMaskDefaults, ...options }), grid }
}

describe('nilearn’s mask', () => {
  test.each(expected.cases)('$name', async ({ name, options, mask }) => {
    const found = await maskOf(name, {
      ...(options.lower_cutoff !== undefined && { lower: options.lower_cutoff }),
      ...(options.upper_cutoff !== undefined && { upper: options.upper_cutoff }),
      ...(options.opening !== undefined && { opening: options.opening }),
      ...(options.exclude_zeros !== undefined && { excludeZeros: options.exclude_zeros }),
    })
    expect(lengths(found.mask)).toEqual(mask)
    // Some voxels are in it and some are not, or this would say nothing
    expect(new Set(found.mask).size).toBe(2)
  })

  test('of several runs', async () => {
    const { names, mask } = expected.several
    const own = await Promise.all(names.map((name) => maskOf(name)))
    const common = commonMask(
      own.map((each) => each.mask),
      own[0].grid.shape,
    )
    expect(lengths(common)).toEqual(mask)
  })
})

test('a volume without a brain is told', () => {
  expect(() => epiMask(new Float32Array(27), [3, 3, 3], epiMaskDefaults)).toThrow(/No mask comes out/)
  expect(() => epiMask(new Float32Array(1), [1, 1, 1], epiMaskDefaults)).toThrow(/No mask comes out/)
})

test('larger numbers give the same mask: a power of two moves no digit', async () => {
  const { mean, grid } = await meanVolume(reference('single.nii.gz'))
  const own = epiMask(mean.slice(), grid.shape, epiMaskDefaults)
  fc.assert(
    fc.property(fc.integer({ min: -20, max: 20 }), (power) => {
      const other = epiMask(
        mean.map((value) => value * 2 ** power),
        grid.shape,
        epiMaskDefaults,
      )
      expect(other.mask).toEqual(own.mask)
      expect(other.threshold).toBe(own.threshold * 2 ** power)
    }),
    { numRuns: 10 },
  )
})
