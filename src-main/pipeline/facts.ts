import { resolve } from 'node:path'
import {
  describeModel,
  describeTextModel,
  layersNamed,
  modelFiles,
  passBytes,
  readsText,
  textModelFiles,
} from '../activations/index.ts'
import type { ModelDescription as SpeechDescription, ModelSource, TextDescription } from '../activations/index.ts'
import { arrayPlace } from '../arrayPlace.ts'
import { readChannels } from '../formats/channels.ts'
import type { Channel } from '../formats/channels.ts'
import { coordinateSystemFile } from '../formats/electrodes.ts'
import { readExperiment, type Experiment, type ExperimentFiles } from './experiment.ts'
import { Remembered } from './remembered.ts'
import { responseShape } from './recordingFile.ts'
import { runLength } from './ruledResponses.ts'
import { isSettled } from './stamp.ts'
import { targetRuleOf } from './targetRule.ts'
import type { TargetRule } from './targetRule.ts'
import type { ResponseShape } from './recordingFile.ts'
import type { ResponseFiles } from './responses.ts'
import { audioInfo, readTokens } from '../stimuli/index.ts'
import type { AudioInfo, TimedToken } from '../stimuli/index.ts'
import { loadSurface, schematicCortex, surfaceFiles } from '../surfaces/index.ts'
import { readSphereMesh } from '../surfaces/hemisphere.ts'
import { loadVoxels } from '../surfaces/voxels.ts'
import { electrodeTable } from '../surfaces/electrodePlaces.ts'
import type { ElectrodeTable } from '../surfaces/electrodePlaces.ts'
import type { CorticalSurface } from '../surfaces/index.ts'
import { itemTables, type Behaviour } from '../study/behaviourSchema.ts'
import type { Model, Recording, Study, Subject } from '../study/schema.ts'
import { isOfVoxels } from '../study/volumesSchema.ts'
import { weightSource } from '../study/source.ts'

export type { CorticalSurface, Experiment, TextDescription }
export { placeElectrodes } from '../surfaces/electrodePlaces.ts'
export type { ElectrodesOnSurface, SubjectElectrodes } from '../surfaces/electrodePlaces.ts'
export { drawnFacts, drawnVersion, schematicCortex } from '../surfaces/index.ts'

/** Of a model that hears audio, or of one that reads words. */
export type ModelDescription = SpeechDescription | TextDescription

/** Outlives this process: what was learnt of files by their stamps. */
export interface FileMemory {
  known(name: string, stamp: string): unknown
  keepKnown(name: string, stamp: string, value: unknown): void
}

/** Raised whenever a file could say something else of itself than before. */
const version = 1

/** What a study's files say of themselves, read once each; every method rejects with a HeschlError. */
export class Facts {
  readonly #base: string
  readonly #audio = new Remembered<AudioInfo>()
  readonly #tokens = new Remembered<readonly TimedToken[]>()
  readonly #electrodes = new Remembered<ElectrodeTable>()
  readonly #channels = new Remembered<readonly Channel[]>()
  readonly #shapes = new Remembered<ResponseShape>()
  readonly #volumes = new Remembered<number>()
  readonly #spheres = new Remembered<number>()
  readonly #models = new Remembered<ModelDescription>()
  readonly #surfaces = new Remembered<CorticalSurface>()
  /** Where a study asks for the schematic cortex. */
  drawCortex: () => CorticalSurface = schematicCortex
  /** Of recordings, which are hundreds. */
  memory: FileMemory | undefined

  /** @param base the study file's folder, from which its paths are relative */
  constructor(base: string) {
    this.#base = base
  }

  path(relative: string): string {
    return resolve(this.#base, relative)
  }

  audio(relative: string): Promise<AudioInfo> {
    const file = this.path(relative)
    return this.#audio.get(file, [file], () => audioInfo(file))
  }

  experimentFiles(behaviour: Behaviour): ExperimentFiles {
    const items = itemTables(behaviour).map(({ language, file }) => ({ language, file: this.path(file) }))
    return { triplets: this.path(behaviour.triplets), items, audio: this.path(behaviour.audio) }
  }

  /** Reads the tables of an ABX experiment, and looks for its recordings, every time: they are many. */
  experiment(behaviour: Behaviour): Promise<Experiment> {
    return readExperiment(this.experimentFiles(behaviour))
  }

  /** Words or phones of a stimulus, in order. */
  tokens(relative: string, kind: 'words' | 'phones'): Promise<readonly TimedToken[]> {
    const file = this.path(relative)
    return this.#tokens.get(`${kind} ${file}`, [file], () => readTokens(file, kind))
  }

  /** Names in a table of electrodes, in order. */
  async electrodes(relative: string): Promise<readonly string[]> {
    return (await this.electrodeTable(relative)).electrodes.map(({ name }) => name)
  }

  /** A table of electrodes with what says what its coordinates are in; the same object while the files stay the same. */
  electrodeTable(relative: string): Promise<ElectrodeTable> {
    const file = this.path(relative)
    const beside = coordinateSystemFile(file)
    return this.#electrodes.get(file, [file, ...(beside === null ? [] : [beside])], () => electrodeTable(file))
  }

  /** Columns of a recording of electrodes. */
  channels(relative: string): Promise<readonly Channel[]> {
    const file = this.path(relative)
    return this.#channels.get(file, [file], () => readChannels(file))
  }

  responseShape(relative: string): Promise<ResponseShape> {
    const file = this.path(relative)
    return this.#shapes.get(file, [arrayPlace(file).file], (stamp) =>
      this.#learnt(`shape of ${file}`, stamp, () => responseShape(file)),
    )
  }

