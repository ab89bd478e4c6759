/** Any ONNX model that takes a waveform: its layers are values in it that the taps choose. */
import { statSync } from 'node:fs'
import type { Tensor } from 'onnxruntime-node'
import { HeschlError } from '../errors.ts'
import { encodeTapped, nodesFor } from '../formats/onnxTap.ts'
import type { OnnxTap } from '../formats/onnxTap.ts'
import type { EncodedModel } from './graph.ts'
import { openOnnx, onnxFiles } from './onnxFile.ts'
import type { OnnxFile } from './onnxFile.ts'
import { feedFor } from './onnxInputs.ts'
import type { OnnxFeed } from './onnxInputs.ts'
import { notRun, probeLayers } from './onnxProbe.ts'
import type { ProbedLayer } from './onnxProbe.ts'
import { chooseTaps } from './onnxTaps.ts'
import type { Tap } from './onnxTaps.ts'
import type { Network } from './network.ts'
import { createSession } from './session.ts'
import type { ModelDescription, OnnxSource } from './types.ts'
import { checkLength, framesIn, normalised, takeOutputs } from './window.ts'

/** What trying a model out has told, as long as its files stay the same. */
const probed = new Map<string, { readonly stamp: string; readonly layers: readonly ProbedLayer[] }>()

/**
 * Reads the model's graph and runs it on a few seconds of noise, to find where its layers are in time; the second time
 * that is remembered.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID, CHECKPOINT_INVALID, CONFIG_UNSUPPORTED,
 *   OPTION_INVALID (taps that find nothing, a hop that is not the model's)
 */
export async function onnxNetwork(source: OnnxSource): Promise<Network> {
  const file = await openOnnx(source.onnx)
  const taps = chooseTaps(valuesOf(file), source.taps, source.onnx)
  const { needed } = nodesFor(
    file.model,
    taps.map(({ tensor }) => tensor),
  )
  const feed = feedFor(file, needed, source.input)
  const layers = await probe(source, file, taps, feed)
  checkHop(source, layers)
  const weights = file.model.weights.filter(({ name }) => needed.has(name))
  const parameters = weights.reduce((sum, { dims }) => sum + dims.reduce((product, size) => product * size, 1), 0)
  const description: ModelDescription = {
    description: `ONNX model from ${source.onnx}`,
    layers,
    parameters,
    sampleRate: 16_000,
    normalize: source.input.normalize,
  }
  return {
    description,
    emit: (names) => emit(file, taps, layers, names),
    inputs(samples) {
      checkLength(samples, description)
      return feed(normalised(samples, description))
    },
    take: (outputs, names, samples) => take(outputs, names, samples, layers),
    passBytes: (names, samples) => passBytes(description, names, samples),
  }
}

/** Names of all values that nodes compute, in their order. */
const valuesOf = ({ model }: OnnxFile): readonly string[] =>
  model.nodes.flatMap(({ outputs }) => outputs.filter((name) => name !== ''))

/** A name for the output of a layer, which itself may bear a value's name; the name of no value. */
const outputOf = (layer: string) => `heschl layer ${layer}`

async function probe(
  source: OnnxSource,
  file: OnnxFile,
  taps: readonly Tap[],
  feed: OnnxFeed,
): Promise<readonly ProbedLayer[]> {
  const files = (await onnxFiles(source.onnx)).map((path) => ({ path, ...statSync(path) }))
  const stamp = files.map(({ size, mtimeMs }) => `${size}:${mtimeMs}`).join('|')
  const { name, rank } = source.input
  const key = JSON.stringify([files.map(({ path }) => path), taps, name, rank])
  const known = probed.get(key)
  if (known?.stamp === stamp) return known.layers
  const outputs = taps.map(({ layer, tensor }) => ({ name: layer, tensor, output: outputOf(layer) }))
  const session = await createSession(encoded(file, outputs.map(asItIs)), {}).catch((error: unknown) =>
    Promise.reject(notRun(error, source.onnx)),
  )
  try {
    const layers = await probeLayers(session, feed, outputs, source.onnx)
    probed.set(key, { stamp, layers })
    return layers
  } finally {
    await session.release()
  }
}

