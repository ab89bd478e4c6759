import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { inBlocks } from '../../../src-main/features/frames.ts'
import { phoneOf, phonesIn } from '../../../src-main/features/phones.ts'
import type { TimedToken } from '../../../src-main/features/tokens.ts'
import { transcribedSpaces } from '../../../src-main/features/transcribed.ts'
import type { TranscribedName } from '../../../src-main/features/transcribed.ts'
import { articulationOf } from '../../../src-main/features/articulation.ts'
import { readNpy } from '../../../src-main/formats/npy.ts'

function demo(run: number, kind: 'words' | 'phones'): TimedToken[] {
  const url = new URL(`../../../resources/demo/stimuli/run-${run}.${kind}.tsv`, import.meta.url)
  const lines = readFileSync(url, 'utf8').trim().split('\n').slice(1)
  return lines.map((line) => {
    const [onset, duration, text] = line.split('\t')
    return { text, start: Number(onset), end: Number(onset) + Number(duration) }
  })
}

/** [frames][units] */
function features(
  name: TranscribedName,
  tokens: readonly TimedToken[],
  frames: number,
  inventory: readonly string[] = [],
): number[][] {
  const space = transcribedSpaces[name]
  const units = space.units(inventory)
  return [...inBlocks(frames, units, space.frames(tokens, inventory))].flatMap(({ block }) =>
    Array.from({ length: block.rows }, (_, row) => [...block.data.subarray(row * units, (row + 1) * units)]),
  )
}
const column = (rows: readonly (readonly number[])[], unit = 0) => rows.map((row) => row[unit])
const reference = (name: string) =>
  readNpy(fileURLToPath(new URL(`../../reference/features/${name}.npy`, import.meta.url)))

const said = fc.record({
  text: fc.constantFrom('AA1', 'T', 's', 'ɔː', 'sil'),
  start: fc.double({ min: 0, max: 30, noNaN: true }),
  length: fc.double({ min: 0, max: 3, noNaN: true }),
})
const tokenLists = fc
  .array(said, { maxLength: 40 })
  .map((list) => list.map(({ text, start, length }) => ({ text, start, end: start + length })))

describe('words', () => {
  test('onsets and rate of the demo study are those counted by numpy', async () => {
    const { shape, data } = await reference('words')
    expect(shape).toEqual([600, 2])
    const words = demo(1, 'words')
    const [onsets, rates] = (['word-onset', 'word-rate'] as const).map((name) => column(features(name, words, 600)))
    expect(onsets).toEqual([...data].filter((_, i) => i % 2 === 0))
    expect(rates).toEqual([...data].filter((_, i) => i % 2 === 1))
    expect(Math.max(...rates)).toBeGreaterThan(2)
  })
  test('an onset is in the frame in which it lies, whatever the rounding of its time', () => {
    for (let frame = 0; frame < 3000; frame++) {
      const start = Number((frame / 100).toFixed(2))
      const rows = features('word-onset', [{ text: 'a', start, end: start + 1 }], frame + 2)
      expect(column(rows).indexOf(1)).toBe(frame)
    }
  })
  test('every word counts for a second of the rate', () => {
    fc.assert(
      fc.property(tokenLists, (tokens) => {
        const inside = tokens.filter(({ start }) => start >= 1)
        const sum = column(features('word-rate', inside, 3200)).reduce((a, b) => a + b, 0)
        // Up to one frame at either end of each window.
        expect(Math.abs(sum * 0.01 - inside.length)).toBeLessThanOrEqual(0.0100001 * inside.length)
      }),
      { numRuns: 30 },
    )
  })
})

describe('phones', () => {
  const all = [1, 2, 3].flatMap((run) => demo(run, 'phones'))

  test('of the demo study: the share of each frame, as numpy has it', async () => {
    const inventory = phonesIn(all)
    const { shape, data } = await reference('phones')
    expect(shape).toEqual([300, inventory.length])
    const ours = features('phones', demo(1, 'phones'), 300, inventory).flat()
    expect(Math.max(...ours.map((value, i) => Math.abs(value - Number(data[i]))))).toBeLessThan(1e-5)
  })
  test('a unit’s sum is how long its phones last; their order does not matter; silences have none', () => {
    fc.assert(
      fc.property(tokenLists, (tokens) => {
        const inventory = phonesIn(tokens)
        expect(inventory).not.toContain('sil')
        const rows = features('phones', tokens, 3400, inventory)
        for (const [unit, phone] of inventory.entries()) {
          const lasting = tokens.filter(({ text }) => phoneOf(text) === phone)
          const seconds = lasting.reduce((sum, { start, end }) => sum + end - start, 0)
          expect(column(rows, unit).reduce((a, b) => a + b, 0) * 0.01).toBeCloseTo(seconds, 4)
        }
        const reversed = features('phones', tokens.toReversed(), 3400, inventory)
        for (const [frame, row] of rows.entries())
          for (const [unit, value] of row.entries()) expect(reversed[frame][unit]).toBeCloseTo(value, 5)
      }),
      { numRuns: 30 },
    )
  })
  test('a phone within one frame, one that fills frames, one that begins before the audio or ends after it', () => {
    const of = (start: number, end: number) => column(features('phones', [{ text: 'T', start, end }], 4, ['T']))
    expect(of(0.011, 0.013).map((value) => Number(value.toFixed(6)))).toEqual([0, 0.2, 0, 0])
    expect(of(0.01, 0.03).map((value) => Number(value.toFixed(6)))).toEqual([0, 1, 1, 0])
    expect(of(-1, 0.005).map((value) => Number(value.toFixed(6)))).toEqual([0.5, 0, 0, 0])
    expect(of(0.035, 99).map((value) => Number(value.toFixed(6)))).toEqual([0, 0, 0, 0.5])
    expect(of(0.02, 0.02)).toEqual([0, 0, 0, 0])
  })
  test('stress is taken off, lengths stay', () => {
    const labels = ['AH0', 'AH1', 'T', 'ˈiː', 'i', 'sil', 'SP', '', 'spn']
    expect(phonesIn(labels.map((text) => ({ text, start: 0, end: 1 })))).toEqual(['AH', 'T', 'i', 'iː'])
  })
  test('articulatory features are the phones’ shares added up over the phones that have them', () => {
    const inventory = phonesIn(all)
    const tokens = demo(2, 'phones')
    const [phones, articulation] = (['phones', 'articulatory'] as const).map((name) =>
      features(name, tokens, 500, inventory),
    )
    for (const [frame, row] of phones.entries()) {
      const sums = new Array<number>(14).fill(0)
      for (const [unit, share] of row.entries()) for (const i of articulationOf(inventory[unit])!) sums[i] += share
      for (const [i, sum] of sums.entries()) expect(articulation[frame][i]).toBeCloseTo(sum, 5)
    }
  })
})
