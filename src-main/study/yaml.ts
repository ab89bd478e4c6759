/**
 * YAML text as plain values that remember where they stood. Written for files from anywhere: aliases share their
 * value instead of copying it, what they would expand to is counted, and no tag builds anything but plain data.
 */
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml'
import type { Node, Pair, YAMLError, YAMLMap, YAMLSeq } from 'yaml'
import type { Problem } from '../contract/study.ts'
import { pathText } from './words.ts'
import type { KeyPath } from './words.ts'

interface Position {
  /** From 1. */
  readonly line: number
  readonly column: number
}

/** Finds a key path in the file: the key itself, or its value; the nearest thing above it where it does not exist. */
export type Locate = (path: KeyPath, part?: 'key' | 'value') => Position

export interface ParsedYaml {
  /** Objects without prototype, arrays, strings, numbers, booleans, null; undefined after a syntax error. */
  readonly value: unknown
  readonly locate: Locate
  readonly problems: readonly Problem[]
}

/** Of values, with every alias expanded: far above a study of thousands of recordings. */
const maxValues = 500_000
const maxDepth = 64
const maxSyntaxProblems = 20
const maxProblems = 1000

export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter()
  // Unique keys are looked at below: the library compares every pair of a map's keys.
  const document = documentOf(text, lines)
  if (document === null) {
    const [message, remedy] = syntaxWords.RESOURCE_EXHAUSTION!
    const problem: Problem = { severity: 'error', message, line: 1, column: 1, path: '', remedy }
    return { value: undefined, locate: () => ({ line: 1, column: 1 }), problems: [problem] }
  }
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  if (document.errors.length > 0) {
    const problems = document.errors.slice(0, maxSyntaxProblems).map((error) => syntaxProblem(error, position))
    return { value: undefined, locate: () => ({ line: 1, column: 1 }), problems }
  }
  const reader = new Reader(position)
  const value = document.contents === null ? null : reader.read(document.contents, [], 0)
  return { value, locate: (path, part) => reader.locate(value, path, part ?? 'value'), problems: reader.problems }
}

