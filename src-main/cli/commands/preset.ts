/** `preset`: encoding models of published work, as options, as part of a study file, as a methods paragraph. */
import type { PresetName, Variant } from '../../study/encodingSchema.ts'
import { presetNames } from '../../study/encodingSchema.ts'
import { encodingYaml, optionsOf } from '../../study/encodingText.ts'
import { methodsOf } from '../../study/methods.ts'
import { presetEncoding, presetInfo } from '../../study/presets.ts'
import { presetSources } from '../../study/presetSources.ts'
import { references } from '../../study/references.ts'
import { formatTable } from '../format.ts'
import { version } from '../installation.ts'
import type { Output } from '../output.ts'
import { methodsText } from '../tables.ts'

export interface PresetOptions {
  readonly variant: Variant
  readonly yaml?: true
  readonly methods?: true
}

export function preset(name: PresetName | undefined, options: PresetOptions, output: Output): number {
  if (name === undefined) {
    const presets = presetNames.map((each) => ({ name: each, ...described(each) }))
    output.document({ presets })
    output.say(
      formatTable(
        columns('Preset', 'What it is', 'After'),
        presets.map(({ name, title, cited }) => [name, title, cited.join('; ')]),
      ),
    )
    return 0
  }
  const { variant } = options
  const encoding = presetEncoding(name, variant)
  const sources = presetSources(name, variant)
  const yaml = encodingYaml(encoding, { preset: name, variant })
  const methods = methodsOf({ encoding, preset: name, variant, version: version() })
  const rows = optionsOf(encoding).map(([option, value]) => ({ option, value, source: sources[option] }))
  output.document({ name, variant, ...described(name), options: rows, encoding, yaml, methods })
  if (options.yaml === true) output.say(yaml.trimEnd())
  if (options.methods === true) output.say(methodsText(methods))
  if (options.yaml !== true && options.methods !== true) {
    output.say(
      formatTable(
        columns('Option', 'Value', 'From'),
        rows.map(({ option, value, source }) => [option, value, source]),
      ),
    )
  }
  return 0
}

const columns = (...titles: readonly string[]) => titles.map((title) => ({ title, align: 'left' }) as const)

const described = (name: PresetName) => {
  const { title, sources } = presetInfo[name]
  return { title, cited: sources.map((key) => references[key].cited) }
}
