/**
 * Static word vectors as text: GloVe's files, a word and its numbers a line, and fastText's `.vec` and word2vec's text
 * format, which begin with a line that counts words and numbers. Values are separated by single spaces, lines by line
 * feeds. A file may have millions of words: it is read once, a piece at a time, and only the words that are asked for
 * are kept. A word that comes twice has its first vector.
 *
 * Every line's number of values is checked; values themselves are read for the words that are asked for. GloVe's
 * largest file has words with spaces in them ("at name@domain.com"): a line with more values than the others is taken
 * for one of these unless what stands before its numbers is a number as well.
 */
import { HeschlError } from '../errors.ts'
import { withFile } from './fileBytes.ts'
import type { FileBytes } from './fileBytes.ts'

const pieceBytes = 1 << 20
/** Room for 10,000 numbers of 25 characters. */
const mostLineBytes = 1 << 18
const mostUnits = 10_000
const space = 0x20
const newline = 0x0a

interface Layout {
  readonly units: number
  /** Words that the first line counts; undefined where it is a word's. */
  readonly counted: number | undefined
}

export interface WordVectors {
  readonly units: number
  /** Lines with a vector. */
  readonly words: number
  /** Of the words asked for, those that the file has. */
  readonly vectors: ReadonlyMap<string, Float32Array>
}

interface ReadOptions {
  /** 0–1 of the file's bytes. */
  readonly onProgress?: (fraction: number) => void
  /** Looked at before each piece of 1 MB. */
  readonly cancelled?: () => boolean
}

/**
 * Number of values of a word, from the first line alone.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID
 */
export function vectorUnits(path: string): Promise<number> {
  return withFile(path, async (file) => {
    const start = new Uint8Array(Math.min(file.size, mostLineBytes + 1))
    await file.read(0, start)
    const end = start.indexOf(newline)
    if (end === -1 && start.length > mostLineBytes) throw longLine(path, 1)
    return layoutOf(Buffer.from(start.buffer, 0, end === -1 ? start.length : end), path).units
  })
}

/**
 * The vectors of some words, as they are written in the file.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID with the line, CANCELLED
 */
export function readWordVectors(
  path: string,
  wanted: ReadonlySet<string>,
  options: ReadOptions = {},
): Promise<WordVectors> {
  return withFile(path, async (file) => {
    const vectors = new Map<string, Float32Array>()
    let layout: Layout | undefined
    let words = 0
    for await (const { text, line } of linesOf(file, options)) {
      if (!layout) {
        layout = layoutOf(text, path)
        if (layout.counted !== undefined) continue
      }
      words++
      const { word, at } = split(text, layout.units, path, line)
      if (!wanted.has(word) || vectors.has(word)) continue
      const numbers = text.toString('latin1', at).split(' ')
      vectors.set(
        word,
        Float32Array.from(numbers, (written) => parse(written, path, line)),
      )
    }
    if (!layout) throw invalid(path, 1, 'a word and its numbers', 'an empty file')
    const { units, counted } = layout
    if (counted !== undefined && counted !== words) {
      const remedy = 'Copy or download the file again: it may have been cut short'
      throw invalid(path, 1, `${counted} words, as the first line says`, `${words} words`, remedy)
    }
    return { units, words, vectors }
  })
}

async function* linesOf(file: FileBytes, { onProgress, cancelled }: ReadOptions) {
  let rest = Buffer.alloc(0)
  let line = 0
  for (let at = 0; at < file.size;) {
    if (cancelled?.()) throw new HeschlError('CANCELLED', 'Cancelled; what was finished is stored')
    const piece = Buffer.alloc(rest.length + Math.min(pieceBytes, file.size - at))
    rest.copy(piece)
    await file.read(at, piece.subarray(rest.length))
    at += piece.length - rest.length
    let start = 0
    for (let end = piece.indexOf(newline); end !== -1; end = piece.indexOf(newline, start)) {
      line++
      yield { text: trimmed(piece.subarray(start, end), file.path, line), line }
      start = end + 1
    }
    rest = piece.subarray(start)
    if (rest.length > mostLineBytes) throw longLine(file.path, line + 1)
    onProgress?.(at / file.size)
  }
  if (rest.length > 0) yield { text: trimmed(rest, file.path, line + 1), line: line + 1 }
}

/** fastText ends its lines with a space, Windows with a carriage return. */
function trimmed(text: Buffer, path: string, line: number): Buffer {
  if (text.length > mostLineBytes) throw longLine(path, line)
  let end = text.length
  if (text[end - 1] === 0x0d) end--
  while (text[end - 1] === space) end--
  return text.subarray(0, end)
}

/** What the first line says: its counts, or a word's numbers. */
function layoutOf(line: Buffer, path: string): Layout {
  const values = trimmed(line, path, 1).toString('utf8').split(' ')
  const header = values.length === 2 && values.every((value) => /^\d{1,15}$/.test(value))
  const units = header ? Number(values[1]) : values.length - 1
  if (units >= 1 && units <= mostUnits) {
    if (header) return { units, counted: Number(values[0]) }
    const [, ...numbers] = values
    for (const written of numbers) parse(written, path, 1)
    return { units, counted: undefined }
  }
  throw invalid(path, 1, `a word and 1 to ${mostUnits} numbers, or how many words and numbers there are`, shown(line))
}

/** A line's word, and the byte at which its numbers begin. */
function split(text: Buffer, units: number, path: string, line: number): { word: string; at: number } {
  // From the end: words may have spaces, numbers have none.
  let at = text.length
  let spaces = 0
  while (spaces < units && at > 0) {
    at = text.lastIndexOf(space, at - 1)
    if (at === -1) break
    spaces++
  }
  const word = spaces === units && at > 0 ? text.toString('utf8', 0, at) : ''
  const more = word.lastIndexOf(' ')
  if (word === '' || (more !== -1 && isNumber(word.slice(more + 1)))) {
    const count = text.toString('utf8').split(' ').length - 1
    throw invalid(path, line, `a word and ${units} numbers, as in the first line`, `${count} values: ${shown(text)}`)
  }
  return { word, at: at + 1 }
}

const number = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d{1,3})?$/i
/** An empty text too: two spaces that follow each other. */
const isNumber = (text: string) => text === '' || number.test(text)

function parse(written: string, path: string, line: number): number {
  const value = number.test(written) ? Math.fround(Number(written)) : NaN
  if (Number.isFinite(value)) return value
  throw invalid(path, line, 'finite numbers, with single spaces between them', JSON.stringify(written.slice(0, 40)))
}

const shown = (line: Buffer) => JSON.stringify(line.toString('utf8', 0, 60))

function longLine(path: string, line: number): HeschlError {
  const remedy = 'Give the text file (GloVe’s .txt, fastText’s .vec), unpacked; binary files are not read'
  return invalid(
    path,
    line,
    'lines of a word and its numbers',
    `more than ${mostLineBytes} bytes without an end`,
    remedy,
  )
}

function invalid(
  path: string,
  line: number,
  expected: string,
  found: string,
  remedy = 'Give GloVe’s .txt or fastText’s .vec as it was published, unpacked; binary files are not read',
): HeschlError {
  return new HeschlError('FORMAT_INVALID', 'These are not word vectors', {
    where: { file: path, line },
    expected,
    found,
    remedy,
  })
}
