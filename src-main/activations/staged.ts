/** A recording through two graphs: frames of the convolutions are computed once, the encoder reads them window by window. */
import { Tensor } from 'onnxruntime-node'
import type { Matrix32 } from '../linalg/matrix.ts'
import type { Stages } from './network.ts'
import type { LayerInfo, Piece, Recording } from './types.ts'
import { fieldOf, framesIn, takeOutputs } from './window.ts'

type Run = (inputs: Readonly<Record<string, Tensor>>) => Promise<Readonly<Record<string, Tensor>>>

/** The sessions of both graphs; the encoder's is undefined where no layer needs it. */
export interface StageRuns {
  readonly front: Run
  readonly encoder: Run | undefined
}

/**
 * Memory is bounded by one window's activations and features.
 * @param samples the recording
 * @param layers those asked for, in the order of computation
 * @throws HeschlError AUDIO_INVALID for a sample that is not finite
 */
export function stagedRecording(
  stages: Stages,
  { front, encoder }: StageRuns,
  samples: Float32Array,
  layers: readonly LayerInfo[],
): Recording {
  const { features } = stages
  const convolutions = layers.filter(({ name }) => /^conv\d+$/.test(name))
  const later = layers.filter((layer) => !convolutions.includes(layer)).map(({ name }) => name)
  const inputsOf = stages.inputs(samples)
  const taken = [...convolutions.map((layer) => ({ ...layer, value: layer.name })), ...(encoder ? [features] : [])]
  /** Frames computed so far. */
  const done = new Map(taken.map(({ value }) => [value, 0]))
  let kept: { first: number; frames: Matrix32 } = { first: 0, frames: { data: new Float32Array(0), rows: 0, cols: 0 } }

  /** Frames of the convolutions from the first that is new to the last that lies whole before `end`. */
  async function advance(end: number): Promise<ReadonlyMap<string, Piece>> {
    const fresh = taken.filter((layer) => framesIn(end, layer) > done.get(layer.value)!)
    if (fresh.length === 0) return new Map()
    const earliest = Math.min(...fresh.map((layer) => done.get(layer.value)! * layer.hop), end - fieldOf(features))
    const start = Math.floor(earliest / features.hop) * features.hop
    const outputs = await front(inputsOf(samples.subarray(start, end)))
    const values = takeOutputs(
      outputs,
      taken.map(({ value }) => value),
    )
    return new Map(
      fresh.map(({ value, hop }) => {
        const firstFrame = done.get(value)!
        const activation = rowsFrom(values.get(value)!, firstFrame - start / hop)
        done.set(value, firstFrame + activation.rows)
        return [value, { firstFrame, activation, final: true }]
      }),
    )
  }

  return {
    async window(start, end) {
      stages.check({ length: end - start })
      const pieces = new Map(await advance(end))
      if (!encoder) return pieces
      const added = pieces.get(features.value)
      pieces.delete(features.value)
      const first = start / features.hop
      const before = rowsFrom(kept.frames, Math.min(first - kept.first, kept.frames.rows))
      kept = { first, frames: added ? joinRows(before, added.activation) : before }
      const { data, rows, cols } = kept.frames
      const outputs = await encoder({ [features.value]: new Tensor('float32', data, [rows, cols]) })
      for (const [name, activation] of takeOutputs(outputs, later)) {
        pieces.set(name, { firstFrame: first, activation, final: false })
      }
      return pieces
    },
  }
}

const rowsFrom = ({ data, rows, cols }: Matrix32, row: number): Matrix32 => ({
  data: data.subarray(row * cols),
  rows: rows - row,
  cols,
})

function joinRows(above: Matrix32, below: Matrix32): Matrix32 {
  const data = new Float32Array(above.data.length + below.data.length)
  data.set(above.data)
  data.set(below.data, above.data.length)
  return { data, rows: above.rows + below.rows, cols: below.cols }
}
