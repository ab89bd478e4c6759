import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HeschlError } from '../../../src-main/errors.ts'
import { checkFiles } from '../../../src-main/study/check.ts'
import type { FileProbe } from '../../../src-main/study/check.ts'
import { checkCoverage, checkVertices } from '../../../src-main/study/fits.ts'
import { parseStudy } from '../../../src-main/study/parse.ts'
import { example, validStudy } from './example.ts'

const surface = { name: 'schematic', left: 10_242, right: 10_242, labels: ['medial wall', 'A1/A2', 'STG'] }

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-check-'))
  const names = ['stimuli/s1.wav', 'stimuli/s2.wav', 'words/s1.tsv', 'func/3.npy', 'func/4.npy', 'func/5.npy']
  names.push(...['1', '2'].flatMap((run) => [`func/${run}-L.gii`, `func/${run}-R.gii`]))
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), 'x')
  }
})
afterEach(() => rm(folder, { recursive: true }))

/** What the files say, were they real: 120 s of audio, 61 volumes, as many vertices as they should have. */
function probe(changes: Partial<FileProbe> = {}): FileProbe {
  return {
    audioInfo: async () => ({ sampleRate: 16_000, seconds: 120 }),
    responseShape: async (path) => ({ volumes: 62, vertices: path.endsWith('.gii') ? 10_242 : 20_484 }),
    transcript: async () => ({ tokens: 9, firstOnset: 0, lastOnset: 119, unknownPhones: [] }),
    surfaceFacts: async () => surface,
    volumeRun: async () => ({ volumes: 62, uncovered: 0, where: '' }),
    resampled: async () => ({ left: 40_962, right: 40_962, targets: { left: 10_242, right: 10_242 } }),
    describeModel: async () => ({ layers: ['conv4', 'transf0', 'transf1'] }),
    checkWindows: async () => {},
    electrodes: async () => [],
    channels: async () => 0,
    keptChannels: async () => 0,
    vectorUnits: async () => 300,
    experiment: async () => {},
    answers: async () => {},
    ...changes,
  }
}

async function told(changes: Partial<FileProbe> = {}, text = example): Promise<string[]> {
  const { study, locate } = parseStudy(text)
  if (study === null) throw new Error('the example has problems')
  const problems = await checkFiles(study, folder, probe(changes), locate)
  return problems.map(({ line, column, message, remedy }) =>
    `${line}:${column} ${message} -> ${remedy}`.replaceAll(folder, 'DIR'),
  )
}

test('nothing to tell of files that are there and fit', async () => {
  expect(await told()).toEqual([])
})

test('a missing file is told at the line that names it', async () => {
  await rm(join(folder, 'func/3.npy'))
  expect(await told()).toEqual([
    '14:30 `subjects[1].recordings[0].data`: A file is missing (DIR/func/3.npy) -> Check the path, and that the disk it is on is mounted',
  ])
})

test('a transcript or a table of what was planted that is missing is told too', async () => {
  await rm(join(folder, 'words/s1.tsv'))
  expect((await told({}, `${example}planted: planted.json\n`)).map((line) => line.slice(0, 40))).toEqual([
    '5:44 `stimuli[0].words`: A file is missi',
    '27:10 `planted`: A file is missing (DIR/',
  ])
})

