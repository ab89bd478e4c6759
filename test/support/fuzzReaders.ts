/** The readers of files from anywhere, each with small real files to begin from. Run by `fuzzChild.ts`. */
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { encode } from 'fast-png'
import { pngWith, svgWith, xmpWith } from '../../src-main/formats/embedded.ts'
import { importReaders } from './fuzzImport.ts'
import { neuroReaders } from './fuzzNeuro.ts'

export interface FuzzReader {
  /** Real files, from test/reference. */
  readonly seeds: () => readonly Buffer[]
  /** The file's name in the scratch folder. */
  readonly name: string
  /** Puts what else the reader needs into the scratch folder. */
  readonly prepare?: (folder: string) => void
  /** Rejects with a HeschlError, or gives data; what it gives is checked here where a check says something. */
  readonly read: () => Promise<(file: string, folder: string) => unknown>
  /** Bytes that one array may ask for beyond `perByte` times the file's size. */
  readonly beyond: number
  readonly perByte: number
}

const reference = fileURLToPath(new URL('../reference/', import.meta.url))
const file = (path: string) => readFileSync(join(reference, path))
const files =
  (folder: string, end: RegExp, most = Infinity) =>
  () =>
    readdirSync(join(reference, folder))
      .filter((name) => end.test(name))
      .map((name) => file(join(folder, name)))
      .filter(({ length }) => length <= most)

const MiB = 1024 * 1024

const audio = (name: string, end: RegExp, most: number): FuzzReader => ({
  seeds: files('stimuli', end, most),
  name,
  async read() {
    const { decodeAudio } = await import('../../src-main/stimuli/audio.ts')
    return async (path) => {
      const { samples, rate } = await decodeAudio(path)
      if (!(rate > 0) || samples.length === 0 || !samples.every(Number.isFinite)) throw new Error('not audio')
    }
  },
  // A FLAC frame in float64; room for the samples that a header promises, at most so many a byte (stimuli/mono.ts).
  beyond: 5 * MiB,
  perByte: 4 * 32,
})

/** One of a checkpoint's small files, its header or its index, beside the others as they are. */
const checkpoint = (name: string, folder: string): FuzzReader => ({
  seeds: () => [file(join('activations', folder, name))],
  name,
  prepare: besides(join('activations', folder), name),
  async read() {
    const { describeModel } = await import('../../src-main/activations/index.ts')
    return async (_, scratch) => {
      const { layers } = await describeModel({ checkpoint: scratch })
      if (layers.length === 0) throw new Error('no layers')
    }
  },
  beyond: MiB,
  perByte: 8,
})

/** Copies what the reader does not change, without the numbers that the checkpoint is compared to. */
function besides(folder: string, name: string) {
  return (scratch: string) => {
    for (const other of readdirSync(join(reference, folder)))
      if (other !== name && !/^(reference|speech)\./.test(other))
        writeFileSync(join(scratch, other), file(join(folder, other)))
  }
}

const table = (seed: string, kind: 'words' | 'phones'): FuzzReader => ({
  seeds: () => [Buffer.from(seed)],
  name: 'transcript',
  async read() {
    const { readTokens } = await import('../../src-main/stimuli/transcript.ts')
    return async (path) => {
      const tokens = await readTokens(path, kind)
      if (!tokens.every(({ start, end }) => start <= end && Number.isFinite(end))) throw new Error('not times')
    }
  },
  beyond: MiB,
  perByte: 8,
})

const tokenizer = (folder: string, name: string): FuzzReader => ({
  seeds: () => [file(join('text', folder, name))],
  name,
  prepare: besides(join('text', folder), name),
  async read() {
    const { readTokenizer } = await import('../../src-main/activations/text/tokenizerFiles.ts')
    return (_, scratch) => {
      const ids = readTokenizer(scratch, 10_000).encode('Once upon a time, été 12')
      if (ids.length === 0 || !ids.every((id) => id >= 0 && id < 10_000)) throw new Error('not tokens')
    }
  },
  beyond: MiB,
  perByte: 8,
})

/** GPT-2's config.json, tokenizer and weights: whatever changes has to fit the rest. */
const gpt2 = (name: string): FuzzReader => ({
  seeds: () => [file(join('text/gpt2-1', name))],
  name,
  prepare: besides('text/gpt2-1', name),
  async read() {
    const { describeTextModel } = await import('../../src-main/activations/index.ts')
    return async (_, scratch) => {
      const { layers } = await describeTextModel({ checkpoint: scratch })
      if (layers.length === 0) throw new Error('no layers')
    }
  },
  beyond: MiB,
  perByte: 8,
})

