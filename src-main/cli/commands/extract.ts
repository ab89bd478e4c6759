/** `extract`: the activations of a model, without a study. */
import { basename, dirname, extname, join, resolve } from 'node:path'
import { HeschlError } from '../../errors.ts'
import type { ArrayReport } from '../../jobs/engineHandle.ts'
import { publish, withScratch } from '../../jobs/host/scratch.ts'
import { checkFiles, runArrays } from '../arrayJob.ts'
import { counted, formatDuration, formatTable } from '../format.ts'
import type { Output } from '../output.ts'
import { providerOf } from '../providerOption.ts'
import type { ProviderOption } from '../providerOption.ts'

/** Seconds. */
type WindowOption =
  | { readonly windowSeconds: number; readonly strideSeconds: number }
  | { readonly contextSeconds: number; readonly stepSeconds: number }
  | { readonly whole: true }

export interface ExtractOptions extends ProviderOption {
  readonly model: string
  readonly seed?: number
  readonly audio: readonly string[]
  readonly acceptClipping?: true
  /** Of an ONNX model, whose taps choose, `all` where it is left out. */
  readonly layers?: 'all' | 'lpp' | readonly string[]
  /** Of an ONNX model, with the two that follow. */
  readonly taps?: readonly string[]
  readonly normalize?: boolean
  readonly input?: string
  readonly window: WindowOption
  readonly norm: 'window' | 'recording'
  readonly out: string
}

export async function extract(options: ExtractOptions, output: Output): Promise<number> {
  const { model, seed, window, norm } = options
  const audio = options.audio.map((file) => resolve(file))
  const out = resolve(options.out)
  const outputs = outputsOf(audio, out)
  checkFiles(seed === undefined ? [resolve(model), ...audio] : audio, outputs)
  const source = sourceOf(options)
  const layers = options.layers ?? 'all'
  const clipping = options.acceptClipping === true ? ('accept' as const) : ('refuse' as const)
  // Several recordings go to a folder, which is made.
  const folder = audio.length > 1 ? out : dirname(out)
  const reports = await withScratch(folder, audio.length > 1, async (scratch) => {
    const written = audio.map((_, i) => join(scratch, `${i}.safetensors`))
    const steps = audio.map((file, i) => ({
      label: `Activations of ${basename(file)}`,
      task: { kind: 'extract', source, layers, audio: file, clipping, window, norm, out: written[i] } as const,
    }))
    const reports = await runArrays({ label: 'Extract', out, ...providerOf(options), steps }, output)
    await publish(written.map((from, i) => ({ from, to: outputs[i] })))
    return reports
  })
  const files = reports.map((report, i) => ({ out: outputs[i], ...report }))
  const asked = 'whole' in window ? 'none' : 'windowSeconds' in window ? { ...window, overlap: 'mean' } : window
  output.document({ window: asked, norm, files })
  output.say(files.map(summary).join('\n\n'))
  return 0
}

/** @throws HeschlError OPTION_INVALID for options that the model does not take, or lacks */
function sourceOf({ model, seed, taps, normalize, input, layers }: ExtractOptions) {
  const invalid = (expected: string, found: string, remedy: string) =>
    new HeschlError('OPTION_INVALID', 'These options do not fit the model', { expected, found, remedy })
  if (seed !== undefined || extname(model).toLowerCase() !== '.onnx') {
    if (taps !== undefined || normalize !== undefined || input !== undefined)
      throw invalid('--taps, --normalize and --input with an ONNX file alone', model, 'Choose with --layers')
    if (layers === undefined) throw invalid('--layers', 'none', 'Add --layers all, lpp, or names')
    return seed === undefined ? { checkpoint: resolve(model) } : { architecture: model, seed }
  }
  if (taps === undefined)
    throw invalid('--taps with an ONNX file', 'none', 'Name values of the model: --list-taps shows them')
  if (normalize === undefined)
    throw invalid('--normalize true or false', 'neither', 'Give do_normalize of the feature extractor of the model')
  return { onnx: resolve(model), taps, input: { normalize, ...(input === undefined ? {} : { name: input }) } }
}

/** @throws HeschlError OPTION_INVALID where two recordings would go to one file */
export function outputsOf(audio: readonly string[], out: string): readonly string[] {
  if (audio.length === 1) return [out]
  const outputs = audio.map((file) => join(out, `${basename(file, extname(file))}.safetensors`))
  const twice = outputs.find((file, i) => outputs.indexOf(file) !== i)
  if (twice === undefined) return outputs
  throw new HeschlError('OPTION_INVALID', 'Two recordings would be written to the same file', {
    expected: 'audio files of different names',
    found: basename(twice),
    remedy: 'Extract them one by one, each with its own --out',
  })
}

interface Layer {
  readonly name: string
  readonly shape: readonly number[]
  readonly hopSeconds: number
}

function summary({ out, ...report }: { readonly out: string } & ArrayReport): string {
  const { layers, seconds, audioSeconds } = report as unknown as {
    readonly layers: readonly Layer[]
    readonly seconds: number
    readonly audioSeconds: number
  }
  const table = formatTable(
    [
      { title: 'Layer', align: 'left' },
      { title: 'Frames', align: 'right' },
      { title: 'Units', align: 'right' },
      { title: 'Hop', align: 'right' },
    ],
    layers.map(({ name, shape, hopSeconds }) => [
      name,
      ...shape.map(String),
      `${Number((hopSeconds * 1000).toFixed(4))} ms`,
    ]),
  )
  const what = `${counted(layers.length, 'layer')} of ${formatDuration(audioSeconds)} of audio in ${formatDuration(seconds)}`
  return `${table}\n${out}: ${what}`
}
