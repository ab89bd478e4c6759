/** The study file: what `study.yaml` may say. Parsing with line numbers is in `parse.ts`. */
import { z } from 'zod'
import { behaviourSchema } from './behaviourSchema.ts'
import { encodingSchema } from './encodingSchema.ts'
import { figuresSchema } from './figures.ts'
import { regionsSchema } from './regions.ts'
import { isOfVoxels, resampleSchema, volumesSchema } from './volumesSchema.ts'

const id = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.+-]*$/, 'an id has letters, digits, "_", "-", "." and "+" alone')
const path = z.string().min(1).max(4096)

const hemispherePaths = z.strictObject({ left: path, right: path })
const hemisphereSurface = z.strictObject({
  folded: path,
  inflated: path.optional(),
  sulc: path.optional(),
  /** The white surface of the same vertices, where `folded` is the pial one: volumes are sampled between them. */
  white: path.optional(),
  /** The sphere it is registered on (FreeSurfer's sphere.reg), which spin tests turn. */
  sphere: path.optional(),
  /** Cut and flattened: shown, never measured on. */
  flat: path.optional(),
  labels: path.optional(),
})
/** An installed template's name, a FreeSurfer subject folder, `schematic`, or GIFTI files a hemisphere. */
const surface = z.union([path, z.strictObject({ left: hemisphereSurface, right: hemisphereSurface })])

const stimulus = z.strictObject({
  id,
  audio: path,
  words: path.optional(),
  phones: path.optional(),
  language: z.string().max(100).optional(),
  /** Set for synthesised speech: the voice, shown wherever the stimulus is. */
  synthetic: z.string().max(200).optional(),
  /** Takes a recording whose peaks are cut off as it is; without it such a recording is refused. */
  clipped: z.literal('accept').optional(),
})

const recording = z.strictObject({
  stimulus: id,
  /** GIFTI functional or NPY [volumes, vertices]: a file a hemisphere, or one file with left before right. */
  data: z.union([path, hemispherePaths]),
  /** Seconds between volumes. Either this is given or `rate` (electrodes.ts). */
  tr: z.number().positive().max(60).optional(),
  /** Hz: samples a second of electrodes' recordings, NPY [samples, channels]. */
  rate: z.number().min(1).max(10_000).optional(),
  /** BIDS-iEEG's electrodes.tsv: a row a channel, in the order of the data's columns, unless `channels` says which is which. */
  electrodes: path.optional(),
  /** BIDS-iEEG's channels.tsv: a row a column of the data; bad ones, and those that are no electrodes, are left out. */
  channels: path.optional(),
  /** Seconds from the first volume's onset to the audio's onset. */
  start: z.number().min(-3600).max(3600).default(0),
  /** A TSV table of a row a volume, as fMRIPrep's; `encoding.confounds` says which columns are regressed out. */
  confounds: path.optional(),
  /** Of volumes: NIfTI on their grid; 0 is outside, and has no value in this recording. The subject's where it is left out. */
  mask: path.optional(),
})

const subject = z.strictObject({
  id,
  /** Of all recordings that have none of their own. */
  mask: path.optional(),
  language: z.string().max(100).optional(),
  simulated: z.boolean().default(false),
  recordings: z.array(recording).min(1),
})

const layers = z.union([z.enum(['all', 'lpp']), z.array(z.string().min(1)).min(1)])

/** A value of an ONNX graph, or a pattern of such names. */
const tap = z.string().min(1).max(1000)

const seed = z.number().int().min(0).max(0xffffffff)
/** Hours of training audio, or updates of the weights. */
const amount = z.number().nonnegative().max(1e15)

/** Checkpoints of one training, each at a place on the axis. */
const series = z.strictObject({
  /** `steps`: updates of the weights; `hours`: of training audio. */
  axis: z.enum(['steps', 'hours']),
  checkpoints: z
    .array(z.strictObject({ at: amount, checkpoint: path }))
    .min(1)
    .max(1000),
})

const model = z.strictObject({
  id,
  regime: z.string().min(1).max(100),
  /** Of the training speech. */
  language: z.string().max(100).optional(),
  /** Of training audio. */
  hours: amount.optional(),
  /** Updates of the weights in training. */
  steps: amount.optional(),
  /** What it was trained on. */
  corpus: z.string().max(200).optional(),
  note: z.string().max(2000).optional(),
  /** A Hugging Face folder: config.json + model.safetensors. One of `checkpoint`, `series`, `onnx`, `architecture` (weights.ts). */
  checkpoint: path.optional(),
  series: series.optional(),
  /** An ONNX file that takes a waveform; its layers are the values in it that `taps` names, which are all analysed. */
  onnx: path.optional(),
  /** Names with `*` for any characters; or names of layers for them, whose `*` is what the pattern's first one found. */
  taps: z.union([z.array(tap).min(1).max(1000), z.record(tap, tap)]).optional(),
  input: z
    .strictObject({
      /** Of the graph's input for audio, where several could be it. */
      name: z.string().min(1).max(1000).optional(),
      /** Zero mean and unit variance a window, as the model was trained: `do_normalize` of its feature extractor. */
      normalize: z.boolean(),
      /** Of the audio as the graph takes it, where the file does not say: [samples], [1, samples] or [1, 1, samples]. */
      rank: z.union([z.literal(1), z.literal(2), z.literal(3)]).optional(),
    })
    .optional(),
  /** Seconds between frames of the coarsest layer; held against what the model gives. */
  hop: z.number().positive().max(10).optional(),
  /** Random weights of a named architecture, drawn from `seed`, or from each of `seeds`. */
  architecture: z.string().min(1).max(100).optional(),
  seed: seed.optional(),
  /** Of random weights that read words: a folder with tokenizer.json, or vocab.json and merges.txt. */
  tokenizer: path.optional(),
  /** A list, or how many: `5` is the seeds 1 to 5. */
  seeds: z.union([z.array(seed).min(1).max(100), z.number().int().min(1).max(100)]).optional(),
  /** `lpp`: conv4–6 and every transformer block, as Millet et al.; `all`; or names. */
  layers: layers.default('lpp'),
  /** Of a model that reads words: how many words before each it reads; left out, as many as it can (activations/text). */
  context: z.number().int().min(0).max(100_000).optional(),
  /** Of a model that reads words: a word of several tokens is their mean, which is the default, or the last of them. */
  tokens: z.enum(['mean', 'last']).optional(),
})

