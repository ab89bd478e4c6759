/** `--memory`: how much a computation may take. */
import { InvalidArgumentError, Option } from 'commander'

const units = { MB: 1e6, GB: 1e9 } as const
/** Less than this holds no process. */
const leastBytes = 500e6

export const memoryOption = () =>
  new Option(
    '--memory <size>',
    'that all of it may take, as 4GB; half of the machine’s where it is left out. It changes no result',
  ).argParser(bytesOf)

function bytesOf(text: string): number {
  const [, count, unit] = /^(\d{1,6}(?:\.\d{1,3})?)\s?(MB|GB)$/i.exec(text) ?? []
  const bytes = Number(count) * units[(unit?.toUpperCase() ?? 'MB') as keyof typeof units]
  if (bytes >= leastBytes) return bytes
  throw new InvalidArgumentError('It is a number with its unit, as 4GB, and at least 500MB.')
}