const asItIs = ({ tensor, output }: { readonly tensor: string; readonly output: string }): OnnxTap => ({
  tensor,
  output,
  layout: undefined,
})

const encoded = (file: OnnxFile, taps: readonly OnnxTap[]): EncodedModel => ({
  model: encodeTapped(file.model, taps, file.placeOf),
  memory: [],
  folder: file.folder,
})

function emit(
  file: OnnxFile,
  taps: readonly Tap[],
  layers: readonly ProbedLayer[],
  names: readonly string[],
): EncodedModel {
  const chosen = layers.filter(({ name }) => names.includes(name))
  return encoded(
    file,
    chosen.map(({ name, rank, framesAxis, units }) => ({
      tensor: taps.find(({ layer }) => layer === name)!.tensor,
      output: outputOf(name),
      layout: { rank, framesAxis, units },
    })),
  )
}

/** Frames that would need samples after the window's end are left out (onnxProbe.ts). */
function take(
  outputs: Readonly<Record<string, Tensor>>,
  names: readonly string[],
  samples: number,
  layers: readonly ProbedLayer[],
): ReturnType<NonNullable<Network['take']>> {
  const taken = takeOutputs(Object.fromEntries(names.map((name) => [name, outputs[outputOf(name)]])), names)
  return new Map(
    names.map((name) => {
      const { data, rows, cols } = taken.get(name)!
      const layer = layers.find((candidate) => candidate.name === name)!
      const frames = framesIn(samples, layer)
      if (rows < frames || cols !== layer.units)
        throw otherFrames(name, `[${frames}, ${layer.units}]`, `[${rows}, ${cols}]`)
      return [name, { data: data.subarray(0, frames * cols), rows: frames, cols }]
    }),
  )
}

const otherFrames = (layer: string, expected: string, found: string) =>
  new HeschlError('NUMERICAL', 'The ONNX model gives another number of frames than it did when it was tried', {
    expected: `${expected} for layer ${layer}`,
    found,
    remedy: 'Use windows of another length, or tap a layer that depends on the audio in a simpler way',
  })

function checkHop({ onnx, hop }: OnnxSource, layers: readonly ProbedLayer[]): void {
  if (hop === undefined) return
  const coarsest = layers.reduce((most, layer) => Math.max(most, layer.hop), 0) / 16_000
  if (Math.abs(hop - coarsest) < 1e-9) return
  throw new HeschlError('OPTION_INVALID', 'The hop is not that of the ONNX model', {
    expected: `${coarsest} s between frames, as the model gives them`,
    found: `${hop} s`,
    where: { file: onnx },
    remedy: `Write \`hop: ${coarsest}\`, or leave it out`,
  })
}

/** Of a process that has ONNX Runtime loaded and does nothing, bytes. */
const processBytes = 0.15e9
/** Nothing in the file says how many there are; as in models of 1024 units. */
const assumedHeads = 16
/** Copies of the largest layer, and of attention's scores, that are held at a time. */
const copies = { layer: 4, scores: 2 }

/** As of the waveform models (waveformNetwork.ts), with attention assumed at the coarsest frames: an estimate. */
function passBytes({ layers, parameters }: ModelDescription, names: readonly string[], samples: number): number {
  const sizes = new Map(layers.map((layer) => [layer.name, framesIn(samples, layer) * layer.units]))
  const kept = names.reduce((sum, name) => sum + sizes.get(name)!, 0)
  const largest = [...sizes.values()].reduce((most, size) => Math.max(most, size), 0)
  const frames = layers.reduce((least, layer) => Math.min(least, framesIn(samples, layer)), Infinity)
  const scores = copies.scores * assumedHeads * frames ** 2
  return processBytes + 4 * (parameters + samples + kept + copies.layer * largest + scores)
}
