/** Bytes that are kept at most. */
const mostKept = 256e6

const free = new Map<number, Float64Array[]>()
let bytes = 0

/**
 * Arrays that are used again and again by computations of one size, in the thread that they are asked for in: new ones
 * have to be cleared and collected, and their pages brought in.
 * @returns an array of this length; what it holds is not cleared
 */
export function takeScratch(length: number): Float64Array {
  const found = free.get(length)?.pop()
  if (!found) return new Float64Array(length)
  bytes -= found.byteLength
  return found
}

/** Gives an array back, which must not be used any more. */
export function giveScratch(data: Float64Array): void {
  if (bytes + data.byteLength > mostKept) return
  bytes += data.byteLength
  const same = free.get(data.length)
  if (same) same.push(data)
  else free.set(data.length, [data])
}

/** Lets go of all that is kept. */
export function dropScratch(): void {
  free.clear()
  bytes = 0
}
