/** `validate`, `plan` and `run`: commands on a study file. */
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Job, ScoreTable } from '../../contract/study.ts'
import { HeschlError } from '../../errors.ts'
import type { EngineHandle } from '../../jobs/engineHandle.ts'
import { methodsOfStudy } from '../../study/methods.ts'
import { readStudy } from '../../study/parse.ts'
import { withEngine } from '../engine.ts'
import { formatDuration } from '../format.ts'
import { shellCommand, version } from '../installation.ts'
import type { Output } from '../output.ts'
import type { ProviderOption } from '../providerOption.ts'
import { scoresParquet, scoresTsv } from '../scoresTsv.ts'
import { watchJob } from '../watchJob.ts'
import { methodsText, planText, problemsText, resultsText } from '../tables.ts'

/** @returns the exit code: 2 when the study has errors */
export async function validate(study: string, output: Output): Promise<number> {
  const path = resolve(study)
  const problems = await withEngine((engine) => engine.call('validateStudy', { path }))
  const valid = problems.every(({ severity }) => severity !== 'error')
  output.document({ study: path, valid, problems })
  output.say(problemsText(study, problems))
  return valid ? 0 : 2
}

export interface PlanOptions extends ProviderOption {
  /** The encoding model in words, in place of the plan. */
  readonly methods?: true
}

export async function plan(study: string, options: PlanOptions, output: Output): Promise<number> {
  const path = resolve(study)
  const plan = await withEngine(async (engine) => {
    await chooseProvider(engine, path, options)
    return engine.call('plan', { study: path })
  })
  const methods = methodsOfStudy((await readStudy(path)).study!, version())
  output.document({ study: path, ...plan, methods })
  output.say(options.methods === true ? methodsText(methods) : planText(plan))
  return 0
}

export interface RunOptions extends ProviderOption {
  /** The file for the table of scores. */
  readonly scores?: string
}

export async function run(study: string, options: RunOptions, output: Output): Promise<number> {
  const path = resolve(study)
  return withEngine(async (engine) => {
    await chooseProvider(engine, path, options)
    const chosen = options.provider === undefined ? [] : ['--provider', options.provider]
    const { job, table } = await runStudy(engine, path, shellCommand('run', study, ...chosen), output)
    if (options.provider !== undefined && table.provider !== 'cpu')
      output.note(`The window shows these once the study file says \`compute: {provider: ${table.provider}}\`.`)
    if (options.scores !== undefined) await writeScores(options.scores, table)
    const { notes } = await engine.call('openStudy', { path })
    for (const note of notes) output.note(note)
    // What each step took, beside what it was expected to.
    const { steps } = await engine.call('plan', { study: path })
    output.document({ study: path, job, table, notes, steps })
    output.say(resultsText(table))
    return 0
  })
}

/** @throws HeschlError of a file that cannot be written */
async function writeScores(file: string, table: ScoreTable): Promise<void> {
  try {
    await writeFile(file, /\.parquet$/i.test(file) ? scoresParquet(table) : scoresTsv(table))
  } catch (error) {
    throw HeschlError.from(error, { file: resolve(file) })
  }
}

/** Results are the chosen provider's alone: the window shows those of the study file's. */
async function chooseProvider(engine: EngineHandle, study: string, { provider }: ProviderOption): Promise<void> {
  if (provider !== undefined) await engine.useProvider({ study, provider })
}

/** Runs what is missing with a live display on stderr. */
export async function runStudy(
  engine: EngineHandle,
  path: string,
  again: string,
  output: Output,
): Promise<{ readonly job: Job; readonly table: ScoreTable }> {
  const job = await showJob(engine, () => engine.call('run', { study: path }), again, output)
  const cached = job.stepsCached > 0 ? `, ${job.stepsCached} of them stored already` : ''
  output.note(`Done in ${formatDuration(job.secondsElapsed)}: ${job.stepsTotal} steps${cached}.`)
  return { job, table: await engine.call('scoreTable', { study: path }) }
}

/**
 * @param again the command that resumes
 * @throws HeschlError CANCELLED with what to do to go on
 */
export async function showJob(
  engine: EngineHandle,
  start: () => Promise<Job>,
  again: string,
  output: Output,
): Promise<Job> {
  const stopped = () =>
    new HeschlError('CANCELLED', 'Stopped; what was finished is stored', {
      remedy: `Run \`${again}\` again: it resumes where it stopped`,
    })
  return watchJob(engine, start, { kept: 'What is finished is stored.', stopped }, output)
}