  /** @throws HeschlError FILE_MISSING where a surface has no file that the rule needs */
  async rule(study: Study): Promise<TargetRule | undefined> {
    const rule = targetRuleOf(study, this.#base)
    if (rule?.kind !== 'resampled') return rule
    let sources = 0
    for (const side of ['left', 'right'] as const) {
      const { from } = rule.spheres[side]
      const count = async () => (await readSphereMesh(from, side)).points.length / 3
      sources += await this.#spheres.get(from, [from], count)
    }
    return { ...rule, sources }
  }

  /** The mask of one recording of volumes, its subject's where it has none of its own; absolute. */
  ownMask(subject: Pick<Subject, 'mask'>, { mask = subject.mask }: Recording): string | undefined {
    return mask === undefined ? undefined : this.path(mask)
  }

  /** Volumes of a recording, from one file's header. */
  async volumes(recording: Recording, rule: TargetRule | undefined): Promise<number> {
    const { data } = recording
    if (rule && rule.kind !== 'resampled') {
      const file = this.path(data as string)
      return this.#volumes.get(file, [arrayPlace(file).file], (stamp) =>
        this.#learnt(`volumes of ${file}`, stamp, () => runLength(file)),
      )
    }
    return (await this.responseShape(typeof data === 'string' ? data : data.left)).volumes
  }

  /** @param read where it is not known of the file as it is now; gives what JSON can hold */
  async #learnt<T>(what: string, stamp: string, read: () => Promise<T>): Promise<T> {
    const asOf = `${stamp}:${version}`
    const known = this.memory?.known(what, asOf)
    if (known !== undefined) return known as T
    const value = await read()
    if (isSettled(stamp)) this.memory?.keepKnown(what, asOf, value)
    return value
  }

  responseFiles({ data }: Recording): ResponseFiles {
    return typeof data === 'string' ? this.path(data) : { left: this.path(data.left), right: this.path(data.right) }
  }

  source(model: Model): ModelSource {
    return weightSource(model, (path) => this.path(path))
  }

  /** Files whose bytes are the model's weights, and its tokenizer's; none for random weights. */
  async modelFiles(model: Model): Promise<readonly string[]> {
    const source = this.source(model)
    return readsText(source) ? textModelFiles(source) : modelFiles(source)
  }

  async model(model: Model): Promise<ModelDescription> {
    const source = this.source(model)
    const describe = readsText(source) ? describeTextModel : describeModel
    return this.#models.get(JSON.stringify(source), await this.modelFiles(model), () => describe(source))
  }

  async layers(model: Model): Promise<readonly string[]> {
    // The layers of an ONNX model are chosen by its taps; `lpp` is what a study file has that says nothing.
    const choice = model.onnx !== undefined && model.layers === 'lpp' ? 'all' : model.layers
    return layersNamed(await this.model(model), choice)
  }

  /** Memory of one pass of a model that hears over so many samples, in bytes. */
  passBytes(model: Model, layers: readonly string[], samples: number): Promise<number> {
    return passBytes(this.source(model), layers, samples)
  }

  /** Of a study whose scores are of voxels: its mask (surfaces/voxels.ts). */
  async surface({ surface, parcellation, volumes }: Study): Promise<CorticalSurface> {
    const atlas = typeof parcellation === 'object' && 'volume' in parcellation ? parcellation : undefined
    if (isOfVoxels(volumes)) {
      const mask = this.path(volumes.mask)
      const own = atlas && { volume: this.path(atlas.volume), names: this.path(atlas.names) }
      const files = [mask, ...(own ? [own.volume, own.names] : [])]
      return this.#surfaces.get(JSON.stringify(files), files, () => loadVoxels(mask, own))
    }
    // The study's check has seen to it that there is a surface, with a parcellation of vertices.
    const [spec, labels] = [surface!, parcellation as Exclude<typeof parcellation, typeof atlas>]
    const files = surfaceFiles(spec, this.#base, labels)
    return this.#surfaces.get(JSON.stringify([spec, labels]), files, () =>
      loadSurface(spec, this.#base, labels, this.drawCortex),
    )
  }
}
