/** The fixtures of test/reference/text. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openTextModel, streamWords } from '../../../../src-main/activations/index.ts'
import type { WordOptions } from '../../../../src-main/activations/index.ts'
import { readTensors } from '../reference.ts'

export const checkpoints = ['gpt2-1', 'gpt2-lm', 'gpt2-bfloat16', 'gpt2-float16'] as const

export const textFolder = (name: string) => fileURLToPath(new URL(`../../../reference/text/${name}`, import.meta.url))

const json = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))

interface Story {
  readonly ids: readonly number[]
  readonly counts: readonly number[]
  /** [start, first, end) of each window, in words. */
  readonly full: readonly (readonly [number, number, number])[]
  readonly context3: readonly (readonly [number, number, number])[]
}

export const readTexts = () =>
  json(textFolder('texts.json')) as {
    readonly texts: readonly string[]
    readonly words: Readonly<Record<'short' | 'medium' | 'long', readonly string[]>>
  }

export async function readTextReference(name: string) {
  const folder = textFolder(name)
  const facts = json(join(folder, 'reference.json')) as {
    readonly tokens: readonly (readonly number[])[]
    readonly stories: Readonly<Record<'short' | 'medium' | 'long', Story>>
  }
  return { ...facts, tensors: await readTensors(join(folder, 'reference.safetensors')) }
}

/** All words' activations of all layers, and what was read for them. */
export async function wordActivations(
  checkpoint: string,
  words: readonly string[],
  options: Pick<WordOptions, 'context' | 'tokens'>,
  layers: readonly string[],
) {
  const model = await openTextModel({ checkpoint }, { layers, threads: 1 })
  const found = new Map<string, number[]>(layers.map((layer) => [layer, []]))
  const blocks: [string, number, number][] = []
  try {
    const counts = await streamWords(model, words, {
      ...options,
      onBlock: (layer, first, block) => {
        blocks.push([layer, first, block.rows])
        for (const value of block.data) found.get(layer)!.push(value)
      },
    })
    return { ...counts, blocks, found }
  } finally {
    await model.close()
  }
}
