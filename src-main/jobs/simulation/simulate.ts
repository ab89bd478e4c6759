import { existsSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { HeschlError } from '../../errors.ts'
import { writeFileAtomic } from '../../formats/atomic.ts'
import { readTable } from '../../formats/tableFile.ts'
import { readText } from '../../formats/text.ts'
import { parseTsv } from '../../formats/tsv.ts'
import type { VertexCounts } from '../../pipeline/responses.ts'
import { surfaceFilesOf } from '../../pipeline/simulation/maps.ts'
import { plantedGroup, plantedNote } from '../../pipeline/simulation/planted.ts'
import type { Planted, PlantedGroup } from '../../pipeline/simulation/planted.ts'
import { truthParquet, truthText } from '../../pipeline/simulation/truthTable.ts'
import type { TruthRow } from '../../pipeline/simulation/truthTable.ts'
import type { SimulateTask } from '../../pipeline/tasks.ts'
import { codeVersions } from '../../pipeline/tasks.ts'
import { contentKey } from '../../store/keys.ts'
import { studyInvalid } from '../../study/parse.ts'
import { secondsPerSample } from '../../study/schema.ts'
import type { SimulateArgument } from '../engineHandle.ts'
import type { PlanBasis } from '../keyedPlan.ts'
import { runSteps } from '../runner.ts'
import type { RunOptions } from '../runner.ts'
import type { Snapshot, StudySession } from '../session.ts'
import { audiencesOf } from './audiences.ts'
import type { PlannedAudience } from './audiences.ts'
import { plannedTruth } from './plannedTruth.ts'
import { planSources } from './sourceSteps.ts'
import type { PlannedSource } from './sourceSteps.ts'

/** Seconds recorded after the audio ends: the response to its last words takes about that long. */
const tail = 12

/**
 * Writes recordings for a study all of whose listeners are simulated, and the table of what was planted: `planted.json`
 * for Heschl, `truth.tsv` and `truth.parquet` for people and other programs. Recordings that are there and were made from the same inputs are kept; an
 * interrupted simulation goes on where it stopped. Designs that the analysis will need, too, are stored for it.
 *
 * @throws HeschlError STUDY_INVALID where listeners are not all simulated, or recordings are not one NPY a run;
 *   FORMAT_INVALID for a table that cannot be planted; OPTION_INVALID where recordings would be written over
 */
export async function simulateStudy(
  session: StudySession,
  argument: Omit<SimulateArgument, 'study' | 'from'>,
  options: RunOptions,
  volumes: ReadonlyMap<string, readonly number[]> = new Map(),
): Promise<void> {
  const { seed } = argument
  const snapshot = await session.refresh()
  checkSimulated(session, snapshot)
  const basis = plannedBasis(snapshot, volumes)
  const truth =
    argument.truth === undefined
      ? undefined
      : { file: argument.truth, table: await readTable(argument.truth, parseTsv) }
  const rows = plannedTruth(basis, snapshot, truth)
  const audiences = audiencesOf(basis, rows)
  const sources = await planSources(session, basis, audiences)
  const given = await filesGiven(session, argument)
  const key = contentKey({
    kind: 'simulate',
    version: codeVersions.simulate,
    parameters: { seed, rows: rows.map((row) => ({ ...row })), vertices: { ...basis.vertices }, given: given.names },
    inputs: [...sources.flatMap(({ steps }) => steps.map((step) => step.key)), ...given.hashes],
  })
  const place = new Place(session, snapshot, audiences)
  if (await place.isCurrent(key)) return
  await runSteps(session, { ...snapshot, basis, steps: sources.flatMap(({ steps }) => steps) }, options)
  await place.begin(key)
  const groups: PlantedGroup[] = []
  const planted: TruthRow[] = []
  const tell = teller(audiences.length, options)
  for (const [done, audience] of audiences.entries()) {
    const task = taskOf(session, snapshot, audience, sources, { seed, vertices: basis.vertices, ...given.files })
    const { arrays, provenance } = await options.compute.run(task, {
      progress: ({ fraction }) => tell(done, fraction),
      read: (step, name) => session.store.array(step, name),
    })
    const named = provenance.rows as readonly TruthRow[]
    planted.push(...named)
    const [{ data }] = arrays
    groups.push(
      plantedGroup(snapshot.surface!, named, (model) => basis.layers.get(model)!, data as Float64Array, audience),
    )
  }
  const regions = [...new Set(planted.filter(({ signal }) => signal > 0).map(({ region }) => region))]
  const noise = argument.noise === undefined ? null : argument.noise.map((file) => basename(file)).join(', ')
  await place.finish({ note: plantedNote(regions, noise), key, seed, noise, rows: distinct(planted), groups })
}

/** Progress with the time left, once the pace is known. */
function teller(total: number, { progress }: RunOptions): (done: number, within: number) => void {
  const began = performance.now()
  return (done, within) => {
    const fraction = (done + within) / total
    const seconds = (performance.now() - began) / 1000
    const secondsLeft = seconds > 2 && fraction > 0.01 ? (seconds * (1 - fraction)) / fraction : null
    const counts = { stepsDone: done, stepsTotal: total, stepsCached: 0 }
    progress({ step: 'Simulating listeners', ...counts, fraction, secondsLeft, rate: '' })
  }
}

/** Audiences of one language have the same rows. */
const distinct = (rows: readonly TruthRow[]): TruthRow[] => [
  ...new Map(rows.map((row) => [JSON.stringify(row), row])).values(),
]

/** Files of noise and signal, with what names them in the key. */
async function filesGiven({ store }: StudySession, { noise, signal }: Pick<SimulateArgument, 'noise' | 'signal'>) {
  const named = Object.entries({ noise, signal }).flatMap(([name, files]) => (files ? [{ name, files }] : []))
  const hashes: string[] = []
  for (const file of named.flatMap(({ files }) => files)) hashes.push(await store.fileHash(file))
  return {
    files: Object.fromEntries(named.map(({ name, files }) => [name, surfaceFilesOf(files)])),
    names: named.map(({ name, files }) => ({ name, count: files.length })),
    hashes,
  }
}

function taskOf(
  session: StudySession,
  { surface }: Snapshot,
  audience: PlannedAudience,
  sources: readonly PlannedSource[],
  rest: Pick<SimulateTask, 'seed' | 'noise' | 'signal'> & { readonly vertices: VertexCounts },
): SimulateTask {
  return {
    kind: 'simulate',
    ...rest,
    surface: surface!,
    rows: audience.rows,
    sources: sources
      .filter(({ audience: whose }) => whose === audience)
      .map(({ id, layers, steps }) => ({ id, layers, designs: steps.map(({ key }) => key) })),
    volumes: audience.volumes,
    listeners: audience.subjects.map((id, i) => ({
      id,
      files: audience.files[i].map((file) => session.facts.path(file)),
    })),
  }
}

/** Where recordings and the tables of what is in them go. */
class Place {
  readonly #planted: string
  readonly #begun: string
  readonly #files: readonly string[]

  constructor({ facts }: StudySession, { study }: Snapshot, audiences: readonly PlannedAudience[]) {
    this.#planted = facts.path(study.planted!)
    this.#begun = `${this.#planted}.begun`
    this.#files = audiences.flatMap(({ files }) => files.flat().map((file) => facts.path(file)))
  }

  async isCurrent(key: string): Promise<boolean> {
    return (await keyIn(this.#planted)) === key && this.#files.every((file) => existsSync(file))
  }

  /** Recordings of another simulation go before the first of this one is written; those of nobody's stay. */
  async begin(key: string): Promise<void> {
    for (const folder of new Set([this.#planted, ...this.#files].map((file) => dirname(file))))
      await mkdir(folder, { recursive: true })
    const there = this.#files.filter((file) => existsSync(file))
    const known = (await keyIn(this.#begun)) ?? (await keyIn(this.#planted))
    if (there.length > 0 && known === undefined)
      throw new HeschlError('OPTION_INVALID', 'Recordings that no simulation has written are in the way', {
        where: { file: there[0] },
        remedy: 'Choose another folder with --out, or move them away',
      })
    if (known !== key) {
      // Until they are all gone, they are of no simulation at all.
      await writeFileAtomic(this.#begun, JSON.stringify({ key: '' }))
      await rm(this.#planted, { force: true })
      for (const file of there) await rm(file)
    }
    await writeFileAtomic(this.#begun, JSON.stringify({ key }))
  }

  async finish(planted: Planted): Promise<void> {
    const [folder, { rows, note }] = [dirname(this.#planted), planted]
    await writeFileAtomic(join(folder, 'truth.tsv'), truthText(rows))
    await writeFileAtomic(join(folder, 'truth.parquet'), truthParquet(rows, { title: note }))
    await writeFileAtomic(this.#planted, JSON.stringify(planted))
    await rm(this.#begun, { force: true })
  }
}

/** The key in a table of what was planted, whatever else is in it; undefined where there is no such table. */
async function keyIn(file: string): Promise<string | undefined> {
  try {
    const { key } = JSON.parse(await readText(file, 1e9)) as { readonly key?: unknown }
    return typeof key === 'string' ? key : undefined
  } catch {
    return undefined
  }
}

function checkSimulated(session: StudySession, { study, surface, basis, problems }: Snapshot): void {
  const fit = study.subjects.every(
    ({ simulated, recordings }) =>
      simulated &&
      recordings.every(({ data, tr }) => typeof data === 'string' && data.endsWith('.npy') && tr !== undefined),
  )
  if (!fit || study.planted === undefined || study.models.length === 0)
    throw new HeschlError('STUDY_INVALID', 'Listeners of this study cannot be simulated', {
      where: { file: session.path },
      expected: 'a model; `planted`; subjects with `simulated: true`, a TR, and one .npy file a recording',
      found: 'a study that lacks one of these',
      remedy: 'Use the study file that `heschl simulate` writes',
    })
  // What is missing because it is about to be written is no problem; anything else is.
  const others = problems.filter(({ path, severity }) => severity === 'error' && !/recordings|planted/.test(path))
  if (!surface || !basis || others.length > 0) throw studyInvalid(session.path, others)
}

/** The plan's basis with the volumes that are given, or as many as the audio needs: there may be no recording yet. */
function plannedBasis({ study, basis, seconds }: Snapshot, given: ReadonlyMap<string, readonly number[]>): PlanBasis {
  const volumes = new Map(
    study.subjects.map(({ id, recordings }) => [
      id,
      given.get(id) ??
        recordings.map((recording) =>
          Math.ceil((recording.start + seconds.get(recording.stimulus)! + tail) / secondsPerSample(recording)),
        ),
    ]),
  )
  return { ...basis!, study: { ...study, models: basis!.study.models }, volumes }
}
