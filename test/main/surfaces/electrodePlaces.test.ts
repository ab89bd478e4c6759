import { expect, test } from 'vitest'
import { HeschlError } from '../../../src-main/errors.ts'
import type { Electrode } from '../../../src-main/formats/electrodes.ts'
import { coordinatesOf, placeElectrodes } from '../../../src-main/surfaces/electrodePlaces.ts'
import { toMni152 } from '../../../src-main/surfaces/mniSpaces.ts'
import { icosphere } from '../../../src-main/surfaces/icosphere.ts'
import type { CorticalSurface } from '../../../src-main/surfaces/types.ts'

const { points, triangles } = icosphere(3)

/** A sphere of 30 mm about (±40, 0, 0); what lies in front of it is a region. */
function hemisphere(centre: number) {
  const folded = Float32Array.from(points, (value, i) => 30 * value + (i % 3 === 0 ? centre : 0))
  const labels = Uint16Array.from({ length: points.length / 3 }, (_, v) => (points[3 * v + 1] > 0 ? 1 : 0))
  return { folded, inflated: folded, triangles, sulc: new Float32Array(labels.length), labels }
}
const surface: CorticalSurface = {
  ...{ name: 'two spheres', schematic: false, left: hemisphere(-40), right: hemisphere(40), notes: [] },
  regions: ['', 'front'].map((name) => ({ name, colour: [0, 0, 0] as const })),
}
const vertices = points.length / 3

const row = (name: string, place: Electrode['place'], more: Partial<Electrode> = {}): Electrode => ({
  ...{ name, place, written: place ? null : 'n/a, n/a, n/a', hemisphere: null, ...more },
})
const sound = { file: 'coordsystem.json', system: 'T1w', units: 'mm' }

test('electrodes of all subjects stand after the vertices of their hemisphere; the others say why not', async () => {
  const {
    surface: placed,
    points: at,
    notes,
  } = await placeElectrodes(surface, 'sub-01', [
    {
      subject: 'a',
      names: ['R1', 'L1', 'DEEP', 'NONE'],
      table: {
        system: sound,
        electrodes: [
          row('L1', [-40, 32, 0]),
          row('R1', [72, -1, 0]),
          row('NONE', null),
          row('DEEP', [-40, 0, 0]),
          row('UNUSED', [0, 0, 0]),
        ],
      },
    },
    {
      subject: 'b',
      names: ['L1', 'WRONG'],
      table: {
        system: { ...sound, units: 'm' },
        electrodes: [row('L1', [-0.072, -0.001, 0]), row('WRONG', [-0.04, 0.031, 0], { hemisphere: 'right' })],
      },
    },
  ])
  expect(placed.left.electrodes).toMatchObject({ names: ['L1', 'L1'], subjects: ['a', 'b'] })
  expect(placed.right.electrodes).toMatchObject({ names: ['R1'], subjects: ['a'] })
  expect([...placed.left.electrodes!.places]).toEqual([-40, 32, 0, -72, -1, 0])
  expect([...at]).toEqual([2 * vertices + 2, vertices, -1, -1, vertices + 1, -1])
  // The sphere is a polyhedron: its faces are up to 0.3 mm inside of it.
  expect(placed.left.electrodes!.distances[0]).toBeGreaterThan(1.99)
  expect(placed.left.electrodes!.distances[0]).toBeLessThan(2.3)
  expect([...placed.left.labels.subarray(vertices)]).toEqual([1, 0])
  expect(surface.left.labels).toHaveLength(vertices)
  expect(placed.unplaced).toEqual([
    { subject: 'a', name: 'DEEP', code: 'FAR' },
    { subject: 'a', name: 'NONE', code: 'NO_COORDINATES' },
    { subject: 'b', name: 'WRONG', code: 'OTHER_HEMISPHERE' },
  ])
  expect(notes).toEqual([
    expect.stringMatching(/^1 of 4 electrodes of a is not drawn \(FAR\): further than 10 mm.*: DEEP$/),
    expect.stringMatching(/^1 of 4 electrodes of a is not drawn \(NO_COORDINATES\): .*\(n\/a, n\/a, n\/a\).*: NONE$/),
    expect.stringMatching(/^1 of 2 electrodes of b is not drawn \(OTHER_HEMISPHERE\)/),
  ])
})

