/**
 * A process of its own for webgpu.test.ts, since a process finds SwiftShader by variables it starts with: opens the
 * checkpoints that its arguments name on the CPU and on WebGPU, and prints the largest difference of each layer.
 */
import { describeModel, layersNamed, openModel } from '../../../src-main/activations/index.ts'
import type { Provider } from '../../../src-main/activations/providers.ts'
import { folderOf, largestDifference, longAudio } from './reference.ts'

/** 1.5 s: 74 frames of the published strides, more than the 64 at which attention's kernels change. */
const audio = await longAudio(24_000)

const report: Record<string, { layers: Record<string, number>; differenceFromCpu: number | undefined }> = {}
for (const name of process.argv.slice(2)) {
  const source = { checkpoint: folderOf(name) }
  const layers = layersNamed(await describeModel(source), 'all')
  const compute = async (provider: Provider) => {
    const model = await openModel(source, { layers, threads: 1, provider })
    const activations = await model.run(audio)
    await model.close()
    return { activations, differenceFromCpu: model.differenceFromCpu() }
  }
  const expected = (await compute('cpu')).activations
  const { activations, differenceFromCpu } = await compute('webgpu')
  const differences = [...expected].map(([layer, { data }]) => {
    return [layer, largestDifference(activations.get(layer)!.data, data)] as const
  })
  report[name] = { layers: Object.fromEntries(differences), differenceFromCpu }
}
process.stdout.write(JSON.stringify(report))
