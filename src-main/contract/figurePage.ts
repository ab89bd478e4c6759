/**
 * A page of panels as it is saved beside a study: what each panel shows, where it stands, and the words that go with it.
 * A leaf: the schema and its types. Lengths are millimetres, type is points.
 */
import { z } from 'zod'
import { figureNames } from './findings.ts'
import { placeSchema, pointSchema } from './inspect.ts'
import { mapCorrection, mapSpec } from './maps.ts'

/** Of the file's layout. A file of a later one is refused. */
export const pageVersion = 1

const name = z.string().min(1).max(200)
const words = z.string().max(20_000)
const finite = z.number().refine(Number.isFinite)
const length = finite.min(0).max(1000).describe('millimetres')

/** A panel's least side: a letter and a heading have room. */
const side = finite.min(8).max(1000).describe('millimetres')

const limits = z
  .strictObject({ low: finite, high: finite })
  .refine(({ low, high }) => low < high, 'the low limit must be below the high one')

const scale = z.strictObject({
  colormap: z.enum(['viridis', 'inferno', 'magma', 'cividis', 'blue-red']),
  limits,
  /** Values below are not coloured; null colours all. */
  threshold: finite.nullable(),
  /** Values below are coloured, the fainter the further below; pages of earlier versions do not say. */
  fade: z.boolean().exactOptional(),
})

const map = z.strictObject({
  /** A subject's id, or `mean`. */
  subject: name,
  model: name,
  layer: name,
})

/** As Compare has it (colormaps/paint.ts): a scale, a level for adjusted p, and whether what falls short is faint or bare. */
const paint = z.strictObject({ ...scale.shape, level: finite.gt(0).lt(1).nullable(), fade: z.boolean() })

const view = z.enum(['overview', 'lateral', 'medial', 'dorsal', 'ventral'])
const form = z.enum(['folded', 'inflated', 'sphere', 'flat'])

/** How far on the way to another form; left out, `form` itself. */
const towards = z.strictObject({ form, share: finite.gt(0).lt(1) }).exactOptional()

/** What lies over the cortex: letters of directions, names of regions, pinned points; left out, nothing. */
const over = {
  directions: z.boolean().exactOptional(),
  names: z.boolean().exactOptional(),
  pins: z
    .array(
      z.strictObject({
        hemisphere: z.enum(['left', 'right']),
        /** Of the hemisphere; after its vertices come its electrodes. */
        vertex: z.int().min(0).max(10_000_000),
        number: z.int().min(1).max(99),
        colour: z.string().regex(/^#[\da-f]{6}$/),
      }),
    )
    .max(30)
    .exactOptional(),
}

/** Of electrodes' discs, millimetres in every form. */
const discs = finite.min(0.5).max(20).exactOptional()

/** Radians from the view's own direction; zoom 1 fits. */
const orbit = z.strictObject({ yaw: finite, pitch: finite, zoom: finite.min(0.1).max(20) })

/** Options of an analysis; which it has, and what each may be, its own schema says (study/figures.ts). */
export const findingOptions = z.record(
  z.string().max(100),
  z.union([z.string().max(4096), finite, z.boolean(), z.null(), z.array(z.string().max(4096)).max(100)]),
)
export type FindingOptions = z.infer<typeof findingOptions>

/** Kinds of map that Compare shows. */
const quantities = ['score', 'difference', 'share', 'preferred', 'p'] as const

const placed = {
  id: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'lower-case letters, digits and hyphens'),
  /** Of its upper left corner, from the page's. */
  at: z.tuple([length, length]),
  size: z.tuple([side, side]),
  /** Takes the place of its own; empty leaves it out. */
  heading: z.string().max(400).optional(),
}

