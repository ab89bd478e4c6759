/** Options that have a name and are not computed. `heschl validate` refuses them; this holds for whoever comes another way. */
import { HeschlError } from '../errors.ts'

export function notComputed(option: string, value: unknown): HeschlError {
  return new HeschlError('OPTION_INVALID', `This value of \`${option}\` is not computed yet`, {
    expected: 'another value',
    found: JSON.stringify(value),
    remedy: `Choose another \`${option}\``,
  })
}
