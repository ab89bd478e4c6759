import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UndoStack } from '../../../src-renderer/stores/undoStack.ts'

const options = { most: 100, within: 600, coalesced: new Set(['camera']) }
const begun = (state: Record<string, string>) => {
  const stack = new UndoStack(options)
  stack.reset(state)
  return stack
}

test('steps are undone and done again, each with the parts that it changed', () => {
  const stack = begun({ map: 'a', view: '1' })
  stack.record({ map: 'b', view: '1' }, 0)
  stack.record({ map: 'b', view: '1' }, 1)
  stack.record({ map: 'c', view: '2' }, 2)
  expect(stack.depth).toEqual({ done: 2, undone: 0 })
  expect(stack.undo()).toEqual({ map: 'b', view: '1' })
  expect(stack.undo()).toEqual({ map: 'a' })
  expect(stack.undo()).toBeNull()
  expect(stack.redo()).toEqual({ map: 'b' })
  stack.record({ map: 'd', view: '1' }, 3)
  expect(stack.redo()).toBeNull()
  expect(stack.undo()).toEqual({ map: 'b' })
})

test('a drag of the camera is one step; a pause, another part, or what was done again ends it', () => {
  const stack = begun({ map: 'a', camera: '0' })
  for (let i = 1; i <= 50; i++) stack.record({ map: 'a', camera: String(i) }, i * 16)
  expect(stack.depth.done).toBe(1)
  stack.record({ map: 'a', camera: '51' }, 50 * 16 + 601)
  expect(stack.depth.done).toBe(2)
  stack.record({ map: 'b', camera: '51' }, 50 * 16 + 602)
  stack.record({ map: 'b', camera: '52' }, 50 * 16 + 603)
  expect(stack.depth.done).toBe(4)
  expect(stack.undo()).toEqual({ camera: '51' })
  expect(stack.redo()).toEqual({ camera: '52' })
  stack.record({ map: 'b', camera: '53' }, 50 * 16 + 604)
  expect(stack.depth.done).toBe(5)
})

test('a drag that comes back to where it began is no step', () => {
  const stack = begun({ camera: '0' })
  stack.record({ camera: '1' }, 0)
  stack.record({ camera: '0' }, 10)
  expect(stack.undo()).toBeNull()
})

test('the stack is bounded, and what followed by itself is no step', () => {
  const stack = begun({ map: '0' })
  for (let i = 1; i <= 500; i++) stack.record({ map: String(i) }, i)
  expect(stack.depth.done).toBe(100)
  let last = ''
  for (let before = stack.undo(); before; before = stack.undo()) last = before['map']!
  expect(last).toBe('400')
  stack.settle({ map: 'fell back' })
  stack.record({ map: 'fell back' }, 900)
  expect(stack.depth.done).toBe(0)
})

test('undoing everything and doing it again gives back the same state, whatever was changed', () => {
  const step = fc.record({ name: fc.constantFrom('map', 'view', 'camera'), value: fc.string(), after: fc.nat(2000) })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const first: Record<string, string> = { map: '', view: '', camera: '' }
      const stack = begun(first)
      let state = first
      let now = 0
      for (const { name, value, after } of steps) {
        state = { ...state, [name]: value }
        stack.record(state, (now += after))
      }
      let back = state
      for (let parts = stack.undo(); parts; parts = stack.undo()) back = { ...back, ...parts }
      expect(back).toEqual(first)
      for (let parts = stack.redo(); parts; parts = stack.redo()) back = { ...back, ...parts }
      expect(back).toEqual(state)
    }),
  )
})
