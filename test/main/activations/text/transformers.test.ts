/** GPT-2 against transformers on the same weights: see test/reference/text/README.md for versions and tolerance. */
import { describe, expect, test } from 'vitest'
import { describeTextModel } from '../../../../src-main/activations/index.ts'
import { largestDifference } from '../reference.ts'
import { checkpoints, readTextReference, readTexts, textFolder, wordActivations } from './reference.ts'

const { words } = readTexts()
const ways = { full: { context: 'full', tokens: 'mean' }, context3: { context: 3, tokens: 'last' } } as const

describe.each(checkpoints)('%s', (name) => {
  const checkpoint = textFolder(name)

  test.each(['short', 'medium', 'long'] as const)(
    'every word of the %s story agrees in every layer to 1e-4 of its SD, the median to 1e-5',
    async (length) => {
      const { tensors, stories } = await readTextReference(name)
      const layers = (await describeTextModel({ checkpoint })).layers.map((layer) => layer.name)
      const differences: number[] = []
      for (const [way, options] of Object.entries(ways)) {
        const named = [...tensors.keys()].filter((key) => key.startsWith(`${length}/${way}/`))
        expect(new Set(named)).toEqual(new Set(layers.map((layer) => `${length}/${way}/${layer}`)))
        const { found, ...counts } = await wordActivations(checkpoint, words[length], options, layers)
        const plan = stories[length][way as keyof typeof ways]
        expect(counts).toMatchObject({ tokens: stories[length].ids.length, windows: plan.length })
        for (const layer of layers) {
          const { shape, data } = tensors.get(`${length}/${way}/${layer}`)!
          const values = found.get(layer)!
          expect(values).toHaveLength(words[length].length * shape[1])
          // Of the long story every third word is kept.
          const step = length === 'long' ? 3 : 1
          const rows = values.filter((_, i) => Math.floor(i / shape[1]) % step === 0)
          const difference = largestDifference(Float32Array.from(rows), data)
          expect(difference, `${way} ${layer}`).toBeLessThan(1e-4)
          differences.push(difference)
        }
      }
      const median = differences.sort((a, b) => a - b)[differences.length >> 1]
      expect(median).toBeLessThan(1e-5)
    },
  )

  test('a layer alone is the same as among all', async () => {
    const { layers } = await describeTextModel({ checkpoint })
    const names = layers.map((layer) => layer.name)
    const all = await wordActivations(checkpoint, words.medium, ways.full, names)
    for (const layer of names) {
      const one = await wordActivations(checkpoint, words.medium, ways.full, [layer])
      expect([...one.found.keys()]).toEqual([layer])
      const [found, expected] = [one, all].map(({ found: each }) => Float32Array.from(each.get(layer)!))
      expect(largestDifference(found, expected), layer).toBeLessThan(1e-5)
    }
  })
})