const panel = z.discriminatedUnion('show', [
  /** One map on the cortex. */
  z.strictObject({
    ...placed,
    show: z.literal('map'),
    map,
    view,
    form,
    towards,
    discs,
    orbit: orbit.optional(),
    scale,
    ...over,
    outlines: z.boolean().exactOptional(),
  }),
  /** Maps in rows, views in columns, one scale for all. */
  z.strictObject({
    ...placed,
    show: z.literal('grid'),
    maps: z.array(map).min(1).max(24),
    views: z
      .array(view.exclude(['overview']))
      .min(1)
      .max(4),
    form,
    towards,
    discs,
    scale,
  }),
  /** Compare's grid: what may differ from cell to cell are map and quantity; each quantity has one scale. */
  z.strictObject({
    ...placed,
    show: z.literal('compare'),
    rows: z
      .array(
        z.strictObject({
          name,
          note: z.string().max(1000),
          /** One for all columns, or one a column; null leaves the cortex bare. */
          maps: z.array(mapSpec.nullable()).min(1).max(8),
        }),
      )
      .min(1)
      .max(64),
    columns: z
      .array(
        z.strictObject({
          aspect: view.exclude(['overview']),
          hemispheres: z
            .array(z.enum(['left', 'right']))
            .min(1)
            .max(2),
        }),
      )
      .min(1)
      .max(8),
    /** Of tests over subjects, by which a scale with a level colours. */
    correction: mapCorrection,
    scales: z.partialRecord(z.enum(quantities), paint),
    outlines: z.boolean(),
    ...over,
    form,
    towards,
    discs,
    orbit: orbit.optional(),
    /** Of cells that were turned by themselves. */
    turned: z
      .array(z.strictObject({ row: z.int().min(0).max(63), column: z.int().min(0).max(7), orbit }))
      .max(512)
      .optional(),
  }),
  /** Mean score by layer of all models. */
  z.strictObject({ ...placed, show: z.literal('layers') }),
  /** Score of a layer along a training. */
  z.strictObject({
    ...placed,
    show: z.literal('training'),
    axis: z.enum(['steps', 'hours']),
    layer: name,
    scale: z.enum(['linear', 'log']),
  }),
  /** Mean score by region, a bar a map. */
  z.strictObject({
    ...placed,
    show: z.literal('regions'),
    of: z
      .array(z.strictObject({ model: name, layer: name }))
      .min(1)
      .max(7),
    /** Those with the highest scores. */
    most: z.number().int().min(1).max(100),
  }),
  /** Scores by layer at one place. */
  z.strictObject({
    ...placed,
    show: z.literal('point'),
    place: placeSchema,
    /** Whose own scores are drawn as rings. */
    subject: name,
  }),
  /** What was heard, and measured against predicted at some places, over a stretch of one run. */
  z.strictObject({
    ...placed,
    show: z.literal('course'),
    points: z
      .array(z.strictObject({ ...pointSchema.shape, name, colour: z.string().regex(/^#[\da-f]{6}$/) }))
      .min(1)
      .max(6),
    stimulus: name,
    /** Among the subject's runs, from 0. */
    run: z.int().min(0).max(100_000),
    /** Seconds of the audio. */
    span: z
      .strictObject({ from: finite.min(-100_000), to: finite.max(100_000) })
      .refine(({ from, to }) => from < to, 'the stretch must end after it begins'),
    /** Seconds of a window that is left out, by which moments are found. */
    window: finite.min(0.1).max(600),
    /** Whether responses are drawn so much earlier as they take; whether series are z-scores. */
    shifted: z.boolean(),
    scaled: z.boolean(),
  }),
  /** A chart of how good a recording is. */
  z.strictObject({
    ...placed,
    show: z.literal('quality'),
    subject: name,
    run: z.int().min(0).max(100_000),
    chart: z.enum(['global', 'dvars', 'motion', 'spectrum', 'tsnr']),
  }),
  /** A panel of a figure of what the scores say. */
  z.strictObject({
    ...placed,
    show: z.literal('finding'),
    figure: z.enum(figureNames),
    panel: name,
    /** As in the study file under `figures`. */
    options: findingOptions.optional(),
  }),
  /** Words. They have no letter. */
  z.strictObject({
    ...placed,
    show: z.literal('text'),
    words: z.string().max(4000),
    points: finite.min(5).max(24),
    bold: z.boolean(),
  }),
])

const source = z.strictObject({
  /** In words: "map of w2v-native, transf4, mean". */
  what: z.string().max(1000),
  /** Of its content. */
  key: z.string().regex(/^[\da-f]{64}$/),
})

export const figurePageSchema = z.strictObject({
  'heschl-figure': z.literal(pageVersion),
  title: z.string().max(400),
  width: finite.min(40).max(400),
  height: finite.min(20).max(600),
  /** Of its pictures. */
  dpi: z.number().int().min(72).max(1200),
  /** How panels are lettered, in the order of reading. */
  letters: z.enum(['a', 'A', 'none']),
  panels: z
    .array(panel)
    .max(60)
    .refine((panels) => new Set(panels.map(({ id }) => id)).size === panels.length, 'two panels have one id'),
  caption: words,
  methods: words,
  /** What it showed when it was saved, of which study file of the folder; null before that. */
  made: z
    .strictObject({ heschl: z.string().max(100), study: z.string().max(400), sources: z.array(source).max(400) })
    .nullable(),
})

export type FigurePage = z.output<typeof figurePageSchema>
export type PagePanel = FigurePage['panels'][number]
export type MapOfPanel = z.output<typeof map>
export type PageSource = z.output<typeof source>

/** A page's name, which is its file's: `figures/NAME.figure.yaml`. */
export const pageNameSchema = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,79}$/u, 'a letter or digit, then letters, digits, spaces, ., _ and -')
  .refine((text) => !/[ .]$/.test(text), 'a name that does not end with a full stop or a space')

/** A saved page, or why its file cannot be read. */
export type SavedPage =
  | { readonly name: string; readonly page: FigurePage; readonly problem: null }
  | { readonly name: string; readonly page: null; readonly problem: string }
