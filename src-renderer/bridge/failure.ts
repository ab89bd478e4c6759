import type { SerializedError } from '../../src-main/errors.ts'

/** What a rejected call throws: the host's own words, never a stack trace. */
export class Failure extends Error {
  override readonly name = 'Failure'
  readonly error: SerializedError

  constructor(error: SerializedError) {
    super(error.summary)
    this.error = error
  }
}

export const connectionLost = () =>
  new Failure({
    code: 'ENGINE_LOST',
    summary: 'The connection to Heschl was lost',
    message: 'The connection to Heschl was lost',
    remedy: 'Wait for it to come back; what was finished is stored',
  })

/** Any thrown value as what the host said, or as an internal error with its message. */
export function describeFailure(thrown: unknown): SerializedError {
  if (thrown instanceof Failure) return thrown.error
  if (isSerialized(thrown)) return thrown
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return { code: 'INTERNAL', summary: `Something went wrong in the window: ${message}`, message }
}

function isSerialized(thrown: unknown): thrown is SerializedError {
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    'code' in thrown &&
    typeof thrown.code === 'string' &&
    'summary' in thrown &&
    typeof thrown.summary === 'string'
  )
}