test('a transcript of other audio, an empty one, one in another alphabet', async () => {
  const facts = { tokens: 9, firstOnset: -1.5, lastOnset: 120, unknownPhones: ['iy', 'zz'] }
  const transcript = async () => facts
  expect(await told({ transcript })).toEqual([
    '5:44 `stimuli[0].words`: words/s1.tsv begins 1.5 s before the audio -> Check that the file belongs to this stimulus, and that its times are seconds from the start of the audio',
    '5:44 `stimuli[0].words`: words/s1.tsv has words that begin at 120 s, but the audio ends at 120 s -> Check that the file belongs to this stimulus, and that its times are seconds from the start of the audio',
  ])
  const phonetic = example
    .replace('words: words/s1.tsv', 'phones: words/s1.tsv')
    .replace('id: s2, audio', 'id: s2, phones: words/s1.tsv, audio')
    .replace('acoustic: mel', 'phonetic: articulatory')
  const within = { ...facts, firstOnset: 0, lastOnset: 119 }
  expect(await told({ transcript: async () => within }, phonetic)).toEqual([
    '5:45 `stimuli[0].phones`: words/s1.tsv has phones whose articulation is not known: "iy" and "zz" -> Write phones in ARPAbet or IPA, one phone a row, or remove the articulatory space',
    '6:22 `stimuli[1].phones`: words/s1.tsv has phones whose articulation is not known: "iy" and "zz" -> Write phones in ARPAbet or IPA, one phone a row, or remove the articulatory space',
  ])
  const many = { ...within, unknownPhones: Array.from({ length: 12 }, (_, i) => `z${i}`) }
  expect((await told({ transcript: async () => many }, phonetic))[0]).toContain('"z7" and 4 more')
  expect(await told({ transcript: async () => ({ ...within, tokens: 0 }) })).toEqual([
    '5:44 `stimuli[0].words`: words/s1.tsv has no words -> Give the transcript of this audio, or leave it out',
  ])
})

test('a folder in place of a file', async () => {
  await rm(join(folder, 'stimuli/s2.wav'))
  await mkdir(join(folder, 'stimuli/s2.wav'))
  expect(await told()).toEqual(['6:21 `stimuli[1].audio`: This is a folder, not a file (DIR/stimuli/s2.wav) -> null'])
})

test.skipIf(process.platform === 'win32' || process.getuid?.() === 0)(
  'a file without permission (skipped on Windows and for the root user, who may read everything)',
  async () => {
    await chmod(join(folder, 'stimuli/s2.wav'), 0)
    expect(await told()).toMatchObject([expect.stringContaining('cannot be read')])
  },
)

test('audio with a sample rate of 0, or without samples', async () => {
  const audioInfo: FileProbe['audioInfo'] = async (path) =>
    path.endsWith('s1.wav') ? { sampleRate: 0, seconds: Infinity } : { sampleRate: 16_000, seconds: 0 }
  expect(await told({ audioInfo })).toEqual([
    '5:21 `stimuli[0].audio`: stimuli/s1.wav has a sample rate of 0 -> Make it again',
    '6:21 `stimuli[1].audio`: stimuli/s2.wav has no samples -> Make it again',
  ])
})

test('what a probe throws is told once a file, with what was expected and found', async () => {
  const audioInfo: FileProbe['audioInfo'] = async (path) => {
    throw new HeschlError('AUDIO_INVALID', 'The audio cannot be decoded', {
      where: { file: path },
      expected: 'a WAV header',
      found: '"RIFX"',
      remedy: 'Convert it to WAV or FLAC',
    })
  }
  expect(await told({ audioInfo })).toEqual(
    [5, 6].map(
      (line, index) =>
        `${line}:21 \`stimuli[${index}].audio\`: The audio cannot be decoded (DIR/stimuli/s${index + 1}.wav, expected a WAV header, found "RIFX") -> Convert it to WAV or FLAC`,
    ),
  )
})

test('a checkpoint that cannot be used, and layers that a model has not', async () => {
  const describeModel: FileProbe['describeModel'] = async (source) => {
    if (!('checkpoint' in source)) return { layers: ['conv5', 'transf0'] }
    expect(relative(folder, source.checkpoint)).toBe(join('models', 'w2v'))
    throw new HeschlError('CHECKPOINT_INVALID', 'A tensor has another shape than the configuration says', {
      where: { file: 'model.safetensors', tensor: 'encoder.layers.0.weight' },
    })
  }
  expect(await told({ describeModel })).toEqual([
    '20:77 `models[0].checkpoint`: A tensor has another shape than the configuration says (model.safetensors, tensor encoder.layers.0.weight) -> null',
    '21:87 `models[1].layers[0]`: "untrained" has no layer "conv4"; did you mean "conv5"? -> It has conv5, transf0',
  ])
})

