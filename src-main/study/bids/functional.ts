/** Preprocessed recordings among a data set's files: which of several versions of a run to take. */
import type { ImportOptions, Unused } from './layout.ts'
import { notFetched } from './layout.ts'
import type { BidsFile } from './tree.ts'

/** One run in one space. */
export interface FunctionalRun {
  readonly subject: string
  readonly task: string
  /** As the name has it; empty where it has none. */
  readonly run: string
  readonly session: string
  readonly space: string
  readonly files: { readonly left: BidsFile; readonly right: BidsFile } | { readonly volume: BidsFile }
}

/** Spaces from the one to take first: surfaces before volumes, small before large. */
const spaceOrder = ['fsaverage5', 'fsaverage6', 'fsaverage', 'fsaverage4', 'fsaverage3', 'fsLR']

/** Folders of pipelines from the one to take first; the others follow by name. */
const pipelineOrder = ['afni-nosmooth', 'fmriprep']

const surfaceExtension = '.func.gii'
const volumeExtensions = ['.nii.gz', '.nii']

/**
 * @param files of the whole data set
 * @returns runs of one space of one pipeline, in order of subject, session, task and run
 */
export function functionalRuns(
  files: readonly BidsFile[],
  { tasks, space: wanted }: ImportOptions,
): { readonly runs: readonly FunctionalRun[]; readonly unused: readonly Unused[] } {
  const unused: Unused[] = []
  const leave = (file: BidsFile, reason: string) => void unused.push({ path: file.path, reason })
  let candidates = files.filter(isPreprocessed)
  for (const file of files.filter(isRaw)) leave(file, 'not preprocessed: it is in no space')
  if (tasks.length > 0)
    candidates = keep(candidates, ({ entities }) => tasks.includes(entities.task), leave, 'another task')
  candidates = keep(candidates, ({ there }) => there, leave, notFetched)
  const pipelines = order([...new Set(candidates.map(pipelineOf))], pipelineOrder)
  candidates = keep(
    candidates,
    (file) => pipelineOf(file) === pipelines[0],
    leave,
    `another pipeline than ${pipelines[0]}`,
  )
  const spaces = order([...new Set(candidates.map(({ entities }) => entities.space))], spaceOrder)
  const space = wanted ?? spaces[0]
  candidates = keep(candidates, ({ entities }) => entities.space === space, leave, `another space than ${space}`)
  // Narratives has the same run as fMRIPrep left it (no `desc`) and cleaned.
  const cleaned = candidates.some(({ entities }) => entities.desc === 'clean')
  if (cleaned)
    candidates = keep(candidates, ({ entities }) => entities.desc === 'clean', leave, 'not the cleaned version')
  const runs: FunctionalRun[] = []
  for (const group of Map.groupBy(candidates, runKey).values()) {
    const [first] = group
    const { sub, task, run = '', ses = '' } = first.entities
    const facts = { subject: `sub-${sub}`, task, run, session: ses, space }
    if (first.extension === surfaceExtension) {
      const side = (letter: string) => group.find(({ entities }) => entities.hemi === letter)
      const [left, right] = [side('L'), side('R')]
      if (left && right) runs.push({ ...facts, files: { left, right } })
      else leave(first, `the ${left ? 'right' : 'left'} hemisphere is missing`)
    } else {
      runs.push({ ...facts, files: { volume: first } })
      for (const other of group.slice(1)) leave(other, `the same run as ${first.name}`)
    }
  }
  return { runs: runs.toSorted((a, b) => compare(sortKey(a), sortKey(b))), unused }
}

/** What there is to choose from: tasks and spaces of recordings that are preprocessed, in the order in which they are taken. */
export function choicesIn(files: readonly BidsFile[]): { readonly tasks: string[]; readonly spaces: string[] } {
  const recordings = files.filter(isPreprocessed)
  const named = (entity: string) => [...new Set(recordings.map(({ entities }) => entities[entity]))]
  return { tasks: named('task').toSorted(compare), spaces: [...order(named('space'), spaceOrder)] }
}

const isFunctional = ({ entities, suffix, extension }: BidsFile) =>
  entities.sub !== undefined &&
  entities.task !== undefined &&
  ((extension === surfaceExtension && (suffix === 'bold' || entities.desc === 'clean')) ||
    (volumeExtensions.includes(extension) && suffix === 'bold'))

const isPreprocessed = (file: BidsFile) => isFunctional(file) && file.entities.space !== undefined
const isRaw = (file: BidsFile) => isFunctional(file) && file.entities.space === undefined

/** `derivatives/NAME/…`: NAME; elsewhere the folder above the subject's. */
function pipelineOf({ path }: BidsFile): string {
  const folders = path.split('/')
  const subject = folders.findIndex((folder) => folder.startsWith('sub-'))
  return subject > 0 ? folders[subject - 1] : ''
}

function keep(
  files: readonly BidsFile[],
  wanted: (file: BidsFile) => boolean,
  leave: (file: BidsFile, reason: string) => void,
  reason: string,
): BidsFile[] {
  for (const file of files) if (!wanted(file)) leave(file, reason)
  return files.filter(wanted)
}

function order(names: readonly string[], preferred: readonly string[]): readonly string[] {
  const place = (name: string) => (preferred.includes(name) ? preferred.indexOf(name) : preferred.length)
  return names.toSorted((a, b) => place(a) - place(b) || compare(a, b))
}

const runKey = ({ entities: { sub, ses, task, run } }: BidsFile) => JSON.stringify([sub, ses, task, run])

/** Numbers in names are compared as numbers: run-2 before run-10. */
const sortKey = ({ subject, session, task, run }: FunctionalRun) => [subject, session, task, run].join(' ')
const compare = (a: string, b: string) => a.localeCompare(b, 'en', { numeric: true })
