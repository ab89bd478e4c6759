/** Where a model's weights come from: one source, with nothing that contradicts it. Works on the raw value. */
import { error } from './finding.ts'
import type { Finding } from './finding.ts'
import { listed, pathText } from './words.ts'
import type { KeyPath } from './words.ts'

type RawModel = Readonly<Record<string, unknown>>

const sources = ['checkpoint', 'series', 'onnx', 'architecture'] as const
/** Said of an ONNX file alone. */
const onnxKeys = ['taps', 'input', 'hop']

/** A model has a checkpoint, a series of them, or an architecture with seeds: never a seed that nobody chose. */
export function checkWeights(path: KeyPath, model: RawModel): readonly Finding[] {
  const name = `\`${pathText(path)}\``
  const [source, second] = sources.filter((key) => model[key] !== undefined)
  if (source === undefined) {
    const remedy =
      'Give a Hugging Face folder as `checkpoint`, several of one training as `series`, an ONNX file as `onnx`, or `architecture` and `seed` for random weights'
    return [error(path, `${name} has none of ${listed(sources.map((key) => `\`${key}\``))}`, remedy)]
  }
  if (second !== undefined)
    return [error([...path, second], `${name} has both \`${source}\` and \`${second}\``, 'Keep one of them')]
  return [
    ...checkSeeds(path, name, source, model),
    ...checkTokenizer(path, name, source, model),
    ...checkOnnx(path, name, source, model),
    ...(source === 'series' ? checkSeries(path, name, model) : []),
  ]
}

function checkSeeds(path: KeyPath, name: string, source: string, model: RawModel): readonly Finding[] {
  const [given, second] = ['seed', 'seeds'].filter((key) => model[key] !== undefined)
  if (source !== 'architecture') {
    if (given === undefined) return []
    const from = source === 'series' ? 'checkpoints' : source === 'onnx' ? 'an ONNX file' : 'a checkpoint'
    const message = `${name} has ${given === 'seed' ? 'a `seed`' : '`seeds`'}, but its weights come from ${from}`
    return [error([...path, given], message, `Remove \`${given}\``)]
  }
  if (given === undefined) {
    const message = `${name} has random weights but no \`seed\``
    const remedy = 'Add `seed: 1`, or any other whole number; `seeds: [1, 2, 3]` for several draws'
    return [error([...path, 'architecture'], message, remedy)]
  }
  if (second !== undefined)
    return [error([...path, second], `${name} has both \`seed\` and \`seeds\``, 'Keep one of them')]
  return repeated([...path, 'seeds'], model['seeds'], (seed) => seed, 'the seed')
}

function checkTokenizer(path: KeyPath, name: string, source: string, model: RawModel): readonly Finding[] {
  if (source === 'architecture' || model['tokenizer'] === undefined) return []
  const message = `${name} has a \`tokenizer\`, which only random weights take: its ${source === 'onnx' ? 'model hears audio' : 'checkpoint has its own'}`
  return [error([...path, 'tokenizer'], message, 'Remove `tokenizer`')]
}

function checkOnnx(path: KeyPath, name: string, source: string, model: RawModel): readonly Finding[] {
  if (source !== 'onnx')
    return onnxKeys
      .filter((key) => model[key] !== undefined)
      .map((key) =>
        error([...path, key], `${name} has \`${key}\`, which only an \`onnx\` model takes`, `Remove \`${key}\``),
      )
  const findings: Finding[] = []
  if (model['taps'] === undefined) {
    const remedy =
      'Add `taps:` with names or patterns of values: heschl extract --model FILE.onnx --list-taps shows them'
    findings.push(error([...path, 'onnx'], `${name} has an ONNX file but no \`taps\``, remedy))
  }
  if (model['input'] === undefined) {
    const remedy = 'Add `input: {normalize: true}` or `false`, as `do_normalize` of its feature extractor says'
    findings.push(error([...path, 'onnx'], `${name} does not say whether its audio is normalized`, remedy))
  }
  return findings
}

function checkSeries(path: KeyPath, name: string, model: RawModel): readonly Finding[] {
  const { series } = model
  if (typeof series !== 'object' || series === null) return []
  const { axis, checkpoints } = series as RawModel
  const findings = [...repeated([...path, 'series', 'checkpoints'], checkpoints, placeOf, `checkpoints at`)]
  if ((axis === 'steps' || axis === 'hours') && model[axis] !== undefined) {
    const message = `${name} has \`${axis}\`, but they differ along its series`
    findings.push(error([...path, axis], message, `Remove \`${axis}\`: \`at\` says them`))
  }
  return findings
}

function placeOf(checkpoint: unknown): unknown {
  return typeof checkpoint === 'object' && checkpoint !== null ? (checkpoint as RawModel)['at'] : undefined
}

/** The second of two that are the same; one tells as much as many. */
function repeated(path: KeyPath, list: unknown, valueOf: (each: unknown) => unknown, what: string): readonly Finding[] {
  if (!Array.isArray(list)) return []
  const seen = new Set<number>()
  for (const [index, each] of list.entries()) {
    const value = valueOf(each)
    if (typeof value !== 'number') continue
    if (seen.has(value)) return [error([...path, index], `\`${pathText(path)}\`: ${what} ${value} twice`, 'Keep one')]
    seen.add(value)
  }
  return []
}