test('hemispheres of different lengths, vertices of another surface, fewer volumes than the audio needs', async () => {
  const responseShape: FileProbe['responseShape'] = async (path) => {
    if (path.endsWith('1-R.gii')) return { volumes: 60, vertices: 10_242 }
    if (path.endsWith('3.npy')) return { volumes: 62, vertices: 81_924 }
    if (path.endsWith('5.npy')) return { volumes: 60, vertices: 20_484 }
    return { volumes: 62, vertices: path.endsWith('.gii') ? 10_242 : 20_484 }
  }
  expect(await told({ responseShape })).toEqual([
    '10:30 `subjects[0].recordings[0].data`: 62 volumes on the left, 60 on the right -> Give two files of one recording',
    "14:30 `subjects[1].recordings[0].data`: func/3.npy has 81,924 vertices, but both hemispheres of schematic have 20,484 -> The file fits fsaverage6: make that the study's `surface`, or resample the file",
    '18:9 `subjects[2].recordings[1]`: fewer volumes than the audio needs: 60 volumes of 2 s last 120 s, but "s2" ends at 124 s and needs at least 61 -> Check that the file belongs to this stimulus, and `tr` and `start`',
  ])
})

test('regions of labels that the parcellation lacks are told, with what was probably meant', async () => {
  const text = example.replace('stimuli:', 'regions: {early: [A1/A2, STGG], late: [V1]}\nstimuli:')
  const regions = (await told({}, text)).filter((line) => line.includes('regions'))
  expect(regions).toHaveLength(2)
  expect(regions[0]).toContain('`regions.early[1]`: the parcellation has no label "STGG"; did you mean "STG"?')
  expect(regions[1]).toContain('`regions.late[0]`: the parcellation has no label "V1" -> It has A1/A2, STG')
})

test('a surface that cannot be read does not hide what else is wrong', async () => {
  await rm(join(folder, 'func/4.npy'))
  const surfaceFacts: FileProbe['surfaceFacts'] = async () => {
    throw new HeschlError('FORMAT_INVALID', 'This is not GIFTI', { where: { file: 'lh.gii' } })
  }
  expect((await told({ surfaceFacts })).map((line) => line.split(' ')[0])).toEqual(['3:10', '17:30'])
})

test('every checkpoint of a series is looked at, and has the layers of the others; seeds are looked at once', async () => {
  const text = example
    .replace(
      'hours: 600, checkpoint: models/w2v',
      'series: {axis: steps, checkpoints: [{at: 2, checkpoint: b}, {at: 1, checkpoint: a}, {at: 3, checkpoint: c}]}',
    )
    .replace('seed: 1', 'seeds: 20')
  const asked: string[] = []
  const describeModel: FileProbe['describeModel'] = async (source) => {
    const name = 'checkpoint' in source ? relative(folder, source.checkpoint) : JSON.stringify(source)
    asked.push(name)
    if (name === 'c')
      throw new HeschlError('FILE_MISSING', 'A file is missing', { where: { file: join(folder, name) } })
    return { layers: name === 'b' ? ['conv4'] : ['conv4', 'transf0'] }
  }
  expect((await told({ describeModel }, text)).map((line) => line.replace(/ ->.*/, ''))).toEqual([
    '20:109 `models[0].series.checkpoints[0].checkpoint`: its layers are not those of the other checkpoints of "native"',
    '20:157 `models[0].series.checkpoints[2].checkpoint`: A file is missing (DIR/c)',
  ])
  expect(asked.toSorted()).toEqual(['a', 'b', 'c', '{"architecture":"wav2vec2-base","seed":1}'])
})

