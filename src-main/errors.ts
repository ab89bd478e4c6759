/**
 * The one error class of Heschl. Every failure a user can meet is a `HeschlError` with a stable code, so that
 * programs can match on `code` and people read one message that says what was expected, what was found, where, and
 * what to do.
 */

/** Stable codes: a released code never changes its meaning. Add new ones in alphabetical order. */
export const errorCodes = [
  'AUDIO_CLIPPED', // a recording whose peaks were cut off; a study may accept it
  'AUDIO_INVALID', // an audio file that cannot be decoded, or has no usable samples
  'CANCELLED', // the user stopped the job; what was finished is stored
  'CHECKPOINT_INVALID', // config.json or a tensor is missing, of a wrong shape, or lies about its size
  'CONFIG_UNSUPPORTED', // a well-formed checkpoint whose architecture Heschl does not compute
  'DISK_FULL',
  'ENGINE_LOST', // the engine process ended; the host starts another
  'FILE_MISSING',
  'FILE_UNREADABLE', // permissions, a folder where a file was expected, an I/O error
  'FORMAT_INVALID', // bytes that are not what the format says
  'INTERNAL', // a bug in Heschl: anything that is not a HeschlError is reported under this code
  'NUMERICAL', // a computation that cannot give a trustworthy number
  'OPTION_INVALID', // a command-line option or a procedure's argument
  'PICKLE_REFUSED', // .bin, .pt and .ckpt files can run code when they are read
  'PROVIDER_UNAVAILABLE', // a GPU's interface that is not there, fails, or gives other numbers than the CPU
  'SHAPE_MISMATCH', // two inputs that must agree do not: vertices, volumes, units
  'STORE_CORRUPT',
  'STORE_NEWER', // written by a newer Heschl
  'STUDY_INVALID', // the study file has problems; `details.problems` lists all of them
  'STUDY_LOCKED', // another Heschl has the study open
] as const

export type ErrorCode = (typeof errorCodes)[number]

/** Where a problem lies. Only what is known is given. */
export interface ErrorPlace {
  readonly file?: string
  readonly line?: number
  readonly column?: number
  readonly tensor?: string
  readonly subject?: string
  readonly stimulus?: string
  readonly hemisphere?: 'left' | 'right'
  readonly step?: string
}

export interface ErrorParts {
  /** What Heschl needed, as a noun phrase: "20,484 vertices (fsaverage5)". */
  readonly expected?: string
  /** What was there instead: "40,962 values". */
  readonly found?: string
  readonly where?: ErrorPlace
  /** What to do about it, as an instruction. */
  readonly remedy?: string
  readonly details?: Readonly<Record<string, unknown>>
  readonly cause?: unknown
}

/** The form in which an error crosses a process or a network boundary. */
export interface SerializedError {
  readonly code: ErrorCode
  readonly summary: string
  readonly message: string
  readonly expected?: string
  readonly found?: string
  readonly where?: ErrorPlace
  readonly remedy?: string
  readonly details?: Readonly<Record<string, unknown>>
}

export class HeschlError extends Error {
  override readonly name = 'HeschlError'
  readonly code: ErrorCode
  readonly summary: string
  readonly parts: ErrorParts

  /** @param summary one sentence without a full stop: what went wrong, in the user's words */
  constructor(code: ErrorCode, summary: string, parts: ErrorParts = {}) {
    super(describe(summary, parts), parts.cause === undefined ? undefined : { cause: parts.cause })
    this.code = code
    this.summary = summary
    this.parts = parts
  }

  serialize(): SerializedError {
    const { expected, found, where, remedy, details } = this.parts
    return {
      code: this.code,
      summary: this.summary,
      message: this.message,
      ...(expected === undefined ? {} : { expected }),
      ...(found === undefined ? {} : { found }),
      ...(where === undefined ? {} : { where }),
      ...(remedy === undefined ? {} : { remedy }),
      ...(details === undefined ? {} : { details }),
    }
  }

