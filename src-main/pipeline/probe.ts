import { describeModel } from '../activations/index.ts'
import { readTokens } from '../stimuli/index.ts'
import type { FileProbe } from '../study/check.ts'
import type { Study } from '../study/schema.ts'
import type { Facts } from './facts.ts'

/** Answers the questions of the study's check from what the files say, each read once. */
export function fileProbe(study: Study, facts: Facts): FileProbe {
  return {
    async audioInfo(path) {
      const { rate, seconds } = await facts.audio(path)
      return { sampleRate: rate, seconds }
    },
    async transcript(path, kind) {
      await readTokens(path, kind)
    },
    responseShape: (path) => facts.responseShape(path),
    async surfaceVertices() {
      const { name, left, right } = await facts.surface(study)
      return { name, left: left.sulc.length, right: right.sulc.length }
    },
    async describeModel(source) {
      const { layers } = await describeModel(source)
      return { layers: layers.map(({ name }) => name) }
    },
  }
}
