/** `extract --words`: the activations of a model that reads words, without a study. */
import { basename, dirname, join, resolve } from 'node:path'
import { HeschlError } from '../../errors.ts'
import type { ArrayReport } from '../../jobs/engineHandle.ts'
import { publish, withScratch } from '../../jobs/host/scratch.ts'
import { checkFiles, runArrays } from '../arrayJob.ts'
import { counted, formatDuration, formatTable } from '../format.ts'
import type { Output } from '../output.ts'
import { outputsOf } from './extract.ts'

export interface ExtractWordsOptions {
  readonly model: string
  readonly seed?: number
  readonly tokenizer?: string
  readonly words: readonly string[]
  readonly layers: 'all' | 'lpp' | readonly string[]
  readonly context: number | 'full'
  readonly tokens: 'mean' | 'last'
  readonly out: string
}

export async function extractWords(options: ExtractWordsOptions, output: Output): Promise<number> {
  const { layers, context, tokens } = options
  const words = options.words.map((file) => resolve(file))
  const out = resolve(options.out)
  const outputs = outputsOf(words, out)
  const source = sourceOf(options)
  const folders = 'checkpoint' in source ? [source.checkpoint] : [source.tokenizer ?? []].flat()
  checkFiles([...folders, ...words], outputs)
  const folder = words.length > 1 ? out : dirname(out)
  const reports = await withScratch(folder, words.length > 1, async (scratch) => {
    const written = words.map((_, i) => join(scratch, `${i}.safetensors`))
    const steps = words.map((file, i) => ({
      label: `Activations of ${basename(file)}`,
      task: { kind: 'extractWords', source, layers, words: file, context, tokens, out: written[i] } as const,
    }))
    const reports = await runArrays({ label: 'Extract', out, steps }, output)
    await publish(written.map((from, i) => ({ from, to: outputs[i] })))
    return reports
  })
  const files = reports.map((report, i) => ({ out: outputs[i], ...report }))
  output.document({ context, wordTokens: tokens, files })
  output.say(files.map(summary).join('\n\n'))
  return 0
}

/** @throws HeschlError OPTION_INVALID for a tokenizer beside a checkpoint's own */
function sourceOf({ model, seed, tokenizer }: ExtractWordsOptions) {
  if (seed !== undefined)
    return { architecture: model, seed, ...(tokenizer === undefined ? {} : { tokenizer: resolve(tokenizer) }) }
  if (tokenizer === undefined) return { checkpoint: resolve(model) }
  throw new HeschlError('OPTION_INVALID', 'A checkpoint has its own tokenizer', {
    expected: '--tokenizer with --seed alone',
    found: model,
    remedy: 'Leave --tokenizer out, or add --seed and name an architecture',
  })
}

function summary({ out, ...report }: { readonly out: string } & ArrayReport): string {
  const { layers, seconds, words, tokens } = report as unknown as {
    readonly layers: readonly { readonly name: string; readonly shape: readonly number[] }[]
    readonly seconds: number
    readonly words: number
    readonly tokens: number
  }
  const table = formatTable(
    [
      { title: 'Layer', align: 'left' },
      { title: 'Words', align: 'right' },
      { title: 'Units', align: 'right' },
    ],
    layers.map(({ name, shape }) => [name, ...shape.map(String)]),
  )
  const what = `${counted(layers.length, 'layer')} of ${counted(words, 'word')} (${counted(tokens, 'token')})`
  return `${table}\n${out}: ${what} in ${formatDuration(seconds)}`
}
