/** Blocks of arrays in C order: what of one lies in another. */

export interface Block {
  /** First index along each dimension, and sizes. */
  readonly from: readonly number[]
  readonly sizes: readonly number[]
}

interface Run {
  /** Bytes into the whole, bytes into the block, and how many. */
  readonly at: number
  readonly to: number
  readonly bytes: number
}

/**
 * Stretches of a block that lie together in the whole array.
 * @param shape of the whole
 */
export function* runsOf(shape: readonly number[], { from, sizes }: Block, itemBytes: number): Generator<Run> {
  let axis = shape.length - 1
  let bytes = itemBytes
  while (axis >= 0 && sizes[axis] === shape[axis]) bytes *= shape[axis--]
  const strides = stridesOf(shape, itemBytes)
  // Along this axis a part is taken, which lies together; axes before it are gone through
  const start = from.reduce((sum, at, d) => sum + at * strides[d], 0)
  if (axis < 0) {
    yield { at: start, to: 0, bytes }
    return
  }
  bytes *= sizes[axis]
  let to = 0
  for (const at of offsets(start, sizes, strides, axis)) {
    yield { at, to, bytes }
    to += bytes
  }
}

/** Where each place along the first axes lies, the last of them fastest. */
function* offsets(
  start: number,
  sizes: readonly number[],
  strides: readonly number[],
  axes: number,
): Generator<number, void> {
  const index = new Array<number>(axes).fill(0)
  for (let at = start; ;) {
    yield at
    let axis = axes - 1
    for (; axis >= 0; axis--) {
      index[axis]++
      at += strides[axis]
      if (index[axis] < sizes[axis]) break
      at -= strides[axis] * sizes[axis]
      index[axis] = 0
    }
    if (axis < 0) return
  }
}

const stridesOf = (shape: readonly number[], itemBytes: number) => {
  const strides = new Array<number>(shape.length).fill(itemBytes)
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1]
  return strides
}

/** Copies what two blocks of one array have in common. */
export function copyBlock(
  source: Block & { readonly data: Uint8Array },
  target: Block & { readonly data: Uint8Array },
  itemBytes: number,
): void {
  const from = source.from.map((at, axis) => Math.max(at, target.from[axis]))
  const sizes = from.map(
    (at, axis) => Math.min(source.from[axis] + source.sizes[axis], target.from[axis] + target.sizes[axis]) - at,
  )
  if (sizes.some((n) => n <= 0)) return
  const within = (block: Block): Block => ({ from: from.map((at, axis) => at - block.from[axis]), sizes })
  const [reads, writes] = [rowsOf(source, within(source), itemBytes), rowsOf(target, within(target), itemBytes)]
  const bytes = (sizes.at(-1) ?? 1) * itemBytes
  for (;;) {
    const [read, write] = [reads.next(), writes.next()]
    if (read.done === true || write.done === true) return
    target.data.set(source.data.subarray(read.value, read.value + bytes), write.value)
  }
}

/** Where each stretch along the last axis begins, in bytes. */
function rowsOf({ sizes: shape }: Block, { from, sizes }: Block, itemBytes: number): Generator<number, void> {
  const strides = stridesOf(shape, itemBytes)
  const start = from.reduce((sum, n, axis) => sum + n * strides[axis], 0)
  return offsets(start, sizes, strides, Math.max(0, shape.length - 1))
}
