/**
 * What an analysis of a study's scores found: the numbers behind a figure, the tests, and the words that go with them. The
 * same object is drawn, written as tables, and read by a window.
 */
import type { Measure, SurfaceData, VoxelSet } from './study.ts'

/** The figures that a study gives. */
export const figureNames = ['scores', 'hierarchy', 'regimes', 'behaviour'] as const
export type FigureName = (typeof figureNames)[number]

/** Values of one kind; NaN is a number that is not there. */
export type ColumnValues = readonly string[] | Float64Array | Int32Array

export interface FindingColumn {
  /** As a table's header has it: `mean_r`. */
  readonly name: string
  /** In words, with its unit: "mean Pearson r". */
  readonly title: string
  readonly values: ColumnValues
}

/** The data behind one panel, a row a mark. */
export interface FindingTable {
  /** Unique in the finding; names its file. */
  readonly name: string
  readonly title: string
  readonly columns: readonly FindingColumn[]
}

/** One value a vertex, left before right; NaN where there is none. */
export interface FindingMap {
  readonly name: string
  /** "Pearson r, mean of 12 subjects" */
  readonly label: string
  readonly values: Float32Array
}

/** What scores went into a finding: a layer's, of so many subjects. */
export interface FindingSource {
  readonly space: string
  readonly layer: string
  readonly subjects: number
  /** Of the content keys of all these scores. */
  readonly key: string
}

/** Where a finding is from: enough to tell whether a study still gives it. */
export interface FindingProvenance {
  readonly study: string
  /** Of everything below: two findings with the same key have the same numbers. */
  readonly key: string
  /** Every option of the analysis with its value. */
  readonly options: Readonly<Record<string, unknown>>
  /** Every option of the encoding model. */
  readonly encoding: readonly { readonly option: string; readonly value: string }[]
  readonly sources: readonly FindingSource[]
  /** Subjects whose scores went in, each with a key of the content of its recordings. */
  readonly subjects: readonly { readonly id: string; readonly key: string }[]
  /** Of Heschl, Node, ONNX Runtime. */
  readonly versions: Readonly<Record<string, string>>
}

/** A caption in parts, for a page on which some of the figure's panels stand. */
export interface CaptionParts {
  /** What holds for all panels; may be empty. */
  readonly opening: string
  /** In the order of the figure, by the panels' names (src-renderer/figures). */
  readonly panels: readonly { readonly panel: string; readonly words: string }[]
  /** Tests and marks; may be empty. */
  readonly closing: string
}

export interface Finding {
  readonly figure: FigureName
  readonly title: string
  /** That listeners are simulated or speech is synthetic; null for real data. */
  readonly notice: string | null
  /** Under the figure, with the numbers: what each panel shows, n, tests, corrections. */
  readonly caption: string
  readonly captionParts: CaptionParts
  /** A paragraph on the analysis for a paper. */
  readonly methods: string
  /** What cannot be said and why: too few subjects, no ceiling, a region without vertices. */
  readonly notes: readonly string[]
  /** In full, as `describe` of the statistics gives them. */
  readonly tests: readonly string[]
  readonly measure: Measure
  readonly tables: readonly FindingTable[]
  readonly maps: readonly FindingMap[]
  readonly provenance: FindingProvenance
}

/** What a figure is drawn from. */
export interface FindingFigure {
  readonly finding: Finding
  /** null where scores are of electrodes or voxels. */
  readonly surface: SurfaceData | null
  /** That scores are of, where they are. */
  readonly voxels?: VoxelSet
}
