/**
 * The desk on which a new study is made: reads a folder, says what was understood, holds a person's corrections against
 * it, and writes the study file. Nothing is written before that is asked for.
 */
import { existsSync } from 'node:fs'
import { readFile, statfs } from 'node:fs/promises'
import { totalmem } from 'node:os'
import { dirname, join, posix } from 'node:path'
import type { Draft, DraftCheck, FoundFolder, FoundModel } from '../../contract/newStudy.ts'
import type { Argument, Events } from '../../contract/procedures.ts'
import { HeschlError } from '../../errors.ts'
import { architectures } from '../../pipeline/architectures.ts'
import { Facts } from '../../pipeline/facts.ts'
import { editFound } from '../../study/bids/edits.ts'
import { choicesIn } from '../../study/bids/functional.ts'
import { readDataSet, studyText } from '../../study/bids/index.ts'
import type { DataSet } from '../../study/bids/index.ts'
import { readTree } from '../../study/bids/tree.ts'
import type { BidsFile, TreeWatch } from '../../study/bids/tree.ts'
import { weightsIn } from '../../study/bids/weights.ts'
import { presetNames } from '../../study/encodingSchema.ts'
import { parseStudy } from '../../study/parse.ts'
import type { Providers } from '../providers.ts'
import { StudyFiles } from '../session.ts'
import { estimateStudy } from './estimate.ts'
import { refuseToReplace, writeStudy } from './write.ts'

/** A window shows a list; the report beside the study file has all of them. */
const mostUnused = 2000
/** Milliseconds between what is told of a folder that is being read. */
const often = 200
const recent = 3

type Asked = Pick<Draft, 'path' | 'tasks' | 'space'>

export class DraftDesk {
  readonly #providers: Providers
  readonly #tell: (state: Parameters<Events['reading']>[0]) => void
  readonly #stopped = new Set<string>()
  readonly #checks = new Map<string, AbortController>()
  /** The data sets that were read last, by what was asked of them. */
  readonly #read = new Map<string, DataSet>()
  /** What was learnt of the files that a draft names, so that the next look at it is quick. */
  #files: StudyFiles | undefined

  constructor(providers: Providers, tell: (state: Parameters<Events['reading']>[0]) => void) {
    this.#providers = providers
    this.#tell = tell
  }

  /** @throws HeschlError as `importBids`; CANCELLED after `stop` */
  async read({ request, ...asked }: Argument<'readFolder'>): Promise<FoundFolder> {
    const set = await this.#watched(request, (watch) => readDataSet(asked.path, optionsOf(asked), watch))
    this.#remember(asked, set)
    const { found, files, root } = set
    const { weights, unused: pickles } = weightsIn(files)
    const unused = [...pickles, ...found.unused]
    const first = found.recordings[0]
    const choices = choicesIn(files)
    return {
      path: root,
      layout: found.layout,
      name: found.name,
      surface: found.surface,
      volumes: found.volumes,
      preset: String(found.encoding['preset']),
      presets: presetNames,
      architectures,
      subjects: [...Map.groupBy(found.recordings, ({ subject }) => subject)].map(([id, own]) => ({
        id,
        language: own[0].language,
        runs: own.map(({ stimulus, data, tr, start, confounds }) => ({
          ...{ stimulus, tr, start, confounds: confounds !== undefined },
          data: posix.basename(typeof data === 'string' ? data : data.left),
        })),
      })),
      stimuli: found.stimuli.map(({ id, audio, words, phones, language }) => ({
        ...{ id, audio, language, words: words !== undefined, phones: phones !== undefined },
      })),
      ...choices,
      space: spaceOf(files, first.data),
      models: await described(root, weights),
      unused: unused.slice(0, mostUnused),
      unusedCount: unused.length,
      notes: found.notes,
      // Where BIDS has what is made of a data set.
      file: join(root, 'derivatives', 'heschl', 'study.yaml'),
      studies: await studiesIn(root, files),
    }
  }

  stop(request: string): void {
    const check = this.#checks.get(request)
    if (check) check.abort()
    else this.#stopped.add(request)
  }

  /** @throws HeschlError FILE_MISSING, FILE_UNREADABLE; FORMAT_INVALID where there is nothing to use; CANCELLED */
  async models({ path, request }: Argument<'findModels'>): Promise<readonly FoundModel[]> {
    const files = await this.#watched(request, (watch) => readTree(path, watch))
    const { weights, unused } = weightsIn(files)
    if (weights.length > 0) return described(path, weights)
    throw new HeschlError('FORMAT_INVALID', 'There is no model in this folder', {
      where: { file: path },
      expected: 'config.json beside model.safetensors, or an ONNX file',
      found: unused.length > 0 ? `${unused[0].path}: ${unused[0].reason}` : `${files.length} other files`,
      remedy: "Name a Hugging Face model's folder, or one above it",
    })
  }