const space = (system: string | null, units: string | null = 'mm') => ({ file: 'f', system, units })
const template = { name: 'fsaverage5', schematic: false }
test.each([
  ['a template in its own space', space('fsaverage'), 'fsaverage5', template, null, ''],
  ['MNI305 is fsaverage’s', space('MNI305'), 'fsaverage', template, null, ''],
  ['MNI152 is moved, said', space('MNI152NLin2009cAsym'), 'fsaverage5', template, null, /moved to MNI305/],
  ['MNI305 on fs_LR is moved, said', space('fsaverage'), 'fs_LR_32k', { ...template, name: 'l' }, null, /to MNI152/],
  ['another MNI space, said', space('MNIColin27'), 'fsaverage5', template, null, /differs .* some millimetres/],
  ['nothing said, said', null, 'fsaverage5', template, null, /no coordsystem.json/],
  ['a subject’s space on a template', space('ACPC'), 'fsaverage5', template, 'OTHER_SPACE', ''],
  ['a subject’s own surface', space('ACPC'), 'surf', { name: 'surf', schematic: false }, null, ''],
  ['a picture', space('Pixels'), 'surf', { name: 'surf', schematic: false }, 'OTHER_SPACE', ''],
  ['units that are none', space('fsaverage', 'n/a'), 'fsaverage5', template, 'UNKNOWN_UNITS', ''],
  [
    'a real space on the schematic cortex',
    space('MNI305'),
    'schematic',
    { name: 's', schematic: true },
    'OTHER_SPACE',
    '',
  ],
  ['no space on the schematic cortex', null, 'schematic', { name: 's', schematic: true }, 'OTHER_SPACE', ''],
  ['made for the schematic cortex', space('schematic'), 'schematic', { name: 's', schematic: true }, null, ''],
  ['the schematic cortex’s on a real one', space('schematic'), 'fsaverage5', template, 'OTHER_SPACE', ''],
  ['a file that cannot be read', new HeschlError('FORMAT_INVALID', 'No'), 'x', template, 'OTHER_SPACE', ''],
])('%s', (_what, system, spec, drawn, code, note) => {
  const found = coordinatesOf(system, spec, drawn)
  expect(found.problem?.code ?? null).toBe(code)
  if (note === '') expect(found.note).toBe('')
  else expect(found.note).toMatch(note)
})

test('an electrode in MNI152 is drawn where FreeSurfer’s transform has it, and keeps its own coordinates', async () => {
  const electrodes = (place: Electrode['place']) => ({ electrodes: [row('A', place)] })
  const place = async (system: string, at: Electrode['place']) =>
    placeElectrodes(surface, 'fsaverage5', [
      { subject: 'a', names: ['A'], table: { system: space(system), ...electrodes(at) } },
    ])
  const own = await place('MNI305', [-40, 32, 0])
  const moved = await place('MNI152NLin6Asym', [...toMni152([-40, 32, 0])])
  expect(moved.surface.left.electrodes!.weights).toEqual(own.surface.left.electrodes!.weights)
  expect(moved.surface.left.electrodes!.corners).toEqual(own.surface.left.electrodes!.corners)
  expect(moved.surface.left.electrodes!.places).toEqual(Float32Array.from(toMni152([-40, 32, 0])))
})

test('metres and centimetres become millimetres', () => {
  expect(coordinatesOf(space('fsaverage', 'm'), 'fsaverage5', template).scale).toBe(1000)
  expect(coordinatesOf(space('fsaverage', 'cm'), 'fsaverage5', template).scale).toBe(10)
})
