/** Checkpoints as each of transformers' classes saves them, by names and shapes: see test/reference/activations/README.md. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { describeModel } from '../../../src-main/activations/index.ts'
import { safetensorsHeader } from '../../../src-main/formats/safetensors.ts'
import { folderOf } from './reference.ts'

interface SavedClass {
  readonly name: string
  readonly config: Readonly<Record<string, unknown>>
  readonly tensors: Readonly<Record<string, readonly number[]>>
}

const classes = JSON.parse(await readFile(folderOf('classes.json'), 'utf8')) as readonly SavedClass[]

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'heschl-classes-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

async function describing(config: SavedClass['config'], tensors: SavedClass['tensors']) {
  const checkpoint = await mkdtemp(join(root, 'model-'))
  const entries = Object.entries(tensors).map(([name, shape]) => ({ name, shape }))
  const values = entries.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
  await writeFile(join(checkpoint, 'config.json'), JSON.stringify(config))
  await writeFile(
    join(checkpoint, 'model.safetensors'),
    Buffer.concat([safetensorsHeader(entries), new Uint8Array(4 * values)]),
  )
  return describeModel({ checkpoint })
}

test('are all of those that are named', () => {
  expect(classes.length).toBe(22)
})

describe.each(classes)('$name', ({ name, config, tensors }) => {
  test('is the model without its heads', async () => {
    const { layers, parameters } = await describing(config, tensors)
    const bare = classes.find((other) => other.name.endsWith('Model') && other.config.model_type === config.model_type)!
    const expected = await describing(bare.config, bare.tensors)
    expect(parameters).toBe(expected.parameters)
    expect(layers.filter((layer) => !layer.name.startsWith('quantizer.'))).toEqual(expected.layers)
    expect(layers.length - expected.layers.length).toBe(name === 'Wav2Vec2ForPreTraining' ? 3 : 0)
  })
})
