/** `export --maps`: what a study has stored as maps in the formats that other programs read, laid out as a BIDS derivative. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { HeschlError } from '../../errors.ts'
import type { VoxelSet } from '../../contract/study.ts'
import type { MapFormat } from '../../formats/mapFormats.ts'
import { writeNifti } from '../../formats/niftiWrite.ts'
import { voxelImage } from '../../formats/voxelMaps.ts'
import { writeMaps } from '../../formats/writeMaps.ts'
import { publish, withScratch } from '../../jobs/host/scratch.ts'
import { datasetFiles, jsonText } from '../derivative/files.ts'
import { mapGroups } from '../derivative/groups.ts'
import type { MapGroup } from '../derivative/groups.ts'
import type { MapKind } from '../derivative/kinds.ts'
import { labelOf, labelsOf, mapName } from '../derivative/names.ts'
import { withEngine } from '../engine.ts'
import { counted } from '../format.ts'
import { version } from '../installation.ts'
import type { Output } from '../output.ts'
import { scoresParquet, scoresTsv } from '../scoresTsv.ts'
import { writeElectrodes } from './exportElectrodes.ts'
import { findFigure } from './exportFigure.ts'

export interface MapExportOptions {
  readonly maps: readonly MapKind[]
  readonly as: readonly MapFormat[]
  readonly model?: string
  readonly subject?: string
  readonly out: string
}

export async function exportMaps(file: string, options: MapExportOptions, output: Output): Promise<number> {
  const [study, out] = [resolve(file), resolve(options.out)]
  const failed = new Map<string, HeschlError>()
  const files = await withScratch(out, true, async (scratch) => {
    const written = await withEngine(async (engine) => {
      const overview = await engine.call('openStudy', { path: study })
      const { vertices, name: surface } = overview.surface
      if (vertices.left + vertices.right === 0) throw noCortex(study)
      const labels = labelsOf(
        overview.subjects.map(({ id }) => id),
        'sub',
      )
      const wanted = { ...options, kinds: options.maps }
      const skipped = (what: string, error: HeschlError) => failed.set(what, error)
      const common = async () => {
        const table = await engine.call('scoreTable', { study })
        const contents = [
          ...datasetFiles(overview, version(), labels),
          ['scores.tsv', scoresTsv(table)] as const,
          ...(options.as.includes('parquet') ? [['scores.parquet', scoresParquet(table)] as const] : []),
        ]
        for (const [name, content] of contents) await writeFile(join(scratch, name), content)
        return contents.map(([name]) => name)
      }
      if (overview.surface.electrodes !== undefined)
        return [...(await writeElectrodes(engine, overview, wanted, scratch, skipped)), ...(await common())]
      const voxels = overview.surface.voxels ? (await engine.call('surface', { study })).voxels : undefined
      const space = labelOf(surface.replace(/\.nii(\.gz)?$/i, ''))
      const writer = new DerivativeWriter(scratch, space, vertices, options.as, voxels)
      const groups = mapGroups(
        engine,
        overview,
        wanted,
        (figure, given) => findFigure(engine, study, figure, given, output),
        skipped,
      )
      for await (const group of groups) await writer.write(group, group.subject && labels.get(group.subject))
      if (writer.files.length === 0) throw nothingStored(study, failed)
      return [...writer.files, ...(await common())]
    })
    for (const folder of new Set(written.map((name) => dirname(name))))
      await mkdir(join(out, folder), { recursive: true })
    await publish(written.map((name) => ({ from: join(scratch, name), to: join(out, name) })))
    return written
  })
  output.document({ out, files, failed: [...failed].map(([what, error]) => ({ what, error: error.serialize() })) })
  for (const [what, error] of failed) output.note(`${what}: ${error.summary}`)
  output.say(`${out}: ${counted(files.length, 'file')}, a BIDS derivative`)
  return 0
}

/** Formats that are not of a cortex: voxels of a mask are NIfTI, and these beside it. */
const ofAnything: ReadonlySet<MapFormat> = new Set(['npy', 'npz', 'tsv', 'parquet'])

/** Writes maps and what is said of them; a format that cannot hold a map is passed over. */
class DerivativeWriter {
  readonly #root: string
  readonly #space: string
  readonly #vertices: { readonly left: number; readonly right: number }
  readonly #formats: readonly MapFormat[]
  readonly #voxels: VoxelSet | undefined
  readonly #labels = new Map<string, string>()
  /** From the root, with "/". */
  readonly files: string[] = []

  constructor(
    root: string,
    space: string,
    vertices: { readonly left: number; readonly right: number },
    formats: readonly MapFormat[],
    voxels: VoxelSet | undefined,
  ) {
    this.#root = root
    this.#space = space
    this.#vertices = vertices
    this.#formats = voxels ? formats.filter((format) => ofAnything.has(format)) : formats
    this.#voxels = voxels
  }

  async write(group: MapGroup, subject: string | undefined): Promise<void> {
    const { stat, of, names, maps, classes, about } = group
    const formats = this.#formats.filter((format) => format !== 'label.gii' || (classes && maps.length === 1))
    if (formats.length === 0 && !this.#voxels) return
    const { left, right } = this.#vertices
    const values = new Float32Array(names.length * (left + right))
    maps.forEach((map, i) => values.set(map, i * (left + right)))
    const entities = {
      ...(subject !== undefined && { subject }),
      ...{ space: this.#space, stat, ...(of !== undefined && { desc: this.#label(of) }) },
    }
    await mkdir(dirname(join(this.#root, mapName(entities))), { recursive: true })
    if (this.#voxels) {
      const file = `${mapName(entities)}.nii.gz`
      await writeNifti(join(this.#root, file), voxelImage(maps, this.#voxels))
      this.files.push(file)
    }
    for (const format of formats) {
      const made = { names, left, right, values, ...(classes && { classes }) }
      const files = await writeMaps((side) => join(this.#root, mapName(entities, side)), made, format)
      this.files.push(...files.map((file) => file.slice(this.#root.length + 1).replaceAll('\\', '/')))
    }
    await this.text(
      `${mapName(entities)}.json`,
      jsonText({ ...about, Maps: names, ...(classes && { Classes: classes }) }),
    )
  }

  async text(name: string, text: string): Promise<void> {
    await writeFile(join(this.#root, name), text)
    this.files.push(name)
  }

  /** Of models and contrasts; two that would be the same differ by a number. */
  #label(name: string): string {
    if (!this.#labels.has(name))
      for (const [known, label] of labelsOf([...this.#labels.keys(), name])) this.#labels.set(known, label)
    return this.#labels.get(name)!
  }
}

const noCortex = (study: string) =>
  new HeschlError('OPTION_INVALID', 'This study has no maps', {
    where: { file: study },
    expected: 'a surface, or a mask',
    found: 'one that cannot be read',
    remedy: 'heschl validate tells what is wrong with it',
  })

const nothingStored = (study: string, failed: ReadonlyMap<string, HeschlError>) =>
  [...failed.values()].find(({ code }) => code !== 'FILE_MISSING') ??
  new HeschlError('FILE_MISSING', 'No scores are stored yet', {
    where: { file: study },
    remedy: 'Run the study first: heschl run',
  })
