/** What a finding says of vertices and a cortex, said of voxels and a mask. */
import type { FindingTable } from '../../contract/findings.ts'
import type { FindingResult } from './result.ts'

/** Longer phrases before the words in them. */
const words: readonly (readonly [RegExp, string])[] = [
  [/\bwhole cortex\b/g, 'whole mask'],
  [/\bWhole cortex\b/g, 'Whole mask'],
  [/\bover the cortex\b/g, 'over the mask'],
  [/\bvertices\b/g, 'voxels'],
  [/\bVertices\b/g, 'Voxels'],
  [/\bvertex\b/g, 'voxel'],
  [/\bVertex\b/g, 'Voxel'],
  [/\bThe surface has no parcellation\b/g, 'There is no parcellation'],
]

const said = (text: string) => words.reduce((now, [from, to]) => now.replace(from, to), text)

/** Names of tables and columns stay: programs read them. */
export function ofVoxels(result: FindingResult): FindingResult {
  const { title, caption, methods, notes, tests, tables, maps } = result
  return {
    ...result,
    ...{ title: said(title), caption: said(caption), methods: said(methods) },
    ...{ notes: notes.map(said), tests: tests.map(said) },
    tables: tables.map(tableOf),
    maps: maps.map((map) => ({ ...map, label: said(map.label) })),
  }
}

function tableOf({ name, title, columns }: FindingTable): FindingTable {
  return {
    ...{ name, title: said(title) },
    columns: columns.map((column) => ({
      ...{ name: column.name, title: said(column.title) },
      values:
        column.name === 'region' ? (column.values as readonly string[]).map((value) => said(value)) : column.values,
    })),
  }
}
