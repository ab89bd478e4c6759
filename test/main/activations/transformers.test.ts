/** Against transformers on the same weights: see test/reference/activations/README.md for versions and tolerance. */
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { describeModel, layersNamed, openModel } from '../../../src-main/activations/index.ts'
import { everyRow, folderOf, largestDifference, readAudio, readTensors } from './reference.ts'

const keptRows: Readonly<Record<string, number>> = { conv0: 8, conv1: 4, conv2: 2 }
const models = ['wav2vec2-1', 'wav2vec2-stable-1', 'group-stable', 'layer-post', 'float16', 'bfloat16']

describe.each(models)('%s', (name) => {
  const source = { checkpoint: folderOf(name) }

  test('every layer agrees with transformers to 1e-4 of its standard deviation', async () => {
    const expected = await readTensors(join(folderOf(name), 'reference.safetensors'))
    const description = await describeModel(source)
    const model = await openModel(source, { layers: layersNamed(description, 'all'), threads: 1 })
    const found = await model.run(await readAudio())
    await model.close()
    expect(new Set(found.keys())).toEqual(new Set(expected.keys()))
    for (const [layer, activation] of found) {
      const rows = everyRow(activation, keptRows[layer] ?? 1)
      expect(largestDifference(rows, expected.get(layer)!.data), layer).toBeLessThan(1e-4)
    }
  })

  test('the layers described are the layers computed', async () => {
    const { layers } = await describeModel(source)
    const audio = await readAudio()
    const model = await openModel(source, { layers: layers.map((layer) => layer.name), threads: 1 })
    const found = await model.run(audio)
    await model.close()
    expect([...found.keys()]).toEqual(layers.map((layer) => layer.name))
    for (const { name, units, hop, receptiveField, firstCentre } of layers) {
      const { data, rows, cols } = found.get(name)!
      expect({ rows, cols }).toEqual({ rows: Math.floor((audio.length - receptiveField) / hop) + 1, cols: units })
      expect(data.length).toBe(rows * cols)
      expect(firstCentre).toBe((receptiveField - 1) / 2)
    }
  })

  test('a layer alone is the same as among all', async () => {
    const audio = await readAudio()
    const { layers } = await describeModel(source)
    const all = await openModel(source, { layers: layers.map((layer) => layer.name), threads: 1 })
    const expected = await all.run(audio)
    await all.close()
    for (const { name } of layers) {
      const one = await openModel(source, { layers: [name], threads: 1 })
      const found = await one.run(audio)
      await one.close()
      expect([...found.keys()]).toEqual([name])
      expect(largestDifference(found.get(name)!.data, expected.get(name)!.data), name).toBeLessThan(1e-5)
    }
  })
})
