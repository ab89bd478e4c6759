import { expect, test } from 'vitest'
import { noOrbit, orbitRotation, type Aspect, type Panel } from '../../../src-renderer/cortex/camera.ts'
import { directionLabels } from '../../../src-renderer/cortex/directions.ts'

const panel: Panel = { hemisphere: 'left', aspect: 'lateral', x: 0, y: 0, width: 400, height: 300 }
const told = (hemisphere: 'left' | 'right', aspect: Aspect, yaw = 0, height = 300) =>
  directionLabels(orbitRotation(hemisphere, aspect, { ...noOrbit, yaw }), { ...panel, hemisphere, aspect, height })
    .map(({ letter }) => letter)
    .join('')

test('right, left, top and bottom of a panel say which way is which; not where the hemispheres meet', () => {
  expect(told('left', 'lateral')).toBe('PASI')
  expect(told('left', 'medial')).toBe('APSI')
  expect(told('right', 'lateral')).toBe('APSI')
  expect(told('left', 'dorsal')).toBe('LAP')
  expect(told('right', 'ventral')).toBe('RAP')
})

test('a direction that is turned away, or has no room, has no letter', () => {
  expect(told('left', 'lateral', Math.PI / 4)).toBe('SI')
  expect(told('left', 'lateral', Math.PI)).toBe('APSI')
  expect(told('left', 'lateral', 0, 100)).toBe('PA')
})
