import { expect, test } from 'vitest'
import type { Finding, FindingFigure, FindingTable } from '../../../src-main/contract/findings.ts'
import { drawFinding } from '../../../src-renderer/figures/draw.ts'
import { isWellFormed } from '../plots/xml.ts'

const table = (name: string, columns: Readonly<Record<string, readonly (string | number)[]>>): FindingTable => ({
  ...{ name, title: name },
  columns: Object.entries(columns).map(([column, values]) => ({
    ...{ name: column, title: `title of ${column}` },
    values: values.every((value) => typeof value === 'string') ? values : Float64Array.from(values as number[]),
  })),
})

const listeners = [
  table('listeners', {
    group: ['EN', 'EN', 'FR'],
    speech: ['native', 'non-native', 'native'],
    accuracy: [0.8, 0.7, 0.75],
    low: [0.75, NaN, 0.7],
    high: [0.85, NaN, 0.8],
  }),
  table('participants', {
    group: ['EN', 'EN', 'EN', 'FR'],
    speech: ['native', 'native', 'non-native', 'native'],
    accuracy: [0.9, 0.7, 0.7, 0.75],
  }),
  table('listener_tests', { comparison: ['EN, native > non-native'], q: [0.01] }),
]
const models = [
  table('regimes', {
    regime: ['untrained', 'supervised', 'native', 'own words'],
    accuracy: [0.55, 0.8, 0.85, 0.6],
    low: [0.5, 0.7, 0.8, 0.5],
    high: [0.6, 0.9, 0.9, 0.7],
  }),
  table('models', { regime: ['untrained', 'native', 'native'], accuracy: [0.55, 0.8, 0.9] }),
  table('model_tests', { comparison: ['native > untrained'], q: [0.2] }),
]
const comparison = table('comparison', {
  listeners: ['EN'],
  model: ['w2v'],
  rho: [0.3],
  rho_low: [0.2],
  rho_high: [0.4],
})
const effect = table('native_effect', { contrast: ['a-e', 'i-o'], listeners: [0.2, -0.1], models: [0.4, NaN] })

function drawn(tables: readonly FindingTable[]): string {
  const finding = {
    figure: 'behaviour',
    title: 'Behaviour',
    notice: null,
    tables,
    provenance: { options: { level: 0.05 } },
  }
  const figure: FindingFigure = { finding: finding as unknown as Finding, surface: null }
  return drawFinding(figure, { widthMm: 180, dpi: 300, theme: 'light' })
}
const words = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)</g)].map(([, text]) => text)
const headings = (svg: string) =>
  words(svg).filter((text) =>
    ['Listeners', 'Models', 'Models against listeners', 'Native effect by contrast'].includes(text),
  )

test('listeners, models in the order of the paper with others last, and the native effect', () => {
  const svg = drawn([...listeners, ...models, comparison, effect])
  expect(isWellFormed(svg)).toBe(true)
  expect(headings(svg)).toEqual(['Listeners', 'Models', 'Native effect by contrast'])
  const regimes = words(svg).filter(
    (text) => ['untrained', 'supervised', 'native'].includes(text) || text.startsWith('own'),
  )
  expect(regimes.map((text) => text.split(' ')[0])).toEqual(['native', 'untrained', 'supervised', 'own'])
  expect(words(svg).filter((text) => text === '*')).toHaveLength(1)
  // Participants, models, and the one contrast that has both values.
  expect(svg.match(/<circle/g)).toHaveLength(4 + 3 + 1)
  expect(words(svg)).toContain('title of models')
})

test('without two groups the models’ correlations take the place of the effect; without answers models stand alone', () => {
  expect(headings(drawn([...listeners, ...models, comparison]))).toEqual([
    'Listeners',
    'Models',
    'Models against listeners',
  ])
  expect(headings(drawn(models))).toEqual(['Models'])
})