describe('checkVertices', () => {
  test.each([
    [{ volumes: 20_484, vertices: 60 }, 'both', 'The array looks transposed: make it [volumes, vertices]'],
    [{ volumes: 60, vertices: 10_242 }, 'both', 'This is one hemisphere: give `data: {left: …, right: …}`'],
    [{ volumes: 60, vertices: 20_484 }, 'left', 'This file has both hemispheres: give it as `data: FILE`'],
    [
      { volumes: 60, vertices: 163_842 },
      'right',
      "The file fits fsaverage: make that the study's `surface`, or resample the file",
    ],
    [
      { volumes: 60, vertices: 64_984 },
      'both',
      "The file fits fs_LR 32k: make that the study's `surface`, or resample the file",
    ],
    [{ volumes: 60, vertices: 17 }, 'both', 'Give a file made for this surface, or the surface it was made for'],
  ] as const)('%o for %s', (shape, hemisphere, remedy) => {
    expect(checkVertices(['data'], 'a.npy', shape, hemisphere, surface)).toMatchObject([{ severity: 'error', remedy }])
  })

  test('other numbers of vertices on the two sides', () => {
    const uneven = { name: 'x', left: 3, right: 5 }
    expect(checkVertices([], 'a', { volumes: 1, vertices: 3 }, 'left', uneven)).toEqual([])
    expect(checkVertices([], 'a', { volumes: 1, vertices: 3 }, 'right', uneven)).toHaveLength(1)
    expect(checkVertices([], 'a', { volumes: 1, vertices: 8 }, 'both', uneven)).toEqual([])
  })
})

describe('checkCoverage', () => {
  const recording = validStudy().subjects[0].recordings[0]

  test('the volumes reach the end of the audio but for at most one TR, and the number told is the least that does', () => {
    const time = fc.double({ min: 0.1, max: 5, noNaN: true })
    fc.assert(
      fc.property(
        time,
        fc.double({ min: -20, max: 20, noNaN: true }),
        fc.double({ min: 1, max: 4000, noNaN: true }),
        fc.nat(5000),
        (tr, start, seconds, volumes) => {
          fc.pre(start + seconds > 0)
          const at = { ...recording, tr, start }
          const uncovered = start + seconds - volumes * tr
          fc.pre(Math.abs(uncovered - tr) > 1e-6)
          const findings = checkCoverage([], at, volumes, seconds)
          expect(findings).toHaveLength(uncovered > tr ? 1 : 0)
          const needed = Number(/at least (\d+)/.exec(findings[0]?.message ?? '')?.[1] ?? 0)
          if (findings.length > 0) {
            expect(checkCoverage([], at, needed, seconds)).toEqual([])
            expect(checkCoverage([], at, needed - 1, seconds)).toHaveLength(1)
          }
        },
      ),
    )
  })

  test('a rounding error asks for no more: 0.1 s TRs, 30 s of audio', () => {
    expect(checkCoverage([], { ...recording, tr: 0.1 }, 299, 30)).toEqual([])
    expect(checkCoverage([], { ...recording, tr: 0.1 }, 298, 30)).toHaveLength(1)
  })

  test('audio that is over before the first volume', () => {
    expect(checkCoverage([], { ...recording, start: -30 }, 100, 20)).toMatchObject([
      { message: '``: "s1" ends 10 s before the first volume', remedy: 'Correct `start`' },
    ])
  })
})

test('an experiment is read with the rest: tables, answers, and the layer that models lack', async () => {
  const behaviour = 'behaviour: {triplets: t.csv, items: i.csv, audio: wav, answers: a.csv, layer: transf0}\n'
  expect(await told({}, example + behaviour)).toEqual([])
  const broken = (file: string) => async () => {
    throw new HeschlError('FORMAT_INVALID', 'The table lacks a column', { where: { file: `${file}`, line: 1 } })
  }
  const found = await told({ experiment: broken('t.csv'), answers: broken('a.csv') }, example + behaviour)
  expect(found.map((line) => line.replace(/^\d+:\d+ /, ''))).toEqual([
    '`behaviour.triplets`: The table lacks a column (t.csv, line 1) -> null',
    '`behaviour.answers`: The table lacks a column (a.csv, line 1) -> null',
  ])
  const [lacking] = await told({}, example + behaviour.replace('transf0', 'transf9'))
  expect(lacking).toContain('`behaviour.layer`: "')
  expect(lacking).toContain('has no layer "transf9"')
  expect(lacking).toContain('conv4, transf0, transf1')
})

