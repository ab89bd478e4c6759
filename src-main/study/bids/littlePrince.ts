/** Le Petit Prince (OpenNeuro ds003643): nine sections of one book in English, Chinese or French. */
import { functionalRuns } from './functional.ts'
import type { FunctionalRun } from './functional.ts'
import { notFetched, usualSurface } from './layout.ts'
import type { FoundRecording, FoundStimulus, Layout, Unused } from './layout.ts'
import type { BidsFile } from './tree.ts'

const sections = 9
/** Of the scans; the data set's paper says so, its files have no JSON beside them. */
const repetitionTime = 2
const languages: Readonly<Record<string, string>> = { EN: 'english', CN: 'chinese', FR: 'french' }

const taskName = /^lpp(EN|CN|FR)$/

/**
 * Runs are numbered differently in every subject (04 to 23, some numbers left out): in order they are sections 1 to 9.
 * Source: the released pipeline of Millet et al. (2022), which sorts them likewise.
 */
export const littlePrince: Layout = {
  matches: (files) => files.some(({ entities }) => taskName.test(entities.task ?? '') && entities.sub !== undefined),
  async read(files, _reader, options) {
    const { runs, unused: passed } = functionalRuns(files, options)
    const unused: Unused[] = [...passed]
    const stimuli = new Map<string, FoundStimulus>()
    const recordings: FoundRecording[] = []
    for (const [subject, own] of Map.groupBy(runs, ({ subject }) => subject)) {
      const volumes = own.filter((run): run is FunctionalRun & { files: { volume: BidsFile } } => 'volume' in run.files)
      if (volumes.length !== sections) {
        for (const { files: each } of volumes)
          unused.push({
            path: each.volume.path,
            reason: `${subject} has ${volumes.length} runs and not ${sections}: it is not clear which section each is`,
          })
        continue
      }
      for (const [index, { task, files: own }] of volumes.entries()) {
        const code = taskName.exec(task)![1]
        const id = `lpp${code}-${index + 1}`
        const audio = sectionFile(files, new RegExp(`^task-lpp${code}_section[-_]?${index + 1}\\.wav$`))
        if (!audio?.there) {
          const why = audio ? notFetched : 'not in the data set'
          unused.push({ path: own.volume.path, reason: `the audio of section ${index + 1}: ${why}` })
          continue
        }
        const words = sectionFile(files, new RegExp(`^lpp${code}_section${index + 1}\\.TextGrid$`))
        stimuli.set(id, {
          ...{ id, audio: audio.path, language: languages[code] },
          ...(words?.there && { words: words.path }),
        })
        recordings.push({
          ...{ subject, language: languages[code], stimulus: id, data: own.volume.path },
          ...{ tr: repetitionTime, start: 0 },
        })
      }
    }
    return {
      layout: 'Le Petit Prince (ds003643)',
      name: 'Le Petit Prince',
      surface: usualSurface,
      volumes: runs[0]?.space ?? 'MNIColin27',
      stimuli: [...stimuli.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)),
      recordings,
      unused,
      notes: [
        'Runs of each subject in the order of their numbers are sections 1 to 9, as in the released pipeline',
        'The TR is 2 s, as the data set says; each scan begins with its section and goes on for some volumes after it',
      ],
      encoding: { preset: 'lpp' },
    }
  },
}

const sectionFile = (files: readonly BidsFile[], pattern: RegExp) => files.find(({ name }) => pattern.test(name))
