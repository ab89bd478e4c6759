import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { storedCortex } from '../../../src-main/jobs/storedCortex.ts'
import { drawnVersion, schematicCortex } from '../../../src-main/pipeline/facts.ts'
import { contentKey } from '../../../src-main/store/keys.ts'
import { Store } from '../../../src-main/store/store.ts'

let folder: string
let store: Store
const cortex = schematicCortex()
const key = contentKey({ kind: 'cortex', version: drawnVersion, parameters: null, inputs: [] })

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'heschl-cortex-'))
  store = new Store(join(folder, 'study.db'))
})
afterEach(() => {
  store.close()
  rmSync(folder, { recursive: true })
})

test('the schematic cortex is drawn once, and read as it was drawn', () => {
  expect(storedCortex(store)).toEqual(cortex)
  expect(store.has(key)).toBe(true)
  expect(storedCortex(store)).toEqual(cortex)
})

test('one that is incomplete is drawn again', () => {
  store.put({ key, kind: 'cortex', label: '', inputs: null, provenance: {}, seconds: 0, work: 0 }, [])
  expect(storedCortex(store)).toEqual(cortex)
  expect(store.array(key, 'left sulc').data).toEqual(cortex.left.sulc)
})

test('another cortex has another version, or one that was kept would be shown in its place', () => {
  // Hundredths of a millimetre: the last digits may be another machine's.
  const rough = [cortex.left, cortex.right].flatMap(({ folded, inflated, sulc, labels, triangles }) => [
    ...[folded, inflated, sulc].map((values) => values.reduce((sum, value) => sum + Math.abs(value), 0).toFixed(0)),
    createHash('sha256').update(labels).update(triangles).digest('hex').slice(0, 12),
  ])
  expect({ drawnVersion, rough }).toMatchInlineSnapshot(`
    {
      "drawnVersion": 1,
      "rough": [
        "1036534",
        "1060423",
        "26035",
        "e64b04b77b39",
        "1036195",
        "1060423",
        "25908",
        "ef9294f8d379",
      ],
    }
  `)
})
