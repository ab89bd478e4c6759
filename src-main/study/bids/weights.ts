/** Checkpoints and ONNX files among a folder's files. By their names alone: what they hold is looked into later. */
import { posix } from 'node:path'
import type { Unused } from '../../contract/newStudy.ts'
import { notFetched } from './layout.ts'
import type { BidsFile } from './tree.ts'

export interface WeightFile {
  readonly kind: 'checkpoint' | 'onnx'
  /** From the root: a checkpoint's folder, an ONNX model's file. */
  readonly path: string
  readonly id: string
}

const pickles = /\.(bin|pt|pth|ckpt)$/i

/** In the order of their paths. */
export function weightsIn(files: readonly BidsFile[]): {
  readonly weights: readonly WeightFile[]
  readonly unused: readonly Unused[]
} {
  const weights: WeightFile[] = []
  const unused: Unused[] = []
  for (const [folder, own] of Map.groupBy(files, ({ path }) => posix.dirname(path))) {
    for (const file of own)
      if (file.name.toLowerCase().endsWith('.onnx'))
        if (file.there) weights.push({ kind: 'onnx', path: file.path, id: idOf(file.path.replace(/\.onnx$/i, '')) })
        else unused.push({ path: file.path, reason: notFetched })
    const config = own.find(({ name }) => name === 'config.json')
    if (!config) continue
    const tensors = own.filter(({ name }) => name.endsWith('.safetensors'))
    if (tensors.some(({ there }) => there)) weights.push({ kind: 'checkpoint', path: folder, id: idOf(folder) })
    else if (tensors.length > 0) unused.push({ path: tensors[0].path, reason: notFetched })
    else if (own.some(({ name }) => pickles.test(name)))
      unused.push({
        path: own.find(({ name }) => pickles.test(name))!.path,
        reason: 'pickled weights can run code when they are read: convert them to model.safetensors',
      })
  }
  return { weights: weights.toSorted((a, b) => (a.path < b.path ? -1 : 1)), unused }
}

/** A snapshot of the Hugging Face cache is named by its model: `models--facebook--wav2vec2-base/snapshots/0f1e…`. */
function idOf(path: string): string {
  const parts = path.split('/')
  const cached = parts.at(-2) === 'snapshots' ? parts.at(-3)?.split('--').at(-1) : undefined
  const name = (cached ?? parts.at(-1) ?? '').replace(/[^A-Za-z0-9_.+-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '')
  return name.slice(0, 100) || 'model'
}
