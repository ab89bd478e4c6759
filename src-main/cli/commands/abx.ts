/** `abx`: discrimination of phones by a model, without a study. */
import { basename, dirname, join, resolve } from 'node:path'
import { publish, withScratch } from '../../jobs/host/scratch.ts'
import { checkFiles, runArrays } from '../arrayJob.ts'
import { counted, formatScore, formatTable } from '../format.ts'
import type { Output } from '../output.ts'
import { providerOf } from '../providerOption.ts'
import type { ProviderOption } from '../providerOption.ts'
import type { ExtractOptions } from './extract.ts'

export interface AbxOptions extends ProviderOption {
  readonly model: string
  readonly seed?: number
  readonly layers: 'all' | 'lpp' | readonly string[]
  readonly triplets: string
  readonly items: readonly { readonly language: string; readonly file: string }[]
  readonly audio: string
  readonly acceptClipping?: true
  readonly hears: 'item' | 'recording'
  readonly window: ExtractOptions['window']
  readonly distance: 'cosine' | 'angular' | 'euclidean' | 'kl'
  readonly dtw: 'standard' | 'as-published'
  readonly out: string
}

interface LayerReport {
  readonly name: string
  readonly accuracy: number
  readonly meanOverContrasts: number
  readonly languages: Readonly<Record<string, { readonly accuracy: number }>>
}

export async function abx(options: AbxOptions, output: Output): Promise<number> {
  const { model, seed, layers, hears, window, distance, dtw } = options
  const triplets = resolve(options.triplets)
  const items = options.items.map(({ language, file }) => ({ language, file: resolve(file) }))
  const audio = resolve(options.audio)
  const out = resolve(options.out)
  const inputs = [triplets, audio, ...items.map(({ file }) => file)]
  checkFiles(seed === undefined ? [resolve(model), ...inputs] : inputs, [out])
  const source = seed === undefined ? { checkpoint: resolve(model) } : { architecture: model, seed }
  const clipping = options.acceptClipping === true ? ('accept' as const) : ('refuse' as const)
  const report = await withScratch(dirname(out), false, async (scratch) => {
    const written = join(scratch, 'distances.tsv')
    const what = { source, layers, triplets, items, audio, clipping, hears, window, distance, dtw, out: written }
    const step = { label: `Distances of ${basename(triplets)}`, task: { kind: 'abx', ...what } as const }
    const [report] = await runArrays({ label: 'ABX', out, ...providerOf(options), steps: [step] }, output)
    await publish([{ from: written, to: out }])
    return report
  })
  output.document({ out, ...report })
  const { layers: found, ...rest } = report as unknown as {
    readonly layers: readonly LayerReport[]
    readonly triplets: number
    readonly items: number
  }
  const languages = Object.keys(found[0]?.languages ?? {}).filter((name) => name !== '')
  const table = formatTable(
    [
      { title: 'Layer', align: 'left' },
      { title: 'Right', align: 'right' },
      { title: 'Mean of contrasts', align: 'right' },
      ...languages.map((title) => ({ title, align: 'right' as const })),
    ],
    found.map(({ name, accuracy, meanOverContrasts, languages: own }) =>
      [name, accuracy, meanOverContrasts, ...languages.map((language) => own[language].accuracy)].map((value) =>
        typeof value === 'number' ? formatScore(value) : value,
      ),
    ),
  )
  output.say(`${table}\n${out}: ${counted(rest.triplets, 'triplet')} of ${counted(rest.items, 'item')}`)
  return 0
}
