/** Values of the command line's options. What is too large or too small is told where it is used, with the reason. */
import { InvalidArgumentError, Option } from 'commander'
import type { ExtractOptions } from './commands/extract.ts'

export function required<T>(flags: string, description: string, parse: (text: string) => T): Option {
  return new Option(flags, description).argParser(parse).makeOptionMandatory()
}

export function seconds(text: string): number {
  if (/^-?(\d+\.?\d*|\.\d+)(e-?\d+)?$/i.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a number of seconds.')
}

export function wholeNumber(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a whole number.')
}

export function truth(text: string): boolean {
  if (text === 'true' || text === 'false') return text === 'true'
  throw new InvalidArgumentError('It is true or false.')
}

/** Some of a list, with commas. */
export function namesOf<Name extends string>(text: string, known: readonly Name[]): readonly Name[] {
  return text.split(',').map((part) => {
    const name = known.find((one) => one === part.trim())
    if (name !== undefined) return name
    throw new InvalidArgumentError(`What there is: ${known.join(', ')}.`)
  })
}

export function layerNames(text: string): 'all' | 'lpp' | readonly string[] {
  if (text === 'all' || text === 'lpp') return text
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '')
}

export function windowOf(text: string): ExtractOptions['window'] {
  if (text === 'none') return { whole: true }
  const [, causal, window, stride] = /^(causal:)?(\d+(?:\.\d+)?)\/(\d+(?:\.\d+)?)$/.exec(text) ?? []
  if (window !== undefined && stride !== undefined) {
    const [first, second] = [Number(window), Number(stride)]
    return causal === undefined
      ? { windowSeconds: first, strideSeconds: second }
      : { contextSeconds: first, stepSeconds: second }
  }
  throw new InvalidArgumentError('It is window/stride in seconds, as 10/5, causal:context/step, or none.')
}
