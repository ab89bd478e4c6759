import { describeModel, describeTextModel, passBytes, readsText, windowCost } from '../activations/index.ts'
import { articulationOf } from '../features/articulation.ts'
import { HeschlError } from '../errors.ts'
import { checkVolumeRun, resampledFrom } from './ruledResponses.ts'
import { parseAnswers } from '../behaviour/answers.ts'
import { phoneOf, phonesIn } from '../features/phones.ts'
import { parseDelimited } from '../formats/delimited.ts'
import { readTable } from '../formats/tableFile.ts'
import { vectorUnits } from '../formats/wordVectors.ts'
import type { FileProbe } from '../study/check.ts'
import { resolveEncoding } from '../study/encoding.ts'
import type { Study } from '../study/schema.ts'
import type { Facts } from './facts.ts'
import { mostAnswerBytes } from './listeners.ts'
import { chooseChannels } from './channels.ts'
import { checkMemory } from './memory.ts'
import { ruleWithMask } from './targetRule.ts'
import { onePass, protocolOf, wholeRemedy } from './windowProtocol.ts'

/** Answers the questions of the study's check from what the files say, each read once. */
export function fileProbe(study: Study, facts: Facts): FileProbe {
  return {
    async audioInfo(path) {
      const { rate, seconds } = await facts.audio(path)
      return { sampleRate: rate, seconds }
    },
    async transcript(path, kind) {
      const all = await facts.tokens(path, kind)
      const tokens = kind === 'phones' ? all.filter(({ text }) => phoneOf(text) !== '') : all
      let [firstOnset, lastOnset] = [Infinity, -Infinity]
      for (const { start } of tokens) {
        firstOnset = Math.min(firstOnset, start)
        lastOnset = Math.max(lastOnset, start)
      }
      const phones = kind === 'phones' ? phonesIn(tokens) : []
      const unknownPhones = phones.filter((phone) => articulationOf(phone) === undefined)
      return { tokens: tokens.length, firstOnset, lastOnset, unknownPhones }
    },
    electrodes: (path) => facts.electrodes(path),
    channels: async (path) => (await facts.channels(path)).length,
    keptChannels: async ({ recordings }) => (await chooseChannels(recordings, facts))?.names.length ?? 0,
    responseShape: (path) => facts.responseShape(path),
    async volumeRun(path, mask) {
      const rule = await facts.rule(study)
      if (!rule || rule.kind === 'resampled') throw new HeschlError('INTERNAL', 'No volumes are expected')
      return checkVolumeRun(path, ruleWithMask(rule, mask) as typeof rule)
    },
    async resampled() {
      const rule = await facts.rule(study)
      if (rule?.kind !== 'resampled') throw new HeschlError('INTERNAL', 'No other mesh is expected')
      const [left, right] = [await resampledFrom(rule, 'left'), await resampledFrom(rule, 'right')]
      return { left: left.vertices, right: right.vertices, targets: { left: left.targets, right: right.targets } }
    },
    async surfaceFacts() {
      const { name, left, right, regions } = await facts.surface(study)
      return { name, left: left.sulc.length, right: right.sulc.length, labels: regions.map((region) => region.name) }
    },
    async describeModel(source) {
      const names = (layers: readonly { readonly name: string }[]) => layers.map(({ name }) => name)
      if (readsText(source)) return { layers: names((await describeTextModel(source)).layers), reads: 'words' }
      return { layers: names((await describeModel(source)).layers) }
    },
    async checkWindows(source, layers, seconds) {
      const description = await describeModel(source)
      const samples = Math.round(seconds * description.sampleRate)
      const protocol = protocolOf(resolveEncoding(study.encoding))
      const { longest } = windowCost(samples, description, protocol)
      if (!('whole' in protocol)) return
      // Layers that the model does not have are told on their own.
      const known = description.layers.map(({ name }) => name)
      const named = typeof layers === 'string' ? known : known.filter((name) => layers.includes(name))
      checkMemory(onePass(seconds), await passBytes(source, named, longest), wholeRemedy)
    },
    vectorUnits,
    experiment: async (behaviour) => void (await facts.experiment(behaviour)),
    answers: async (path) => void parseAnswers(await readTable(path, parseDelimited, mostAnswerBytes), path),
  }
}
