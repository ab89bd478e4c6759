/** LeBel et al. (OpenNeuro ds003020): stories heard by eight people, whose responses are arrays of voxels in HDF5 files. */
import { notFetched, usualSurface } from './layout.ts'
import type { FoundRecording, FoundStimulus, Layout, Unused } from './layout.ts'
import type { BidsFile } from './tree.ts'

/** Of the scans; the files have no JSON beside them. */
const repetitionTime = 2
/** Seconds of silence before each story; the released code leaves as many volumes out, and those at the end. */
const silence = 10
const trim = { start: 10, end: 5 }

const responseName = /(^|\/)preprocessed_data\/([^/]+)\/([^/]+)\.hf5$/

interface Response {
  readonly file: BidsFile
  readonly subject: string
  readonly story: string
}

/**
 * Every subject has voxels of its own, so that a study is of one: the one that is asked for, or the first.
 * Sources: the data set's description, and the released code (HuthLab/encoding-model-scaling-laws), whose delays and
 * trimming are taken.
 */
export const lebel: Layout = {
  matches: (files) => files.some(({ path }) => responseName.test(path)),
  async read(files, _reader, { tasks, subject: asked }) {
    const responses = files.flatMap((file): Response[] => {
      const found = responseName.exec(file.path)
      return found ? [{ file, subject: found[2], story: found[3] }] : []
    })
    const subject = asked ?? responses.map((one) => one.subject).toSorted()[0]
    const mask = maskOf(files, subject)
    const unused: Unused[] = []
    const stimuli = new Map<string, FoundStimulus>()
    const recordings: FoundRecording[] = []
    for (const { file, story, subject: own } of responses) {
      const why = reasonAgainst({ file, story, subject: own }, subject, tasks, mask)
      const leave = (reason: string) => void unused.push({ path: file.path, reason })
      if (why !== undefined) {
        leave(why)
        continue
      }
      const audio = named(files, new RegExp(`(^|/)stimuli/${escaped(story)}\\.wav$`))
      if (!audio?.there) {
        leave(`the audio of ${story}: ${audio ? notFetched : 'not in the data set'}`)
        continue
      }
      const grid = named(files, new RegExp(`(^|/)TextGrids/${escaped(story)}\\.TextGrid$`))
      const id = story.replace(/[^A-Za-z0-9_.+-]/g, '-')
      const transcript = grid?.there && { words: grid.path, phones: grid.path }
      stimuli.set(id, { ...{ id, audio: audio.path, language: 'english' }, ...transcript })
      recordings.push({
        ...{ subject, language: 'english', stimulus: id, data: `${file.path}:/data` },
        ...{ tr: repetitionTime, start: silence },
      })
    }
    return {
      layout: 'LeBel et al. (ds003020)',
      name: `LeBel et al., ${subject}`,
      ...{ surface: usualSurface, volumes: 'the mask’s' },
      ...(mask && { mask: mask.path }),
      stimuli: [...stimuli.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      recordings,
      unused,
      notes: [
        'The TR is 2 s, and each story begins 10 s after its first volume, as the data set and its released code have them',
        `Voxels are those of ${subject} alone: the study of another is imported with --subject`,
        'Marks of noises and pauses in the TextGrids (sp, {BR}, {LG}, {LS}, {NS}) count as words',
      ],
      encoding: { preset: 'voxelwise', trim },
    }
  },
}

function reasonAgainst(
  { file, story, subject: own }: Response,
  subject: string,
  tasks: readonly string[],
  mask: BidsFile | undefined,
): string | undefined {
  if (own !== subject) return `voxels of another subject than ${subject}`
  if (tasks.length > 0 && !tasks.includes(story)) return 'another story'
  if (!file.there) return notFetched
  if (mask?.there) return undefined
  return `the mask of ${subject}’s voxels (pycortex-db/${subject}/transforms/…/mask_thick.nii.gz): ${mask ? notFetched : 'not in the data set'}`
}

/** pycortex's, of the voxels near the cortex; another where that is not there. */
function maskOf(files: readonly BidsFile[], subject: string): BidsFile | undefined {
  const of = (name: string) =>
    named(files, new RegExp(`(^|/)pycortex-db/${escaped(subject)}/transforms/[^/]+/${name}\\.nii(\\.gz)?$`))
  return of('mask_thick') ?? of('mask_[^/]+')
}

const named = (files: readonly BidsFile[], pattern: RegExp) => files.find(({ path }) => pattern.test(path))
const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