  /**
   * Once it is stopped it answers at once, whatever file is being read; what was learnt until then is kept.
   * @throws HeschlError CANCELLED after `stop`
   */
  async check({ request, ...draft }: Argument<'checkDraft'>): Promise<DraftCheck> {
    const stop = new AbortController()
    this.#checks.set(request, stop)
    const stopped = Promise.withResolvers<never>()
    stop.signal.addEventListener('abort', () => stopped.reject(cancelled()))
    const go = () => {
      if (stop.signal.aborted) throw cancelled()
    }
    try {
      return await Promise.race([this.#check(draft, go), stopped.promise])
    } finally {
      this.#checks.delete(request)
    }
  }

  async #check(draft: Draft, go: () => void): Promise<DraftCheck> {
    const { text, recordings, subjects } = await this.#written(draft)
    const facts = { text, recordings, subjects, exists: existsSync(draft.file), ...(await room(draft.file)) }
    const parsed = parseStudy(text)
    if (!parsed.study) return { ...facts, problems: parsed.problems, plan: null }
    if (this.#files?.path !== draft.file) this.#files = new StudyFiles(draft.file, this.#providers)
    const survey = await this.#files.survey(parsed, go)
    return { ...facts, problems: survey.problems, plan: await estimateStudy(survey, this.#files.facts) }
  }

  /** @throws HeschlError OPTION_INVALID where a file is in the way; FILE_UNREADABLE, DISK_FULL */
  async write({ replace, ...draft }: Argument<'writeDraft'>): Promise<string> {
    refuseToReplace(draft.file, replace, 'Give the study file another place, or say that this one may be replaced')
    if (!/\.ya?ml$/i.test(draft.file))
      throw new HeschlError('OPTION_INVALID', 'A study file ends in .yaml', {
        where: { file: draft.file },
        remedy: 'Give it such a name',
      })
    const { text, unused } = await this.#written(draft)
    await writeStudy({ file: draft.file, text, unused })
    return draft.file
  }

  async #written(draft: Draft) {
    const { found, root } = await this.#dataSet(draft)
    const edited = editFound(found, draft)
    return {
      text: studyText(edited, root, draft.file, draft.models),
      recordings: edited.recordings.length,
      subjects: new Set(edited.recordings.map(({ subject }) => subject)).size,
      unused: found.unused,
    }
  }

  /** As it was read last; read again where that was another engine's. */
  async #dataSet(draft: Asked): Promise<DataSet> {
    const known = this.#read.get(keyOf(draft))
    if (known) return known
    const set = await readDataSet(draft.path, optionsOf(draft))
    this.#remember(draft, set)
    return set
  }

  #remember(asked: Asked, set: DataSet): void {
    const key = keyOf(asked)
    this.#read.delete(key)
    this.#read.set(key, set)
    for (const old of [...this.#read.keys()].slice(0, -recent)) this.#read.delete(old)
  }

  async #watched<T>(request: string, use: (watch: TreeWatch) => Promise<T>): Promise<T> {
    let told = -Infinity
    try {
      return await use((files) => {
        if (performance.now() - told > often) {
          told = performance.now()
          this.#tell({ request, files })
        }
        return this.#stopped.has(request) ? 'stop' : 'go on'
      })
    } finally {
      this.#stopped.delete(request)
    }
  }
}

const cancelled = () => new HeschlError('CANCELLED', 'Stopped; nothing was written')
const keyOf = ({ path, tasks, space }: Asked) => JSON.stringify([path, tasks, space])
const optionsOf = ({ tasks, space }: Asked) => ({ tasks, ...(space !== null && { space }) })

function spaceOf(files: readonly BidsFile[], data: string | { readonly left: string }): string {
  const path = typeof data === 'string' ? data : data.left
  return files.find((file) => file.path === path)?.entities['space'] ?? ''
}

/** What each is, from its headers. An ONNX file says what it is once its layers are chosen. */
async function described(
  root: string,
  weights: ReturnType<typeof weightsIn>['weights'],
): Promise<readonly FoundModel[]> {
  const facts = new Facts(root)
  return Promise.all(
    weights.map(async ({ kind, path, id }): Promise<FoundModel> => {
      const model = { kind, id, path: join(root, path) }
      if (kind === 'onnx') return { ...model, words: 'ONNX: say which of its values are layers', usable: true }
      try {
        const { description } = await facts.model({ id, regime: 'native', checkpoint: path, layers: 'lpp' })
        return { ...model, words: description, usable: true }
      } catch (error) {
        return { ...model, words: HeschlError.from(error).summary, usable: false }
      }
    }),
  )
}

/** Study files at the places where this desk and `heschl import bids` write them. */
async function studiesIn(root: string, files: readonly BidsFile[]): Promise<readonly string[]> {
  const candidates = files.filter(({ name, path }) => /\.ya?ml$/i.test(name) && path.split('/').length <= 3)
  const found: string[] = []
  for (const { path } of candidates.slice(0, 50)) {
    const text = await readFile(join(root, path), 'utf8').catch(() => '')
    if (/^heschl:\s*\d/m.test(text)) found.push(join(root, path))
  }
  return found
}

/** What there is of the machine that computes. */
async function room(file: string): Promise<Pick<DraftCheck, 'freeDisk' | 'memory'>> {
  let folder = dirname(file)
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  const disk = await statfs(folder).catch(() => null)
  return { freeDisk: disk && disk.bavail * disk.bsize, memory: totalmem() }
}