const ofVolumes = example
  .replace('surface: schematic', 'surface: lh-and-rh\nvolumes: {sample: depth}')
  .replaceAll(/\{left: func\/(\d)-L.gii, right: func\/\d-R.gii\}/g, 'func/$1-L.gii')

test('volumes: what stands in their way, vertices that they do not cover, runs that are too short', async () => {
  expect(await told({}, ofVolumes)).toEqual([])
  const volumeRun: FileProbe['volumeRun'] = async (path) => {
    if (path.endsWith('3.npy')) throw new HeschlError('SHAPE_MISMATCH', 'A recording is on another grid than the mask')
    return path.endsWith('4.npy')
      ? { volumes: 62, uncovered: 1234, where: 'they span x 1 to 2 mm' }
      : { volumes: path.endsWith('5.npy') ? 60 : 62, uncovered: 0, where: '' }
  }
  expect(await told({ volumeRun }, ofVolumes)).toEqual([
    '15:30 `subjects[1].recordings[0].data`: A recording is on another grid than the mask -> null',
    '18:30 `subjects[2].recordings[0].data`: 1,234 vertices are outside the volume: they span x 1 to 2 mm -> They have no score',
    expect.stringContaining('19:9 `subjects[2].recordings[1]`: fewer volumes than the audio needs: 60'),
  ])
})

test('what is wrong with the mask of a recording, or of a subject, is told once at the line that names it', async () => {
  await writeFile(join(folder, 'ok.nii'), 'x')
  const volumeRun: FileProbe['volumeRun'] = async (_, mask) => {
    if (mask?.endsWith('ok.nii') === true)
      throw new HeschlError('FORMAT_INVALID', 'This file is not of volumes', { where: { file: mask } })
    return { volumes: 62, uncovered: 0, where: '' }
  }
  const masked = ofVolumes
    .replace('data: func/1-L.gii', 'mask: no.nii, data: func/1-L.gii')
    .replace(/( +)recordings:(?![^]*recordings:)/, '$1mask: ok.nii\n$1recordings:')
  const problems = await told({ volumeRun }, masked)
  expect(problems).toEqual([
    expect.stringMatching(/^\d+:\d+ `subjects\[0\]\.recordings\[0\]\.mask`: A file is missing \(DIR\/no\.nii\)/),
    expect.stringMatching(/^\d+:\d+ `subjects\[2\]\.mask`: This file is not of volumes \(DIR\/ok\.nii\)/),
  ])
  const lines = masked.split('\n')
  for (const [i, name] of ['no.nii', 'ok.nii'].entries()) {
    const [line, column] = problems[i].split(/[: ]/).map(Number)
    expect(lines[line - 1].slice(column - 1)).toMatch(new RegExp(`^${name}`))
  }
})

test('recordings of another mesh have its vertices, and its spheres lead to those of the surface', async () => {
  const text = example.replace('surface: schematic', 'surface: fsaverage5\nresample: {from: fsaverage6}')
  const responseShape: FileProbe['responseShape'] = async (path) => ({
    volumes: 62,
    vertices: path.endsWith('.gii') ? 40_962 : path.endsWith('3.npy') ? 20_484 : 81_924,
  })
  expect(await told({ responseShape }, text)).toEqual([
    expect.stringContaining(
      '`subjects[1].recordings[0].data`: func/3.npy has 20,484 vertices, but both hemispheres of the spheres',
    ),
  ])
  const resampled: FileProbe['resampled'] = async () => ({
    left: 40_962,
    right: 40_962,
    targets: { left: 42, right: 42 },
  })
  expect((await told({ responseShape, resampled }, text))[0]).toContain('The spheres of schematic have other vertices')
})
