/** The small files of a checkpoint. */
import { readFileSync, statSync } from 'node:fs'
import { HeschlError } from '../errors.ts'

/** The index of a model in many files has some 100 bytes a tensor, and the largest models have some thousand. */
const largest = 1024 * 1024

/**
 * @param most bytes that the file may have
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, CHECKPOINT_INVALID (too large)
 */
export function readText(file: string, most: number = largest): string {
  try {
    const found = statSync(file)
    if (found.isFile() && found.size <= most) return readFileSync(file, 'utf8')
    throw new HeschlError(
      found.isFile() ? 'CHECKPOINT_INVALID' : 'FILE_UNREADABLE',
      'This is not a JSON file to read',
      {
        expected: `a file of at most ${most} bytes`,
        found: found.isFile() ? `${found.size} bytes` : 'a folder or a device',
        where: { file },
        remedy: 'Copy or download the checkpoint again',
      },
    )
  } catch (thrown) {
    throw HeschlError.from(thrown, { file })
  }
}

/** @throws HeschlError CHECKPOINT_INVALID */
export function parseJsonObject(text: string, file: string): Record<string, unknown> {
  let found = 'another JSON value'
  try {
    const json: unknown = JSON.parse(text)
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>
  } catch (thrown) {
    found = thrown instanceof Error ? thrown.message : String(thrown)
  }
  throw new HeschlError('CHECKPOINT_INVALID', 'A file of the checkpoint is not what it should be', {
    expected: 'a JSON object',
    found,
    where: { file },
    remedy: 'Copy or download the file again',
  })
}

/**
 * A config.json whose values do not make the model that it names.
 * @param model in words, with its article
 * @param issues what zod found
 */
export function notDescribed(
  model: string,
  issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[],
  file: string,
): HeschlError {
  return new HeschlError('CHECKPOINT_INVALID', `config.json does not describe ${model} model`, {
    expected: "values as transformers' config class takes them",
    found: issues.map(({ path, message }) => (path.length ? `${path.join('.')}: ` : '') + message).join('; '),
    where: { file },
    remedy: 'Restore the config.json that belongs to the weights',
  })
}
