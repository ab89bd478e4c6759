/** What zod says about a study file, in people's words. */
import type { z } from 'zod'
import type { Finding } from './finding.ts'
import { similar } from './similar.ts'
import { listed, pathText, shown } from './words.ts'
import type { KeyPath } from './words.ts'

type Issue = z.core.$ZodIssue

/** Of one map: a file with more of them is something else than a study. */
const maxUnknownKeys = 50

/** What each key, or key path, holds; `expected` in "`tr` must be a number of seconds". */
const nouns: Readonly<Record<string, string>> = {
  id: 'a short name of letters, digits, "_", "-", "." and "+", beginning with a letter or a digit',
  name: 'a name of 1 to 200 characters',
  audio: 'a path',
  words: 'a path',
  phones: 'a path',
  left: 'a path',
  right: 'a path',
  folded: 'a path',
  inflated: 'a path',
  sulc: 'a path',
  white: 'a path',
  sphere: 'a path',
  mask: 'the path of a NIfTI mask',
  labels: 'a path',
  checkpoint: 'a path',
  tokenizer: 'a path',
  planted: 'a path',
  vectors: 'a path',
  onnx: 'a path',
  clipped: '`accept`',
  taps: 'a list of names or patterns of values, or a map of layer names to them',
  input: '`normalize:`, which is `true` or `false`, and `name:` and `rank:` where they are needed',
  normalize: '`true` or `false`',
  rank: '1, 2 or 3',
  hop: 'a number of seconds, above 0 and at most 10',
  surface: 'a path, `schematic`, or `left:` and `right:` with a file each for `folded:`',
  parcellation: 'a path, or `left:` and `right:` paths, or of voxels `volume:` and `names:`',
  volumes: '`mask:` with a NIfTI mask, or `sample:` with how volumes are sampled on the surface',
  resample: '`from:` with the surface that recordings are of, and `method:`',
  'resample.from': 'a template’s name or folder, or `left:` and `right:` spheres',
  radius: 'a number of millimetres, above 0 and at most 50',
  points: 'a whole number from 1 to 100',
  depths: 'a list of 1 to 100 numbers from -5 to 5',
  data: 'a path, or `left:` and `right:` paths',
  compute: '`provider:` and its name',
  provider: '`auto`, `cuda`, `webgpu`, `dml`, `coreml` or `cpu`',
  tr: 'a number of seconds, above 0 and at most 60',
  rate: 'a number of samples a second (Hz), from 1 to 10000',
  electrodes: 'the path of an electrodes.tsv file',
  start: 'a number of seconds, from -3600 to 3600',
  window: 'a number of seconds, above 0 and at most 600',
  stride: 'a number of seconds, above 0 and at most 600',
  hours: 'a number of hours, 0 or more',
  steps: 'a number of training steps, 0 or more',
  at: 'a number of steps or hours, 0 or more',
  series: '`axis:`, which is `steps` or `hours`, and `checkpoints:`, a list of `{at, checkpoint}`',
  checkpoints: 'a list of 1 to 1000 `{at, checkpoint}`',
  seed: 'a whole number from 0 to 4294967295',
  seeds: 'a list of 1 to 100 whole numbers, or how many of them there are',
  layers: '`all`, `lpp`, or a list of layer names',
  simulated: '`true` or `false`',
  oversampling: 'a whole number from 1 to 100',
  hrf: 'the name of a response, `none`, `{fir: [1, 2, 3, 4]}` (TRs) or `{lags: {from: 0, to: 0.39}}` (seconds)',
  fir: 'a list of 1 to 100 delays in TRs, whole numbers from 0 to 100',
  highPass: 'a frequency in Hz, above 0 and at most 10, or `none`',
  standardizeY: '`per-run`, `training-fold`, `none`, or `{robust: [1, 99]}` (per cent)',
  robust: 'two percentiles, above 0 and below 100',
  pcaX: '`none`, or a number of components from 1 to 100000',
  pcaY: '`none`, or a number of components from 1 to 100000',
  folds: 'a whole number from 2 to 100, `runs`, or `splits:` with the stimuli that each fold holds out',
  gap: 'a whole number of volumes from 0 to 10000, or `{seconds: 10}`',
  chance: '`zero`, or `{shifts: 1}` with 1 to 100 shifts in time, and perhaps a `seed`',
  splits: 'a list of lists of stimulus ids, a list a fold',
  selection: '`leave-one-out`, `runs`, or `{kfold: 5}` with 2 to 100 inner folds',
  score: '`measure:`, which is `r`, `r-squared` or `r2`, and `over:`, which is `folds` or `concatenated`',
  'encoding.solver': '`ridge`: spaces that are weighed apart are named in `sets:`',
  alphas: '`{from, to, count}`: powers of ten, evenly spaced',
  from: 'a power of ten, as a number',
  to: 'a power of ten, as a number',
  count: 'a whole number from 1 to 200',
  'surface.left': 'a map with a path for `folded:`',
  'surface.right': 'a map with a path for `folded:`',
  of: 'a list of 2 to 20 spaces, and layers of models as `w2v-en/transf6`',
  partition: '`true` or `false`',
  iterations: 'a whole number from 1 to 65535',
  contrast: 'a list of two ids of models or spaces',
}

/**
 * @param value the whole file's value: it tells what stood where the issue is
 * @returns one finding an issue; several for a map with several unknown keys
 */
