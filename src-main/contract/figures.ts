/** What a window asks about figures: what scores say, and pages of panels. */
import { z } from 'zod'
import { figurePageSchema, findingOptions } from './figurePage.ts'
import { figureNames } from './findings.ts'

const text = z.string().max(4096)
const study = z.strictObject({ study: text })

export const figureSchemas = {
  /** What the scores say, for one figure: a job that is waited for. */
  finding: z.strictObject({
    study: text,
    figure: z.enum(figureNames),
    options: findingOptions,
  }),
  /** The encoding model as a paragraph for a paper. */
  methods: study,
  /** Figures that were composed and saved beside the study. */
  pages: study,
  savePage: z.strictObject({ study: text, name: text, page: figurePageSchema }),
  /** Draws a page anew from the study; its file goes where `saveFigure`'s would. */
  exportPage: z.strictObject({
    study: text,
    name: text,
    page: figurePageSchema,
    format: z.enum(['svg', 'pdf', 'png']),
    /** The window's own name for this export, by which it is told how far it is, and stops it. */
    export: text,
  }),
  /** What is not written yet is not written; the export rejects with CANCELLED. */
  stopExport: z.strictObject({ export: text }),
} as const

/** How far an export is. */
export interface ExportProgress {
  readonly export: string
  /** "Drawing panel 3 of 7" */
  readonly step: string
  /** 0–1 */
  readonly fraction: number
}
