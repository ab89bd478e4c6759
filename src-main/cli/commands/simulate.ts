/** `simulate`: a new study of simulated listeners. */
import { readFile } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { HeschlError } from '../../errors.ts'
import { readStudy } from '../../study/parse.ts'
import { withEngine } from '../engine.ts'
import { counted } from '../format.ts'
import { shellCommand } from '../installation.ts'
import type { Output } from '../output.ts'
import { showJob } from './study.ts'

export interface SimulateOptions {
  readonly truth?: string
  readonly subjects?: number
  readonly seed: number
  readonly noise?: readonly string[]
  readonly signal?: readonly string[]
  readonly out?: string
}

export async function simulate(source: string, options: SimulateOptions, output: Output): Promise<number> {
  const from = resolve(source)
  const { truth, subjects, seed, noise, signal } = options
  if (seed > 0xffffffff || subjects === 0 || (subjects ?? 0) > mostListeners)
    throw new HeschlError('OPTION_INVALID', 'This cannot be simulated', {
      expected: `1 to ${mostListeners} listeners of each language, and a seed below 2^32`,
      found: `--subjects ${subjects ?? 'left out'} --seed ${seed}`,
      remedy: 'Correct the option',
    })
  const name = basename(from, extname(from))
  const folder = options.out === undefined ? join(dirname(from), `${name}-simulated`) : resolve(options.out)
  const study = join(folder, 'study.yaml')
  const again = shellCommand('simulate', source, ...process.argv.slice(process.argv.indexOf(source) + 1))
  await withEngine((engine) =>
    showJob(
      engine,
      () =>
        engine.simulate({
          study,
          from: { study: from, ...(subjects !== undefined && { subjects }) },
          seed,
          ...(truth !== undefined && { truth: resolve(truth) }),
          ...(noise && { noise: noise.map((file) => resolve(file)) }),
          ...(signal && { signal: signal.map((file) => resolve(file)) }),
        }),
      again,
      output,
    ),
  )
  const listeners = (await readStudy(study)).study!.subjects
  const table = await readFile(join(folder, 'truth.tsv'), 'utf8')
  output.document({
    study,
    seed,
    subjects: listeners.map(({ id, language = null }) => ({ id, language })),
    truth: rowsOf(table),
  })
  output.say(`${study}: ${counted(listeners.length, 'simulated listener')}. Planted in them (truth.tsv):\n\n${table}`)
  output.note(`To analyse it: ${shellCommand('run', study)}`)
  return 0
}

/** As many as a study file of 5 MB has room for. */
const mostListeners = 2000

function rowsOf(table: string): readonly Readonly<Record<string, string>>[] {
  const [header, ...rows] = table.trimEnd().split('\n')
  const columns = header.split('\t')
  return rows.map((row) => Object.fromEntries(row.split('\t').map((value, i) => [columns[i], value])))
}