/** null where it is nested so deeply that the library's own parser runs out of stack. */
function documentOf(text: string, lineCounter: LineCounter) {
  try {
    return parseDocument(text, { prettyErrors: false, uniqueKeys: false, lineCounter })
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

class Reader {
  readonly problems: Problem[] = []
  private readonly position: (offset: number) => Position
  /** Where a map or a list stood; one object may be reached over several paths, through aliases. */
  private readonly nodes = new Map<object, YAMLMap | YAMLSeq>()
  private readonly anchors = new Map<string, { value: unknown; size: number }>()
  private count = 0
  private tooLarge = false

  constructor(position: (offset: number) => Position) {
    this.position = position
  }

  read(node: Node, path: KeyPath, depth: number): unknown {
    const before = this.count
    this.count++
    if (depth > maxDepth) {
      this.problem(node, path, `This is nested more than ${maxDepth} levels deep`, null)
      return null
    }
    if (isAlias(node)) return this.alias(node.source, node, path)
    if (node.tag !== undefined && !/^tag:yaml\.org,2002:(str|int|float|bool|null|map|seq)$/.test(node.tag)) {
      this.problem(
        node,
        path,
        `Here stands the tag \`${node.tag.slice(0, 100)}\``,
        'Remove it: a study file is plain YAML',
      )
    }
    const value = this.plain(node, path, depth)
    if (node.anchor !== undefined) this.anchors.set(node.anchor, { value, size: this.count - before })
    return value
  }

  private plain(node: Node, path: KeyPath, depth: number): unknown {
    if (isScalar(node)) return typeof node.value === 'bigint' ? Number(node.value) : node.value
    if (isSeq(node)) {
      const list: unknown[] = []
      this.nodes.set(list, node)
      for (const item of node.items) list.push(this.read(item as Node, [...path, list.length], depth + 1))
      return list
    }
    if (!isMap(node)) return null
    const map = Object.create(null) as Record<string, unknown>
    this.nodes.set(map, node)
    const firsts = new Map<string, number>()
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const key = keyText(pair)
      if (key === undefined) {
        this.problem(pair.key, path, `A key of ${subject(path)} is not a word`, 'Write keys as plain words')
      } else if (key in map) {
        const first = this.position(firsts.get(key) ?? 0).line
        const message = `${subject([...path, key])} is given twice: line ${first} has it already`
        this.problem(pair.key, [...path, key], message, 'Remove one of the two')
      } else {
        firsts.set(key, pair.key.range?.[0] ?? 0)
        map[key] = pair.value === null ? null : this.read(pair.value, [...path, key], depth + 1)
      }
    }
    return map
  }

  private alias(name: string, node: Node, path: KeyPath): unknown {
    const anchor = this.anchors.get(name)
    if (anchor === undefined) {
      this.problem(node, path, `\`*${name}\` stands before or inside the \`&${name}\` it repeats`, null)
      return null
    }
    if (this.count + anchor.size > maxValues) {
      if (!this.tooLarge) this.problem(node, path, `Aliases expand this file to over ${maxValues} values`, null)
      this.tooLarge = true
      return null
    }
    this.count += anchor.size
    return anchor.value
  }

  private problem(node: Node, path: KeyPath, message: string, remedy: string | null): void {
    if (this.problems.length >= maxProblems) return
    const place = this.position(node.range?.[0] ?? 0)
    this.problems.push({ severity: 'error', message, ...place, path: pathText(path), remedy })
  }

  locate(root: unknown, path: KeyPath, part: 'key' | 'value'): Position {
    let value = root
    let offset = this.nodeOf(root)?.range?.[0] ?? 0
    for (const [depth, step] of path.entries()) {
      const container = this.nodeOf(value)
      let child: Node | null | undefined
      if (isSeq(container)) {
        child = container.items[Number(step)] as Node | undefined
      } else if (isMap(container)) {
        const pair = (container.items as Pair<Node, Node | null>[]).find((each) => keyText(each) === String(step))
        if (pair === undefined) break
        offset = pair.key.range?.[0] ?? offset
        child = part === 'key' && depth === path.length - 1 ? null : pair.value
      }
      if (!child) break
      offset = child.range?.[0] ?? offset
      value = (value as Record<string | number, unknown>)[step]
    }
    return this.position(offset)
  }

  private nodeOf(value: unknown): YAMLMap | YAMLSeq | undefined {
    return typeof value === 'object' && value !== null ? this.nodes.get(value) : undefined
  }
}

function subject(path: KeyPath): string {
  return path.length === 0 ? 'the file' : `\`${pathText(path)}\``
}

/** @returns undefined for a key that is not a word or a number */
function keyText(pair: Pair<Node, Node | null>): string | undefined {
  const key = isScalar(pair.key) ? pair.key.value : undefined
  return typeof key === 'string' || typeof key === 'number' || typeof key === 'boolean' ? String(key) : undefined
}

function syntaxProblem(error: YAMLError, position: (offset: number) => Position): Problem {
  const [message, remedy] = syntaxWords[error.code] ?? [`This is not YAML: ${error.message}`, null]
  return { severity: 'error', message, ...position(error.pos[0]), path: '', remedy }
}

/** The library's commonest complaints in the words of someone who has never read the YAML specification. */
const syntaxWords: { readonly [code in YAMLError['code']]?: readonly [message: string, remedy: string] } = {
  TAB_AS_INDENT: ['A tab stands where the line is indented', 'Indent with spaces: YAML does not allow tabs there'],
  BAD_INDENT: ['This line is not indented like its neighbours', 'Give keys of one level the same number of spaces'],
  BLOCK_AS_IMPLICIT_KEY: ['Two keys stand on one line', 'Put text that holds ": " in quotes, or start a new line'],
  MULTIPLE_DOCS: ['A second document starts here (`---`)', 'Keep one study to a file'],
  RESOURCE_EXHAUSTION: ['The file is nested too deeply to be a study', 'Look for brackets that are never closed'],
}
