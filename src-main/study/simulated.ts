/** The study file of simulated listeners in place of a study's subjects. Pure. */
import { stringify } from 'yaml'
import type { Model, Study, Subject } from './schema.ts'

/** First line of a file that was written here, and may be written again. */
export const simulatedHeader = '# Simulated listeners, written by heschl simulate.'

interface SimulatedListeners {
  /** Of each language; as many as there are subjects where it is left out. */
  readonly count?: number
  /** Makes a path in the study file one from the new file. */
  readonly moved: (path: string) => string
}

/** A listener of the new study, and the subject whose runs they hear. */
export interface SimulatedListener {
  readonly id: string
  readonly like: Subject
}

/**
 * Listeners in the order of the languages in the study file. Where there are more than subjects, subjects' runs are taken
 * in turns.
 */
export function simulatedListeners({ subjects }: Study, count?: number): readonly SimulatedListener[] {
  const groups = [...Map.groupBy(subjects, ({ language = '' }) => language.toLowerCase())]
  return groups.flatMap(([language, own]) => {
    const wanted = count ?? own.length
    const prefix = groups.length > 1 ? `sim-${language.replace(/[^a-z0-9]+/g, '') || 'other'}` : 'sim'
    const width = Math.max(2, String(wanted).length)
    return Array.from({ length: wanted }, (_, i) => ({
      id: `${prefix}-${String(i + 1).padStart(width, '0')}`,
      like: own[i % own.length],
    }))
  })
}

/** @param study with a surface; its listeners are simulated at its vertices @returns the new study file's text */
export function simulatedStudyText(study: Study, source: string, { count, moved }: SimulatedListeners): string {
  const hemispheres = <T extends object>(files: T): T =>
    Object.fromEntries(Object.entries(files).map(([name, path]) => [name, moved(path as string)])) as T
  const { surface = 'schematic', parcellation, volumes: _volumes, resample: _resample, ...others } = study
  // What people answered is not what simulated listeners would.
  const { planted: _planted, compute: _compute, behaviour: _behaviour, ...rest } = others
  const made = {
    ...rest,
    name: `${study.name} (simulated listeners)`.slice(0, 200),
    surface:
      typeof surface === 'string'
        ? surface === 'schematic'
          ? surface
          : moved(surface)
        : { left: hemispheres(surface.left), right: hemispheres(surface.right) },
    ...(parcellation !== undefined && {
      parcellation: typeof parcellation === 'string' ? moved(parcellation) : hemispheres(parcellation),
    }),
    stimuli: study.stimuli.map((stimulus) => withPaths(stimulus, ['audio', 'words', 'phones'], moved)),
    subjects: simulatedListeners(study, count).map(({ id, like }) => ({
      id,
      ...(like.language !== undefined && { language: like.language }),
      simulated: true,
      recordings: like.recordings.map(({ stimulus, tr, start }, run) => ({
        ...{ stimulus, tr, start },
        data: `recordings/${id}_${run + 1}.npy`,
      })),
    })),
    models: study.models.map((model) => movedModel(model, moved)),
    spaces: study.spaces.map((space) => withPaths(space, ['vectors'], moved)),
    // Simulated recordings have no confounds.
    encoding: { ...study.encoding, ...(study.encoding.confounds && { confounds: [] }) },
    planted: 'planted.json',
  }
  const head = `${simulatedHeader} Nobody has heard anything.
# What was planted in them is in truth.tsv; made from ${source}
`
  return head + stringify(made, { lineWidth: 110 })
}

function withPaths<T extends object, Key extends keyof T>(
  value: T,
  keys: readonly Key[],
  moved: (path: string) => string,
): T {
  const paths = keys.flatMap((key) => (value[key] === undefined ? [] : [[key, moved(value[key] as string)] as const]))
  return { ...value, ...Object.fromEntries(paths) }
}

function movedModel(model: Model, moved: (path: string) => string): Model {
  const { series } = model
  return {
    ...withPaths(model, ['checkpoint', 'onnx', 'tokenizer'], moved),
    ...(series && {
      series: { ...series, checkpoints: series.checkpoints.map((one) => withPaths(one, ['checkpoint'], moved)) },
    }),
  }
}
