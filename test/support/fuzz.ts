/**
 * Mutations of real files, for readers that must take anything: the same for the same seed on every machine. What they
 * do is what files go through (cut short, changed, stuck together) and what a hostile writer does (sizes that lie, huge
 * counts, deep nesting, numbers that are none).
 */

/** Mulberry32: 32 bits of state, enough to be different every time and the same in every run. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

type Random = () => number
type Mutation = (bytes: Buffer, random: Random, others: readonly Buffer[]) => Buffer

const below = (random: Random, n: number) => Math.floor(random() * n)
/** A place, often among the first bytes, where headers are. */
const place = (random: Random, length: number) =>
  random() < 0.4 ? below(random, Math.min(length, 256)) : below(random, length)

const cut: Mutation = (bytes, random) => bytes.subarray(0, below(random, bytes.length + 1))

const flip: Mutation = (bytes, random) => {
  const changed = Buffer.from(bytes)
  for (let n = 1 + below(random, 6); n > 0 && changed.length > 0; n--) {
    changed[place(random, changed.length)] ^= 1 << below(random, 8)
  }
  return changed
}

/** Numbers at the edges of what one, two, four and eight bytes hold, in either order; NaN and infinity of both sizes. */
const edges = [
  '00',
  'ff',
  '7f',
  '80',
  '0000',
  'ffff',
  '7fff',
  'ff7f',
  '00000000',
  'ffffffff',
  '7fffffff',
  'ffffff7f',
].concat(
  ['80000000', '00000080', '0000c07f', '0000807f', '7fc00000', 'ffffffffffffffff', 'ffffffffffffff7f'],
  ['000000000000f87f', '0000000000000080', '00ffffff', '00000001', '01000000', 'ffffffff0f', '808080808001'],
)

const lie: Mutation = (bytes, random) => {
  const changed = Buffer.from(bytes)
  const edge = Buffer.from(edges[below(random, edges.length)], 'hex')
  edge.copy(changed, place(random, changed.length + 1))
  return changed
}

/** Numbers as text: huge, negative, of another kind, none. */
const numbers = [
  '0',
  '-1',
  '1e308',
  '1e999',
  'NaN',
  'Infinity',
  '99999999999',
  '4294967296',
  '9007199254740993',
  '0x10',
  '',
]

const lieInText: Mutation = (bytes, random) => {
  const text = bytes.toString('latin1')
  const found = [...text.slice(0, 20_000).matchAll(/\d+(\.\d+)?/g)]
  if (found.length === 0) return lie(bytes, random, [])
  const { index, 0: number } = found[below(random, found.length)]
  const other = numbers[below(random, numbers.length)]
  return Buffer.from(text.slice(0, index) + other + text.slice(index + number.length), 'latin1')
}

const piece = (bytes: Buffer, random: Random, most: number) => {
  const start = below(random, bytes.length + 1)
  return bytes.subarray(start, start + below(random, most))
}

const splice: Mutation = (bytes, random, others) => {
  const at = place(random, bytes.length + 1)
  const from = others[below(random, others.length)]
  const skipped = random() < 0.5 ? below(random, 64) : 0
  return Buffer.concat([bytes.subarray(0, at), piece(from, random, 512), bytes.subarray(at + skipped)])
}

const remove: Mutation = (bytes, random) => {
  const at = place(random, bytes.length + 1)
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + below(random, 64))])
}

/** A piece again and again: counts that grow, and, of what opens something, depth. */
const openers = [
  '[',
  '{',
  '(',
  '{"a":',
  '<a>',
  '- ',
  '  ',
  '"',
  "'",
  '&a ',
  '*a ',
  '!',
  '\t',
  '\n',
  '\0',
  '\n- a:\n   ',
]

const repeat: Mutation = (bytes, random) => {
  const at = place(random, bytes.length + 1)
  const part = random() < 0.5 ? Buffer.from(openers[below(random, openers.length)]) : piece(bytes, random, 32)
  const copies = Math.floor(2 ** (random() * 11))
  return Buffer.concat([bytes.subarray(0, at), ...Array.from({ length: copies }, () => part), bytes.subarray(at)])
}

const mutations: readonly Mutation[] = [cut, flip, flip, lie, lie, lieInText, splice, remove, repeat]

/**
 * @param seeds real files of the format
 * @returns one of them after one or two mutations
 */
export function mutate(seeds: readonly Buffer[], random: Random): Buffer {
  let bytes: Buffer = seeds[below(random, seeds.length)]
  for (let n = random() < 0.7 ? 1 : 2; n > 0; n--)
    bytes = mutations[below(random, mutations.length)](bytes, random, seeds)
  return bytes
}