/** A space beside the models' layers; what each holds is documented in features/. */
const space = z.strictObject({
  id,
  /** From the sound. One of the four is given (meaning.ts). */
  acoustic: z.enum(['mel', 'mel-128', 'mfcc', 'rms', 'intensity', 'envelope', 'pitch', 'pitch-bins']).optional(),
  /** From the stimuli's `words`. */
  lexical: z.enum(['word-rate', 'word-onset']).optional(),
  /** From the stimuli's `phones`. */
  phonetic: z.enum(['phones', 'articulatory']).optional(),
  /** From the stimuli's `words`: a text file of GloVe's or fastText's word vectors. */
  vectors: path.optional(),
})

/** Feature spaces that are fitted together (sets.ts). */
const set = z.strictObject({
  id,
  /** Ids of spaces, and layers of models: `w2v-en/transf6`. */
  of: z.array(z.string().min(1).max(300)).min(2).max(20),
  /** `ridge`: one weight for all; banded: a weight a space and vertex, drawn or by gradient descent (encoding/banded). */
  solver: z.enum(['ridge', 'banded-random', 'banded-gradient']).default('ridge'),
  /** Of a banded solver: weights that are drawn, or steps. */
  iterations: z.number().int().min(1).max(65_535).optional(),
  /** Of the weights that are drawn. */
  seed: seed.optional(),
  /** Divides the variance explained among 2 to 4 spaces: all of their unions are fitted. */
  partition: z.boolean().default(false),
})

/** What computes the activations; `auto` is the first of the others that works on this machine. */
export const providerChoices = ['auto', 'cuda', 'webgpu', 'dml', 'coreml', 'cpu'] as const
export type ProviderChoice = (typeof providerChoices)[number]

/**
 * The provider is part of the results' names in the store: another one computes them again. The default is therefore the
 * one that every machine has.
 */
const compute = z.strictObject({
  provider: z.enum(providerChoices).default('cpu'),
  /** Gigabytes that a step may take; half of the machine's memory where it is left out. It changes no result. */
  memory: z.number().min(0.5).max(100_000).optional(),
})

const fields = z.strictObject({
  heschl: z.literal(1),
  name: z.string().min(1).max(200),
  /** Left out where scores are of voxels alone. */
  surface: surface.optional(),
  /** Labels of vertices; of voxels a NIfTI file of whole numbers, and a table of their names. */
  parcellation: z.union([path, hemispherePaths, z.strictObject({ volume: path, names: path })]).optional(),
  volumes: volumesSchema.optional(),
  resample: resampleSchema.optional(),
  /** Named groups of the parcellation's labels (regions.ts). */
  regions: regionsSchema.optional(),
  stimuli: z.array(stimulus).min(1),
  subjects: z.array(subject).min(1),
  models: z.array(model).default([]),
  spaces: z.array(space).default([]),
  sets: z.array(set).max(100).default([]),
  encoding: encodingSchema.default({ preset: 'standard' }),
  compute: compute.default({ provider: 'cpu' }),
  /** An ABX experiment (behaviourSchema.ts). */
  behaviour: behaviourSchema.optional(),
  /** Options of figures (figures.ts). */
  figures: figuresSchema.prefault({}),
  compare: z.array(z.strictObject({ contrast: z.tuple([id, id]) })).default([]),
  /** For simulated listeners: the table of what was planted, written by the simulation. */
  planted: path.optional(),
})

const needsSurface = ({ surface: named, volumes }: Partial<z.output<typeof fields>>) =>
  named === undefined && !isOfVoxels(volumes)

/** What scores are of is said; told together with whatever else is wrong. */
export const studySchema = fields.refine(
  (study: Partial<z.output<typeof fields>> | null) =>
    typeof study !== 'object' || study === null || Array.isArray(study) || !needsSurface(study),
  { path: ['surface'], when: () => true },
)

/** A study file that passed validation, with paths as written (relative to the file's folder). */
export type Study = z.output<typeof studySchema>
export type Subject = Study['subjects'][number]
export type Recording = Subject['recordings'][number]
/** Seconds from one sample of a recording to the next; the study's check has seen to it that one of the two is given. */
export const secondsPerSample = ({ tr, rate }: Recording): number => tr ?? 1 / rate!
export type Model = Study['models'][number]
export type Stimulus = Study['stimuli'][number]
export type Space = Study['spaces'][number]
export type FeatureSet = Study['sets'][number]
