/** `--provider`, which commands that compute activations have. */
import { Option } from 'commander'
import { providerChoices } from '../study/schema.ts'
import type { ProviderChoice } from '../study/schema.ts'

export interface ProviderOption {
  /** Left out: what the study file says, and the CPU where there is none. */
  readonly provider?: ProviderChoice
}

export const providerOption = () =>
  new Option('--provider <name>', 'what computes activations; see `heschl doctor`').choices(providerChoices)

/** The option as part of a request, which has no provider where none was named. */
export const providerOf = ({ provider }: ProviderOption): ProviderOption => (provider === undefined ? {} : { provider })