const textGrid = `File type = "ooTextFile"
Object class = "TextGrid"

xmin = 0
xmax = 1.5
tiers? <exists>
size = 2
item []:
    item [1]:
        class = "IntervalTier"
        name = "words"
        xmin = 0
        xmax = 1.5
        intervals: size = 2
        intervals [1]:
            xmin = 0
            xmax = 0.5
            text = "a ""b"""
        intervals [2]:
            xmin = 0.5
            xmax = 1.5
            text = ""
    item [2]:
        class = "TextTier"
        name = "marks"
        xmin = 0
        xmax = 1.5
        points: size = 1
        points [1]:
            number = 0.7
            mark = "x"
`

/** The record of a figure, in the three kinds of file; of a PDF the part that is looked at. */
function figureSeeds(): Buffer[] {
  const hash = '0123456789abcdef'.repeat(4)
  const record = JSON.stringify({
    ...{
      heschl: 1,
      figure: 'regimes',
      study: { name: 'a', file: '../study.yaml' },
      key: hash,
      options: { layer: 'mean' },
    },
    encoding: [{ option: 'folds', value: '10' }],
    sources: [{ space: 'w2v', layer: 'transf0', subjects: 3, key: hash }],
    subjects: [{ id: 'sub-01', key: hash }],
    ...{ versions: { heschl: '0.1.0' }, print: { widthMm: 180, dpi: 300, theme: 'light' }, drawing: hash },
    tables: { regions: hash },
  })
  const png = encode({ width: 2, height: 2, data: new Uint8Array(12), channels: 3, depth: 8 })
  return [
    Buffer.from(svgWith('<svg xmlns="http://www.w3.org/2000/svg"><title>t</title></svg>', record)),
    Buffer.from(pngWith(png, 300, record)),
    Buffer.from(`%PDF-1.7\n1 0 obj\n<<>>\nstream\n${xmpWith(record)}\nendstream\nendobj\n`),
  ]
}

const study = `heschl: 1
name: Le Petit Prince
surface: fsaverage5
stimuli:
  - {id: s1, audio: s1.wav, words: s1.tsv, language: english}
subjects:
  - id: sub-01
    recordings:
      - {stimulus: s1, data: {left: l.gii, right: r.gii}, tr: 2.0, start: -1.5}
models:
  - {id: a, regime: native, checkpoint: models/w2v, layers: [conv4, transf0]}
  - {id: b, regime: untrained, architecture: wav2vec2-base, seeds: [1, 2]}
  - {id: c, regime: other, onnx: m.onnx, taps: {"t*": "/layers.*/Add"}, input: {normalize: true}}
spaces: [&mel {id: mel, acoustic: mel}]
encoding: {folds: 5, alphas: {from: 1, to: 8, count: 20}}
compare: [{contrast: [a, b]}]
`

const triplets = `filename\tTGT\tOTH\tprev_phone\tnext_phone\tTGT_item\tOTH_item\tX_item\tTGT_first
FR1\ta\te\ti\tk\t12\t13\t14\tTrue
EN2\t"ɪ"\ti\tz\tp\t2\t3\t4\tFalse
`

