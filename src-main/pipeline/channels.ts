/** Which columns of a subject's recordings of electrodes are analysed. */
import { HeschlError } from '../errors.ts'
import type { Channel } from '../formats/channels.ts'
import type { Recording } from '../study/schema.ts'

export interface ChannelChoice {
  /** Of the electrodes that are analysed, in the order of the first recording's channels. */
  readonly names: readonly string[]
  /** Of each recording: its columns, in the order of `names`. */
  readonly columns: readonly (readonly number[])[]
}

/** Types that BIDS has for electrodes in or on the brain. */
const recorded: ReadonlySet<string> = new Set(['', 'N/A', 'ECOG', 'SEEG', 'DBS', 'EEG'])

/** Why a channel is not analysed; undefined for one that is. */
function whyNot({ name, type, bad }: Channel, electrodes: ReadonlySet<string>): string | undefined {
  if (bad) return 'bad'
  if (!recorded.has(type)) return `of type ${type}`
  return electrodes.has(name) ? undefined : 'no electrode of that name'
}

interface Tables {
  electrodes(file: string): Promise<readonly string[]>
  channels(file: string): Promise<readonly Channel[]>
}

/**
 * Channels that are good in all of a subject's recordings and electrodes of the table, so that a target is the same
 * electrode in every run.
 * @returns undefined where the recordings name no table of channels: the electrodes' table is in the order of the columns
 * @throws HeschlError as the tables; FORMAT_INVALID where no channel is left
 */
export async function chooseChannels(
  recordings: readonly Pick<Recording, 'channels' | 'electrodes'>[],
  tables: Tables,
): Promise<ChannelChoice | undefined> {
  const [{ channels: first, electrodes: table }] = recordings
  if (first === undefined || table === undefined) return undefined
  const electrodes = new Set(await tables.electrodes(table))
  const runs = await Promise.all(recordings.map(({ channels = first }) => tables.channels(channels)))
  const usable = runs.map((run) => new Map(run.map((channel, column) => [channel.name, { channel, column }])))
  const isGood = (name: string) =>
    usable.every((run) => {
      const found = run.get(name)
      return found !== undefined && whyNot(found.channel, electrodes) === undefined
    })
  const names = runs[0].map(({ name }) => name).filter(isGood)
  if (names.length > 0) return { names, columns: usable.map((run) => names.map((name) => run.get(name)!.column)) }
  throw new HeschlError('FORMAT_INVALID', 'No channel of these recordings can be analysed', {
    where: { file: first },
    expected: 'a channel that is good in every run, of type ECOG or SEEG, and an electrode of the table',
    found: runs[0]
      .slice(0, 5)
      .map((channel) => `${channel.name}: ${whyNot(channel, electrodes) ?? 'not good in every run'}`)
      .join('; '),
    remedy: 'Correct `status` and the names, or leave `channels` out: then every column has its row in `electrodes`',
  })
}
