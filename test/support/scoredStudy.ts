/**
 * A large study with scores, for measuring: nothing in it was fitted. Recordings are files of noise that nobody reads, scores
 * are a bump and noise that are put in the store under the keys of the study's own plan.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Providers } from '../../src-main/jobs/providers.ts'
import { StudySession } from '../../src-main/jobs/session.ts'
import { writeNpy } from '../../src-main/formats/npy.ts'
import { babble, wavBytes } from './smallStudy.ts'

export interface ScoredStudyOptions {
  readonly subjects: number
  readonly models: number
  readonly layers: readonly string[]
  /** Told how many of how many scores are written. */
  readonly progress?: (done: number, all: number) => void
}

const seconds = 20
const volumes = 12
/** Of the schematic cortex, which has as many as fsaverage5. */
const vertices = 20_484

/** @returns the path of its study file */
export async function makeScoredStudy(folder: string, options: ScoredStudyOptions): Promise<string> {
  mkdirSync(join(folder, 'func'), { recursive: true })
  writeFileSync(join(folder, 'run-1.wav'), wavBytes([babble(seconds, 16_000, 1)], 16_000))
  const data = new Float32Array(volumes * vertices)
  const random = noise(7)
  for (let i = 0; i < data.length; i++) data[i] = random()
  const subjects: string[] = []
  for (let s = 0; s < options.subjects; s++) {
    const id = `sub-${String(s + 1).padStart(3, '0')}`
    data[0] = s
    await writeNpy(join(folder, 'func', `${id}.npy`), { shape: [volumes, vertices], data })
    subjects.push(`  - {id: ${id}, simulated: true, recordings: [{stimulus: run-1, data: func/${id}.npy, tr: 2}]}`)
  }
  const models = Array.from(
    { length: options.models },
    (_, m) =>
      `  - {id: model-${m + 1}, regime: untrained, architecture: wav2vec2-base, seed: ${m + 1}, layers: [${options.layers.join(', ')}]}`,
  )
  const path = join(folder, 'study.yaml')
  const lines = [
    ...['heschl: 1', 'name: A simulated store', 'surface: schematic'],
    ...['stimuli:', '  - {id: run-1, audio: run-1.wav, language: none, synthetic: test signal}'],
    ...['subjects:', ...subjects, 'models:', ...models, 'spaces:', '  - {id: mel, acoustic: mel}'],
    ...['encoding: {preset: standard, folds: 4, alphas: {from: 0, to: 6, count: 7}, chance: zero}', ''],
  ]
  writeFileSync(path, lines.join('\n'))
  await fill(path, options.progress)
  return path
}

async function fill(path: string, progress: ScoredStudyOptions['progress']): Promise<void> {
  const session = new StudySession(path, new Providers())
  try {
    const { steps, problems } = await session.refresh()
    const fits = steps.filter(({ spec }) => spec.kind === 'fit')
    if (fits.length === 0) throw new Error(JSON.stringify(problems))
    const random = noise(1)
    const r = new Float32Array(vertices)
    for (const [i, { key, identity, spec }] of fits.entries()) {
      const centre = (i % 97) / 97
      for (let v = 0; v < vertices; v++) {
        const off = (v / vertices) * 2 - centre
        r[v] = 0.12 * Math.max(0, 1 - 8 * off * off) + 0.04 * random()
      }
      session.store.put(
        { ...{ key, kind: 'fit', label: spec.label, inputs: identity, provenance: {}, seconds: 0, work: 0 } },
        [{ name: 'r', shape: [vertices], data: r }],
      )
      if (i % 1000 === 0) progress?.(i, fits.length)
    }
  } finally {
    session.close()
  }
}

/** Uniform between −1 and 1: xorshift32, quick rather than good. */
function noise(seed: number): () => number {
  let state = seed
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return state / 2147483648
  }
}