export const fuzzReaders = {
  wav: audio('audio', /\.wav$/, 4000),
  flac: audio('audio', /\.flac$/, 2200),
  ogg: audio('audio', /\.ogg$/, 6000),
  mp3: audio('audio', /\.mp3$/, 4000),
  npy: {
    seeds: files('formats-npy', /\.npy$/),
    name: 'array.npy',
    async read() {
      const { readNpy } = await import('../../src-main/formats/npy.ts')
      return async (path) => {
        const { shape, data } = await readNpy(path)
        if (shape.reduce((product, size) => product * size, 1) !== data.length) throw new Error('another shape')
      }
    },
    beyond: MiB,
    perByte: 8,
  },
  npyColumns: {
    seeds: files('formats-npy', /\.npy$/),
    name: 'array.npy',
    async read() {
      const { readNpyColumns } = await import('../../src-main/formats/npyColumns.ts')
      return async (path) => {
        const { shape, data } = await readNpyColumns(path, 0, 1)
        if (shape[0] * shape[1] !== data.length) throw new Error('another shape')
      }
    },
    beyond: MiB,
    perByte: 8,
  },
  gifti: {
    seeds: files('gifti', /\.gii(\.gz)?$/),
    name: 'data.gii',
    async read() {
      const { readGifti } = await import('../../src-main/formats/gifti.ts')
      return async (path) => {
        for (const { data, dims } of (await readGifti(path)).arrays)
          if (dims.reduce((product, size) => product * size, 1) !== data.length) throw new Error('another shape')
      }
    },
    beyond: 8 * MiB,
    perByte: 1024,
  },
  safetensors: {
    seeds: () => [file('activations/audio.safetensors').subarray(0), file('activations/bfloat16/model.safetensors')],
    name: 'model.safetensors',
    async read() {
      const { readSafetensorsHeader } = await import('../../src-main/formats/safetensors.ts')
      return (path) => readSafetensorsHeader(path)
    },
    beyond: MiB,
    perByte: 1,
  },
  onnx: {
    seeds: () => [file('onnx/external.onnx')],
    name: 'model.onnx',
    prepare: (scratch) => writeFileSync(join(scratch, 'external.onnx.data'), file('onnx/external.onnx.data')),
    async read() {
      const { openOnnx } = await import('../../src-main/activations/onnxFile.ts')
      const { encodeTapped } = await import('../../src-main/formats/onnxTap.ts')
      return async (path) => {
        const { model, placeOf } = await openOnnx(path)
        const tensor = model.nodes.at(-1)!.outputs[0] ?? ''
        encodeTapped(model, [{ tensor, output: 'tapped', layout: undefined }], placeOf)
      }
    },
    beyond: MiB,
    perByte: 8,
  },
  config: checkpoint('config.json', 'bfloat16'),
  preprocessor: checkpoint('preprocessor_config.json', 'bfloat16'),
  weights: checkpoint('model.safetensors', 'hubert-batch-norm'),
  index: checkpoint('model.safetensors.index.json', 'hubert-sharded'),
  whisperConfig: checkpoint('config.json', 'whisper-1'),
  whisperFrontEnd: checkpoint('preprocessor_config.json', 'whisper-1'),
  gpt2Config: gpt2('config.json'),
  vocabulary: tokenizer('gpt2-1', 'vocab.json'),
  merges: tokenizer('gpt2-1', 'merges.txt'),
  tokenizer: tokenizer('gpt2-float16', 'tokenizer.json'),
  tokenizerOptions: tokenizer('gpt2-float16', 'tokenizer_config.json'),
  tsv: table('onset\tduration\ttext\n0.1\t0.2\tonce\n0.3\t0.25\tupon\n0.8\t1e-1\ta\n', 'words'),
  gentle: table('once,once,0.1,0.3\n"upon, a",upon,0.35,0.6\nthe,,,\ntime,time,1.0,1.4\n', 'words'),
  textGrid: table(textGrid, 'words'),
  utf16: {
    ...table('', 'phones'),
    seeds: () => [Buffer.from(`\uFEFF${textGrid}`, 'utf16le')],
  },
  vectors: {
    seeds: () => [Buffer.from('the 0.1 -0.2 3e-1\nof 1 2 3\n'), Buffer.from('2 3\nthe 0.1 -0.2 3e-1\nof 1 2 3\n')],
    name: 'vectors.txt',
    async read() {
      const { readWordVectors } = await import('../../src-main/formats/wordVectors.ts')
      return async (path) => {
        const { units, vectors } = await readWordVectors(path, new Set(['the', 'of']))
        if ([...vectors.values()].some(({ length }) => length !== units)) throw new Error('another length')
      }
    },
    beyond: 4 * MiB,
    perByte: 8,
  },
  electrodes: {
    seeds: () => [Buffer.from('name\tx\ty\tz\nLG1\t-50.1\t-12\t8\nLG2\t-48\t-10.5\t9\n')],
    name: 'electrodes.tsv',
    async read() {
      const { readElectrodeTable } = await import('../../src-main/formats/electrodes.ts')
      return async (path) => {
        const found = await readElectrodeTable(path)
        if (new Set(found.map(({ name }) => name)).size !== found.length) throw new Error('a name twice')
        if (!found.every(({ place, written }) => (place ? place.every(Number.isFinite) : written !== null)))
          throw new Error('a place that is not finite')
      }
    },
    beyond: MiB,
    perByte: 8,
  },
  coordinates: {
    seeds: () => [Buffer.from('{"iEEGCoordinateSystem": "ACPC", "iEEGCoordinateUnits": "mm", "IntendedFor": ["a"]}')],
    name: 'coordsystem.json',
    async read() {
      const { readCoordinateSystem } = await import('../../src-main/formats/electrodes.ts')
      return async (path) => {
        const { system, units } = await readCoordinateSystem(path)
        if ([system, units].some((word) => word !== null && word.length > 200))
          throw new Error('a word that is too long')
      }
    },
    beyond: MiB,
    perByte: 8,
  },
  channels: {
    seeds: () => [Buffer.from('name\ttype\tunits\tstatus\nLG1\tECOG\tµV\tgood\nLG2\tSEEG\tµV\tbad\n')],
    name: 'channels.tsv',
    async read() {
      const { readChannels } = await import('../../src-main/formats/channels.ts')
      return async (path) => {
        const channels = await readChannels(path)
        if (new Set(channels.map(({ name }) => name)).size !== channels.length) throw new Error('a name twice')
      }
    },
    beyond: MiB,
    perByte: 8,
  },
  atlasNames: {
    seeds: () => [
      Buffer.from('index\tname\tcolor\n1\tleft\t#ff0000\n2\tright\t#0000ff\n'),
      Buffer.from('# LUT\n4  Left-Lateral-Ventricle  120 18 134 0\n1001  ctx-lh-bankssts  25 100 40 0\n'),
    ],
    name: 'atlas.tsv',
    async read() {
      const { readAtlasNames } = await import('../../src-main/surfaces/atlasNames.ts')
      return async (path) => {
        const entries = await readAtlasNames(path)
        if (new Set(entries.map(({ key }) => key)).size !== entries.length) throw new Error('a number twice')
      }
    },
    beyond: MiB,
    perByte: 8,
  },
  triplets: {
    seeds: () => [Buffer.from(triplets), Buffer.from(triplets.replaceAll('\t', ','))],
    name: 'triplets.csv',
    async read() {
      const { parseTriplets } = await import('../../src-main/behaviour/triplets.ts')
      const { readTable } = await import('../../src-main/formats/tableFile.ts')
      return async (path) => {
        const found = parseTriplets(await readTable(path), path, true)
        if (found.some(({ target, other, x }) => target === '' || other === '' || x === '')) throw new Error('no item')
      }
    },
    beyond: MiB,
    perByte: 8,
  },
  answers: {
    seeds: () => [Buffer.from(file('behaviour/listeners.csv').toString().split('\n').slice(0, 12).join('\n'))],
    name: 'answers.csv',
    async read() {
      const { parseAnswers } = await import('../../src-main/behaviour/answers.ts')
      const { readTable } = await import('../../src-main/formats/tableFile.ts')
      return async (path) => {
        const { count, answer, models } = parseAnswers(await readTable(path), path)
        const columns = [answer, ...models.values()]
        if (columns.some((column) => column.length !== count || !column.every(Number.isFinite)))
          throw new Error('not numbers')
      }
    },
    beyond: MiB,
    perByte: 8,
  },
  figure: {
    seeds: figureSeeds,
    name: 'figure',
    async read() {
      const { readFigure } = await import('../../src-main/formats/embedded.ts')
      const { parseRecord } = await import('../../src-main/jobs/host/figures/figureRecord.ts')
      return async (path) => {
        const record = parseRecord((await readFigure(path)).text, path)
        if (record.figure !== 'regimes' || !record.sources.every(({ key }) => key.length === 64))
          throw new Error('not a record')
      }
    },
    beyond: MiB,
    perByte: 8,
  },
  truth: {
    seeds: () => [
      Buffer.from('region\tlayer\tweight\thrf\tsignal\tsmoothing\nSTG\t0.5\t2\tspm\t0.4\t3\n*\tn/a\t\t\t0\t\n'),
    ],
    name: 'truth.tsv',
    async read() {
      const { parseTruth } = await import('../../src-main/pipeline/simulation/truthTable.ts')
      const { readTable } = await import('../../src-main/formats/tableFile.ts')
      const { parseTsv } = await import('../../src-main/formats/tsv.ts')
      return async (path) => {
        const rows = parseTruth(await readTable(path, parseTsv), path)
        if (rows.some(({ region, weight = 1 }) => region === '' || !(weight > 0))) throw new Error('not a truth')
      }
    },
    beyond: MiB,
    perByte: 8,
  },
  study: {
    seeds: () => [Buffer.from(study)],
    name: 'study.yaml',
    async read() {
      const { readStudy } = await import('../../src-main/study/parse.ts')
      return async (path) => {
        const { study: valid, problems } = await readStudy(path)
        if (valid === null && problems.length === 0) throw new Error('neither a study nor a problem')
      }
    },
    beyond: MiB,
    perByte: 8,
  },
  ...neuroReaders,
  ...importReaders,
} as const satisfies Record<string, FuzzReader>

export type FuzzReaderName = keyof typeof fuzzReaders

/** A folder of its own for one reader. */
export function scratchFor(root: string, name: FuzzReaderName): string {
  const folder = join(root, name)
  mkdirSync(folder, { recursive: true })
  const reader: FuzzReader = fuzzReaders[name]
  reader.prepare?.(folder)
  return folder
}
