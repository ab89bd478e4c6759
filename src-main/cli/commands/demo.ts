/** `demo`: makes the built-in study, runs it, draws its figures, opens it. */
import { copyFile, mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { HeschlError } from '../../errors.ts'
import { demoSeed, demoStudyText } from '../demoStudy.ts'
import type { DemoRun } from '../demoStudy.ts'
import { noDisplay } from '../display.ts'
import { withEngine } from '../engine.ts'
import { writeFigures } from '../figures.ts'
import { resources, shellCommand } from '../installation.ts'
import type { Output } from '../output.ts'
import { resultsText } from '../tables.ts'
import { runStudy, showJob } from './study.ts'
import { open } from './window.ts'

export interface DemoOptions {
  readonly out: string
  /** False: stop after the run. */
  readonly open: boolean
}

/** Running it again resumes; a study file that was edited stays as it is. With --json nothing is opened. */
export async function demo(options: DemoOptions, output: Output): Promise<number> {
  const folder = resolve(options.out)
  const study = await makeStudy(folder)
  output.note(`The demo study is ${study}. Its speech is synthetic and its listeners are simulated.`)
  const again = shellCommand('demo', ...(options.out === 'heschl-demo' ? [] : ['--out', options.out]))
  await withEngine(async (engine) => {
    await showJob(engine, () => engine.simulate({ study, seed: demoSeed }), again, output)
    const { job, table } = await runStudy(engine, study, again, output)
    const figures = await writeFigures(engine, study, join(folder, 'figures'))
    output.document({ study, job, table, figures })
    output.say(`\nListeners are simulated; nothing here is a result about brains.\n\n${resultsText(table)}`)
    output.note(`\nFigures: ${join(folder, 'figures')}`)
  })
  const why = options.open && !output.json ? noDisplay() : 'nothing is to be opened'
  if (why === undefined) return open(study, output)
  const because = options.open && !output.json ? `No window: ${why}. ` : ''
  output.note(`${because}To look at it: ${shellCommand('open', study)}`)
  return 0
}

/**
 * Copies the speech and writes the study file, where they are not there yet.
 *
 * @returns the study file's path
 * @throws HeschlError OPTION_INVALID for a folder that has other things in it
 */
async function makeStudy(folder: string): Promise<string> {
  const study = join(folder, 'study.yaml')
  const present = await readdir(folder).catch((): string[] => [])
  if (present.length > 0 && !present.includes('study.yaml') && !present.includes('stimuli')) {
    throw new HeschlError('OPTION_INVALID', 'The folder for the demo has other things in it', {
      where: { file: folder },
      remedy: 'Choose another with --out',
    })
  }
  await mkdir(join(folder, 'stimuli'), { recursive: true })
  await mkdir(join(folder, 'simulated'), { recursive: true })
  const source = join(resources, 'demo', 'stimuli')
  const names = (await readdir(source)).filter((name) => /\.(flac|tsv)$/.test(name)).toSorted()
  for (const name of names) await copyMissing(join(source, name), join(folder, 'stimuli', name))
  if (!present.includes('study.yaml')) await writeWhole(study, demoStudyText(runsOf(names)))
  return study
}

function runsOf(names: readonly string[]): readonly DemoRun[] {
  const runs = names.filter((name) => name.endsWith('.flac')).map((name) => name.slice(0, -'.flac'.length))
  return runs.map((id) => ({
    id,
    audio: `stimuli/${id}.flac`,
    words: `stimuli/${id}.words.tsv`,
    phones: `stimuli/${id}.phones.tsv`,
  }))
}

async function copyMissing(from: string, to: string): Promise<void> {
  const [wanted, there] = await Promise.all([stat(from), stat(to).catch(() => undefined)])
  if (there?.size === wanted.size) return
  await copyFile(from, `${to}.part`)
  await rename(`${to}.part`, to)
}

/** Whole or not at all: an interrupted demo must not leave half a study file. */
async function writeWhole(file: string, text: string): Promise<void> {
  await writeFile(`${file}.part`, text)
  await rename(`${file}.part`, file)
}
