/** Readers of data sets' small files, and of what studies have beside them, for the fuzz tests. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { FuzzReader } from './fuzzReaders.ts'

const MiB = 1024 * 1024

const dataSet: Readonly<Record<string, string>> = {
  'dataset_description.json': '{"Name": "A story", "BIDSVersion": "1.8.0", "GeneratedBy": [{"Name": "fMRIPrep"}]}',
  'task-story_bold.json': '{"RepetitionTime": 1.5, "TaskName": "story", "SliceTiming": [0, 0.5, 1.0]}',
  'sub-01/func/sub-01_task-story_events.tsv':
    'onset\tduration\ttrial_type\tstim_file\n4.5\t60\tstory\tstory.wav\n70\t5\tquestion\tn/a\n',
  'stimuli/story.wav': '',
  'sub-01/func/sub-01_task-story_space-fsaverage5_hemi-L_bold.func.gii': '',
  'sub-01/func/sub-01_task-story_space-fsaverage5_hemi-R_bold.func.gii': '',
}
const narratives = {
  'code/event_meta.json':
    '{"story": {"story": {"onset": 10, "duration": 300}}, "other": {"a": {"onset": 0, "duration": 5}}}',
  'code/scan_exclude.json': '{"story": {"sub-02": ["sub-02_task-story"]}}',
}

/** One file of a data set of fMRIPrep, or of Narratives: what is imported is a study without problems. */
function imported(name: string, files: Readonly<Record<string, string>>): FuzzReader {
  return {
    seeds: () => [Buffer.from(files[name])],
    name,
    prepare(folder) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true })
        writeFileSync(join(folder, path), text)
      }
    },
    async read() {
      const { importBids } = await import('../../src-main/study/bids/index.ts')
      const { parseStudy } = await import('../../src-main/study/parse.ts')
      return async (_, folder) => {
        const { study } = await importBids(folder, join(folder, 'study.yaml'), { tasks: [] })
        const [problem] = parseStudy(study).problems.filter(({ severity }) => severity === 'error')
        // Models are for people to add
        if (problem && !/models|spaces/.test(problem.message)) throw new Error(`${problem.message}\n${study}`)
      }
    },
    beyond: MiB,
    perByte: 16,
  }
}

const planted = {
  ...{ note: 'Simulated listeners', key: 'abc', seed: 1, noise: null },
  rows: [
    {
      ...{ region: 'STG', hemisphere: 'both', language: '', model: 'a', layer: 'transf0', weight: 1, hrf: 'glover' },
      ...{ delay: 0, signal: 0.4, signal_sd: 0.1, weight_sd: 0, individual: 0.2, autocorrelation: 0.3, smoothing: 3 },
    },
  ],
  groups: [
    {
      ...{ language: '', subjects: ['sub-01'], model: 'a', layers: ['transf0'], layer: [0, -1, 0] },
      ...{ signal: [0.4, 0, 0.4], regions: [{ name: 'STG', layer: 'transf0' }] },
    },
  ],
}

/** A run of six volumes, cleared of what a table says. */
const confounds: FuzzReader = {
  seeds: () => [
    Buffer.from(
      'trans_x\tglobal_signal\tcsf\n0.1\t512.5\tn/a\n-0.2\t510\t3e2\n0.05\t509.25\t301\n0.1\t511\t1\n0.3\t508\t2\n0\t507.5\t1\n',
    ),
  ],
  name: 'confounds.tsv',
  async read() {
    const { clearRun } = await import('../../src-main/pipeline/cleanRun.ts')
    const options: Parameters<typeof clearRun>[2] = {
      ...{ trim: { start: 0, end: 0 }, detrend: 0, highPass: null, standardizeY: 'none' },
      confounds: ['trans_x', 'global_signal'],
    }
    return async (path) => {
      const y = { data: Float32Array.of(1, 2, 4, 3, 5, 2), rows: 6, cols: 1 }
      const { data } = await clearRun(y, { tr: 2, confounds: path }, options)
      if (data.length !== 6) throw new Error('another length')
    }
  },
  beyond: MiB,
  perByte: 8,
}

const items: FuzzReader = {
  seeds: () => [
    Buffer.from('index\t#file\tonset\toffset\t#phone\n12\ts1\t0.1\t0.4\ta\n13\ts1\t0.5\t0.75\te\n14\ts2\t\t\ti\n'),
  ],
  name: 'items.tsv',
  async read() {
    const { parseItems } = await import('../../src-main/behaviour/triplets.ts')
    const { readTable } = await import('../../src-main/formats/tableFile.ts')
    return async (path) => {
      for (const { span } of parseItems(await readTable(path), path).values())
        if (span && !(span.onset >= 0 && span.offset > span.onset && span.offset < Infinity))
          throw new Error('not times')
    }
  },
  beyond: MiB,
  perByte: 8,
}

export const importReaders = {
  ...{ confounds, items },
  planted: {
    seeds: () => [Buffer.from(JSON.stringify(planted))],
    name: 'planted.json',
    async read() {
      const { readPlanted } = await import('../../src-main/pipeline/simulation/planted.ts')
      return (path) => readPlanted(path)
    },
    beyond: MiB,
    perByte: 8,
  },
  description: imported('dataset_description.json', dataSet),
  sidecar: imported('task-story_bold.json', dataSet),
  events: imported('sub-01/func/sub-01_task-story_events.tsv', dataSet),
  eventMeta: imported('code/event_meta.json', { ...dataSet, ...narratives }),
  exclusions: imported('code/scan_exclude.json', { ...dataSet, ...narratives }),
} as const satisfies Record<string, FuzzReader>
