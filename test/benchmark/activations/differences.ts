/** How far Heschl's layers and regressors are from the peer's. */
import { readFileSync } from 'node:fs'
import { readSafetensorsHeader } from '../../../src-main/formats/safetensors.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'

/** Over all of the peer's layers: the largest absolute difference over the layer's standard deviation. */
export async function differenceOfLayers(ours: string, theirs: string): Promise<number> {
  const [found, expected] = await Promise.all([readMatrices(ours), readMatrices(theirs)])
  let largest = 0
  for (const [name, layer] of expected) {
    const own = found.get(name)
    if (own?.rows !== layer.rows || own.cols !== layer.cols) throw new Error(`${name}: the two sides differ in shape`)
    const deviation = deviationOf(layer.data, 0, 1)
    largest = layer.data.reduce((most, x, i) => Math.max(most, Math.abs(x - own.data[i]) / deviation), largest)
  }
  return largest
}

/** Over the units that the peer chose of each layer: the largest absolute difference over the regressor's SD. */
export async function differenceOfDesigns(ours: string, theirs: string, sample: number): Promise<number> {
  const [found, expected] = await Promise.all([readMatrices(ours), readMatrices(theirs)])
  let largest = 0
  for (const [name, x] of expected) {
    const own = found.get(name)
    if (own?.rows !== x.rows) throw new Error(`${name}: the two sides differ in volumes`)
    for (let column = 0; column < x.cols; column++) {
      const unit = Math.floor((column * own.cols) / sample)
      const deviation = deviationOf(x.data, column, x.cols)
      for (let v = 0; v < x.rows; v++) {
        const difference = Math.abs(x.data[v * x.cols + column] - own.data[v * own.cols + unit])
        largest = Math.max(largest, difference / deviation)
      }
    }
  }
  return largest
}

/** Of every `step`th value from `first` on. */
function deviationOf(values: Float32Array, first: number, step: number): number {
  let [count, sum, squares] = [0, 0, 0]
  for (let i = first; i < values.length; i += step) {
    count++
    sum += values[i]
  }
  for (let i = first; i < values.length; i += step) squares += (values[i] - sum / count) ** 2
  return Math.sqrt(squares / count)
}

async function readMatrices(file: string): Promise<ReadonlyMap<string, Matrix32>> {
  const bytes = new Uint8Array(readFileSync(file)).buffer
  const header = await readSafetensorsHeader(file)
  return new Map(
    [...header].map(([name, { offset, bytes: length, shape }]) => [
      name,
      { data: new Float32Array(bytes.slice(offset, offset + length)), rows: shape[0], cols: shape[1] },
    ]),
  )
}
