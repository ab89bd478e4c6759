import { expect, test } from 'vitest'
import { regionsOf } from '../../../src-main/study/regions.ts'

const desikan = ['unknown', 'bankssts', 'parsopercularis', 'parstriangularis', 'precentral', 'superiortemporal']
const namesOf = (labels: readonly string[]) =>
  regionsOf(undefined, labels).groups.map(({ name, labels: own }) => `${name}: ${own.join(' + ')}`)

test('the paper’s regions on the labels of an atlas that is known', () => {
  expect(namesOf([...desikan, 'transversetemporal', 'insula'])).toEqual([
    'A1/A2: transversetemporal',
    'STG: superiortemporal',
    'STS: bankssts',
    'IFG: parsopercularis + parstriangularis',
    'motor: precentral',
  ])
  const destrieux = ['G_temp_sup-G_T_transv', 'S_temporal_transverse', 'G_temp_sup-Lateral', 'S_temporal_sup']
  const frontal = ['G_front_inf-Opercular', 'G_front_inf-Triangul', 'G_precentral', 'G_cuneus']
  expect(namesOf(['Unknown', ...destrieux, ...frontal])[0]).toBe('A1/A2: G_temp_sup-G_T_transv + S_temporal_transverse')
  expect(regionsOf(undefined, ['Unknown', ...destrieux, ...frontal]).from).toContain('Destrieux')
})

test('labels with their hemisphere in front are those of both', () => {
  const both = [...desikan.slice(1), 'transversetemporal'].flatMap((name) => [`L_${name}`, `R_${name}`])
  expect(namesOf(['unknown', ...both])[0]).toBe('A1/A2: L_transversetemporal + R_transversetemporal')
})

test('of an unknown atlas each label is a region; a study file’s own come before all', () => {
  expect(namesOf(['none', 'front', 'back'])).toEqual(['front: front', 'back: back'])
  expect(namesOf(desikan)).toHaveLength(5)
  expect(regionsOf({ early: ['front', 'back'] }, ['none', 'front', 'back'])).toEqual({
    groups: [{ name: 'early', labels: ['front', 'back'] }],
    from: 'the study file',
  })
})