  static deserialize(error: SerializedError): HeschlError {
    const { code, summary, expected, found, where, remedy, details } = error
    return new HeschlError(code, summary, {
      ...(expected === undefined ? {} : { expected }),
      ...(found === undefined ? {} : { found }),
      ...(where === undefined ? {} : { where }),
      ...(remedy === undefined ? {} : { remedy }),
      ...(details === undefined ? {} : { details }),
    })
  }

  /** Any thrown value as a HeschlError; what is not one already is an INTERNAL error, or the file-system's own. */
  static from(thrown: unknown, where?: ErrorPlace): HeschlError {
    if (thrown instanceof HeschlError) return thrown
    const message = thrown instanceof Error ? thrown.message : String(thrown)
    const fileError = fromSystem(thrown, where)
    if (fileError) return fileError
    return new HeschlError('INTERNAL', `Something went wrong inside Heschl: ${message}`, {
      ...(where ? { where } : {}),
      remedy: 'Run `heschl doctor` and report this with its output',
      cause: thrown,
    })
  }
}

/** Maps Node's system errors (ENOENT and so on) to codes; undefined when `thrown` is not one. */
function fromSystem(thrown: unknown, where?: ErrorPlace): HeschlError | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined
  const file = where?.file ?? ('path' in thrown && typeof thrown.path === 'string' ? thrown.path : undefined)
  const place = { ...where, ...(file === undefined ? {} : { file }) }
  switch (thrown.code) {
    case 'ENOENT':
      return new HeschlError('FILE_MISSING', 'A file is missing', {
        where: place,
        remedy: 'Check the path, and that the disk it is on is mounted',
        cause: thrown,
      })
    case 'EACCES':
    case 'EPERM':
    case 'EISDIR':
    case 'ENOTDIR':
    case 'EIO':
    case 'ELOOP':
    case 'ENAMETOOLONG':
      return new HeschlError('FILE_UNREADABLE', `A file cannot be read (${thrown.code})`, {
        where: place,
        remedy: 'Check its permissions, and that it is a file',
        cause: thrown,
      })
    case 'EEXIST':
    case 'EROFS':
      return new HeschlError('FILE_UNREADABLE', `A file cannot be written (${thrown.code})`, {
        where: place,
        remedy: 'Choose a folder that can be written, and no name that a file has',
        cause: thrown,
      })
    case 'EFBIG':
      return new HeschlError('DISK_FULL', 'A file would grow larger than this system lets it', {
        where: place,
        remedy:
          'Raise the limit (ulimit -f), or use a disk with larger files, and run again: what was finished is stored',
        cause: thrown,
      })
    case 'ENOSPC':
    case 'EDQUOT':
    case 'SQLITE_FULL':
      return new HeschlError('DISK_FULL', 'The disk is full', {
        where: place,
        remedy: 'Free some space and run again: what was finished is stored',
        cause: thrown,
      })
    default:
      return undefined
  }
}

function describe(summary: string, { expected, found, where, remedy }: ErrorParts): string {
  const lines = [summary]
  if (where) {
    const place = describePlace(where)
    if (place) lines.push(`  where: ${place}`)
  }
  if (expected) lines.push(`  expected: ${expected}`)
  if (found) lines.push(`  found: ${found}`)
  if (remedy) lines.push(`  what to do: ${remedy}`)
  return lines.join('\n')
}

/** One line for people: `func/s1.npy, subject sub-01, stimulus s1`. */
export function describePlace(where: ErrorPlace): string {
  const position =
    where.line === undefined ? '' : `:${where.line}${where.column === undefined ? '' : `:${where.column}`}`
  const parts: string[] = []
  if (where.file !== undefined) parts.push(where.file + position)
  else if (position) parts.push(`line ${position.slice(1)}`)
  if (where.tensor !== undefined) parts.push(`tensor ${where.tensor}`)
  if (where.subject !== undefined) parts.push(`subject ${where.subject}`)
  if (where.stimulus !== undefined) parts.push(`stimulus ${where.stimulus}`)
  if (where.hemisphere !== undefined) parts.push(`${where.hemisphere} hemisphere`)
  if (where.step !== undefined) parts.push(`step ${where.step}`)
  return parts.join(', ')
}
