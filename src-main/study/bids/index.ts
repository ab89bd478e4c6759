/** `heschl import bids`: a study file from a data set on disk. */
import { readFile, stat } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import type { DraftModel } from '../../contract/newStudy.ts'
import { HeschlError } from '../../errors.ts'
import type { Found, ImportOptions, Reader, Unused } from './layout.ts'
import { lebel } from './lebel.ts'
import { littlePrince } from './littlePrince.ts'
import { preprocessed } from './preprocessed.ts'
import { studyFile } from './studyFile.ts'
import { readTree } from './tree.ts'
import type { BidsFile, TreeWatch } from './tree.ts'

/** The first that matches is taken: those of one data set before those of a tool. */
const layouts = [lebel, littlePrince, preprocessed]

/** Sidecars and tables of events; a data set's largest is a fraction of it. */
const mostBytes = 20 * 1024 * 1024

export interface Imported {
  readonly layout: string
  /** The study file's text. */
  readonly study: string
  readonly subjects: number
  readonly recordings: number
  readonly stimuli: number
  readonly unused: readonly Unused[]
  readonly notes: readonly string[]
}

/**
 * Finds subjects, runs, TRs, confounds and what was heard. Reads names and small files alone: `heschl validate` looks into
 * the rest.
 * @param root the data set's folder
 * @param file where the study file will lie: paths in it are relative to its folder
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE; FORMAT_INVALID where nothing in the folder can be used, with what was
 * found instead
 */
export async function importBids(root: string, file: string, options: ImportOptions): Promise<Imported> {
  const { found } = await readDataSet(root, options)
  return {
    layout: found.layout,
    study: studyText(found, root, file),
    subjects: new Set(found.recordings.map(({ subject }) => subject)).size,
    recordings: found.recordings.length,
    stimuli: found.stimuli.length,
    ...{ unused: found.unused, notes: found.notes },
  }
}

/** A data set as it was understood. */
export interface DataSet {
  readonly root: string
  readonly files: readonly BidsFile[]
  readonly found: Found
}

/** @throws HeschlError as `importBids`; CANCELLED where `watch` stops it */
export async function readDataSet(root: string, options: ImportOptions, watch?: TreeWatch): Promise<DataSet> {
  const files = await readTree(root, watch)
  const layout = layouts.find((each) => each.matches(files))
  if (!layout)
    throw new HeschlError('FORMAT_INVALID', 'This folder is not laid out as any data set that can be imported', {
      where: { file: root },
      expected:
        'names as sub-01_task-story_space-fsaverage6_hemi-L_bold.func.gii, of fMRIPrep or of Narratives; Le Petit Prince; or LeBel et al.',
      found: files.length === 0 ? 'an empty folder' : `${files.length} files, such as ${files[0].path}`,
      remedy:
        'Name the folder that has dataset_description.json, with its derivatives; or write a study file by hand: docs/study.md',
    })
  const found = await layout.read(files, readerOf(root), options)
  if (found.recordings.length === 0) throw nothingUsed(root, found, options)
  // What surface recordings are of is theirs; volumes can be sampled on any.
  const chosen = found.volumes !== null && options.surface !== undefined
  return { root, files, found: chosen ? { ...found, surface: options.surface } : found }
}

/**
 * The study file of a data set.
 * @param file where it will lie: paths in it are relative to its folder
 * @param models absolute paths
 */
export function studyText(found: Found, root: string, file: string, models: readonly DraftModel[] = []): string {
  const folder = resolve(file, '..')
  const place = (path: string) => relative(folder, resolve(root, path)).split(sep).join('/')
  return studyFile(found, place, models)
}

function readerOf(root: string): Reader {
  const text = async (path: string) => {
    const file = join(root, path)
    try {
      const { size } = await stat(file)
      if (size <= mostBytes) return await readFile(file, 'utf8')
      throw new HeschlError('FORMAT_INVALID', 'A file of the data set is too large for what it is', {
        where: { file },
        expected: `at most ${mostBytes} bytes`,
        found: `${size} bytes`,
      })
    } catch (error) {
      throw HeschlError.from(error, { file })
    }
  }
  return {
    text,
    async json(path) {
      const source = await text(path)
      try {
        return JSON.parse(source) as unknown
      } catch (error) {
        throw new HeschlError('FORMAT_INVALID', 'A file of the data set is not JSON', {
          where: { file: join(root, path) },
          found: error instanceof Error ? error.message : String(error),
          remedy: 'Fetch or correct it, and import again',
          cause: error,
        })
      }
    },
  }
}

function nothingUsed(root: string, { layout, unused }: Found, { tasks, space }: ImportOptions): HeschlError {
  const reasons = [...Map.groupBy(unused, ({ reason }) => reason)].toSorted((a, b) => b[1].length - a[1].length)
  const told = reasons.slice(0, 5).map(([reason, files]) => `${files.length} x ${reason} (${files[0].path})`)
  const asked = [
    tasks.length > 0 ? `of the task ${tasks.join(', ')}` : '',
    space === undefined ? '' : `in the space ${space}`,
  ]
  return new HeschlError('FORMAT_INVALID', 'No recording of this data set can be used', {
    where: { file: root },
    expected: `preprocessed runs ${asked.filter(Boolean).join(' ')} with their audio, as of ${layout}`,
    found: told.join('; ') || 'none',
    remedy: 'Fetch what is missing, or ask for another --task or --space',
  })
}