export function findingsOf(issue: Issue, value: unknown, schema: z.core.$ZodType): readonly Finding[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)))
  const found = valueAt(value, path)
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path).filter((key) => valueAt(found, [key]) === undefined)
    return issue.keys.slice(0, maxUnknownKeys).map((key) => unknownKey(key, path, known, keysAt(schema, path)))
  }
  if (issue.code === 'invalid_union') {
    const inner = unionBranch(issue.errors, found)
    if (inner) return inner.flatMap((each) => findingsOf(below(each, issue.path), value, schema))
  }
  return [wrongValue(issue, path, found)]
}

function below(issue: Issue, path: readonly PropertyKey[]): Issue {
  return { ...issue, path: [...path, ...issue.path] }
}

/** The branch that was meant: the one that takes what was found for what it is, if just one does. */
function unionBranch(branches: readonly Issue[][], found: unknown): readonly Issue[] | undefined {
  if (typeof found !== 'object' || found === null) return undefined
  const fitting = branches.filter((issues) => issues.every((issue) => issue.path.length > 0 || !isTypeIssue(issue)))
  return fitting.length === 1 ? fitting[0] : undefined
}

function isTypeIssue(issue: Issue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_value'
}

/** @param free the keys there that the file does not have yet */
function unknownKey(key: string, path: KeyPath, free: readonly string[], known: readonly string[]): Finding {
  const meant = similar(key, free)
  const place = path.length === 0 ? 'a study file' : `\`${pathText(path)}\``
  const message = `\`${key.slice(0, 100)}\` is not a key of ${place}`
  const finding = { severity: 'error', path: [...path, key], part: 'key' } as const
  if (meant === undefined) {
    return { ...finding, message, remedy: `The keys there are ${listed(known.map((each) => `\`${each}\``))}` }
  }
  return { ...finding, message: `${message}; did you mean \`${meant}\`?`, remedy: null, meant: [...path, meant] }
}

function wrongValue(issue: Issue, path: KeyPath, found: unknown): Finding {
  const key = path.findLast((step) => typeof step === 'string') ?? ''
  const name = path.length === 0 ? 'A study file' : `\`${pathText(path)}\``
  const finding = { severity: 'error', path, part: 'value' } as const
  if (path.length === 1 && key === 'heschl') {
    if (found === undefined)
      return { ...finding, message: '`heschl: 1` is missing', remedy: 'Make it the first line', missing: true }
    const remedy = typeof found === 'number' && found > 1 ? 'It was made for a newer Heschl: install that' : null
    return { ...finding, message: `\`heschl\` must be 1, the version of the file, found ${shown(found)}`, remedy }
  }
  const expected = nouns[pathText(path)] ?? expectation(issue, key, typeof path.at(-1) === 'number')
  if (found === undefined && path.length > 0) {
    return { ...finding, message: `${name} is missing: it must be ${expected}`, remedy: null, missing: true }
  }
  const meant = typeof found === 'string' && issue.code === 'invalid_value' ? similar(found, texts(issue.values)) : null
  const question = meant ? `; did you mean \`${meant}\`?` : ''
  const message = `${name} must be ${expected}, found ${shown(found)}${question}`
  return { ...finding, message, remedy: quoting(issue, found) }
}

/** An id such as `007` is a number to YAML. */
function quoting(issue: Issue, found: unknown): string | null {
  const scalar = typeof found === 'number' || typeof found === 'boolean'
  return scalar && issue.code === 'invalid_type' && issue.expected === 'string' ? 'Put it in quotes' : null
}

function texts(values: readonly unknown[]): string[] {
  return values.filter((value) => typeof value === 'string')
}

function expectation(issue: Issue, key: string, inList: boolean): string {
  if (!inList && Object.hasOwn(nouns, key)) return nouns[key]
  switch (issue.code) {
    case 'invalid_value':
      return listed(
        issue.values.map((value) => `\`${String(value)}\``),
        'or',
      )
    case 'invalid_type':
      return typeNouns[issue.expected] ?? `a ${issue.expected}`
    case 'too_small':
      if (issue.origin === 'string') return 'a text that is not empty'
      return issue.origin === 'array' ? `a list of at least ${issue.minimum}` : `at least ${issue.minimum}`
    case 'too_big':
      if (issue.origin === 'string') return `a text of at most ${issue.maximum} characters`
      return issue.origin === 'array' ? `a list of ${issue.maximum}` : `at most ${issue.maximum}`
    default:
      return issue.message
  }
}

const typeNouns: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: '`true` or `false`',
  array: 'a list (lines that begin with "- ")',
  tuple: 'a list',
  object: 'a map (`key: value` lines)',
}

function valueAt(value: unknown, path: KeyPath): unknown {
  let at = value
  for (const step of path) {
    if (typeof at !== 'object' || at === null) return undefined
    at = (at as Record<string | number, unknown>)[step]
  }
  return at
}

/** The keys a map may have at `path`, from the schema itself. */
function keysAt(schema: z.core.$ZodType, path: KeyPath): readonly string[] {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'object': {
      const [step, ...rest] = path
      if (step === undefined) return Object.keys(def.shape)
      return Object.hasOwn(def.shape, step) ? keysAt(def.shape[step], rest) : []
    }
    case 'array':
      return path.length === 0 ? [] : keysAt(def.element, path.slice(1))
    case 'optional':
    case 'default':
      return keysAt(def.innerType, path)
    case 'union':
      return [...new Set(def.options.flatMap((option) => keysAt(option, path)))]
    default:
      return []
  }
}
