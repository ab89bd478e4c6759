import { readFile, stat } from 'node:fs/promises'
import type { Problem } from '../contract/study.ts'
import { HeschlError } from '../errors.ts'
import { checkMeaning } from './meaning.ts'
import { findingsOf } from './messages.ts'
import type { Finding } from './finding.ts'
import { studySchema } from './schema.ts'
import type { Study } from './schema.ts'
import { pathText } from './words.ts'
import type { Locate } from './yaml.ts'
import { yamlOf } from './yamlMemory.ts'
import type { YamlMemory } from './yamlMemory.ts'

export interface ParsedStudy {
  /** null when a problem is an error. */
  readonly study: Study | null
  /** All of them, in the order of the file. */
  readonly problems: readonly Problem[]
  /** For problems found later: where a key path stands. */
  readonly locate: Locate
}

/** A study of hundreds of subjects stays below 1 MB. */
const maxBytes = 5 * 1024 * 1024
const maxProblems = 200
/** Looked at: what is wrong in thousands of places is shown in the first of them. */
const maxIssues = 1000

/**
 * @param memory of what its text was read as before
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE; FORMAT_INVALID when the file is too large to be a study
 */
export async function readStudy(file: string, memory?: YamlMemory): Promise<ParsedStudy> {
  try {
    const { size } = await stat(file)
    if (size > maxBytes) {
      throw new HeschlError('FORMAT_INVALID', 'This is not a study file', {
        where: { file },
        expected: `at most ${maxBytes} bytes of YAML`,
        found: `${size} bytes`,
        remedy: 'Give the study.yaml itself',
      })
    }
    return parseStudy(await readFile(file, 'utf8'), memory)
  } catch (error) {
    throw HeschlError.from(error, { file })
  }
}

/** @param text the study file's YAML; whatever it is, its faults come back as problems */
export function parseStudy(text: string, memory?: YamlMemory): ParsedStudy {
  const { value, locate, problems } = yamlOf(text, memory)
  if (value === undefined) return { study: null, problems, locate }
  const checked = studySchema.safeParse(value)
  const issues = checked.success ? [] : checked.error.issues.slice(0, maxIssues)
  const findings = issues.flatMap((issue) => findingsOf(issue, value, studySchema))
  // What seems unused may be named by a key that is misspelt: warnings wait until the file has its shape.
  const meaning = checkMeaning(value).filter(({ severity }) => severity === 'error' || checked.success)
  const all = [...problems, ...[...withoutConsequences(findings), ...meaning].map((each) => toProblem(each, locate))]
  const valid = checked.success && all.every((problem) => problem.severity === 'warning')
  return { study: valid ? checked.data : null, problems: shortened(inFileOrder(all)), locate }
}

/** The error for whoever needs a valid study: its message names the first problem, its details all. */
export function studyInvalid(file: string, problems: readonly Problem[]): HeschlError {
  const errors = problems.filter((problem) => problem.severity === 'error')
  const [first] = errors
  const others = errors.length > 1 ? ` (and ${errors.length - 1} more: \`heschl validate\` names them all)` : ''
  return new HeschlError('STUDY_INVALID', `${first?.message ?? 'The study file has problems'}${others}`, {
    where: {
      file,
      ...(first?.line == null ? {} : { line: first.line }),
      ...(first?.column == null ? {} : { column: first.column }),
    },
    ...(first?.remedy == null ? {} : { remedy: first.remedy }),
    details: { problems },
  })
}

/** A finding with its line and column. */
export function toProblem({ severity, message, path, part, remedy }: Finding, locate: Locate): Problem {
  return { severity, message, ...locate(path, part), path: pathText(path), remedy }
}

/** Without "`recordings` is missing" where `recording` was told to be a misspelling of it. */
function withoutConsequences(findings: readonly Finding[]): readonly Finding[] {
  const meant = new Set(findings.flatMap((finding) => (finding.meant ? [pathText(finding.meant)] : [])))
  return findings.filter((finding) => !(finding.missing && meant.has(pathText(finding.path))))
}

function inFileOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0))
}

function shortened(problems: readonly Problem[]): readonly Problem[] {
  if (problems.length <= maxProblems) return problems
  const message = `${problems.length - maxProblems} more problems are not listed`
  const rest: Problem = { severity: 'error', message, line: null, column: null, path: '', remedy: null }
  return [...problems.slice(0, maxProblems), rest]
}
