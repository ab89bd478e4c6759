/** Where a window's time goes: ONNX Runtime's own profile, by part of the network. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { resolveNetwork } from '../../../src-main/activations/networks.ts'
import { createSession } from '../../../src-main/activations/session.ts'
import { framesIn } from '../../../src-main/activations/window.ts'
import type { LayerInfo, ModelSource } from '../../../src-main/activations/types.ts'

export interface Parts {
  /** Seconds of each part in the fastest window, in the order of computation. */
  readonly parts: Readonly<Record<string, number>>
  /** Floating-point operations of its products and convolutions. */
  readonly flops: number
}

/** A node's time, or a whole run's, as ONNX Runtime's profile has them; microseconds. */
interface Event {
  readonly name: string
  readonly ts: number
  readonly dur: number
  readonly args: {
    readonly op_name?: string
    readonly input_type_shape?: readonly Readonly<Record<string, readonly number[]>>[]
    readonly output_type_shape?: readonly Readonly<Record<string, readonly number[]>>[]
  }
}

interface NodeRun {
  readonly op: string
  readonly seconds: number
  readonly inputs: readonly (readonly number[])[]
  readonly output: readonly number[]
}

/** Every layer out; the profile itself slows the run a little. */
export async function timeParts(
  source: ModelSource,
  threads: number,
  samples: Float32Array,
  repeats: number,
): Promise<Parts> {
  const network = await resolveNetwork(source)
  const { layers } = network.description
  const names = layers.map(({ name }) => name)
  const scratch = mkdtempSync(join(tmpdir(), 'heschl-profile-'))
  try {
    const profile = join(scratch, 'profile')
    const session = await createSession(network.emit(names), { threads, profile })
    for (let i = 0; i <= repeats; i++) await session.run(network.inputs(samples), names)
    session.endProfiling()
    await session.release()
    const [file] = readdirSync(scratch)
    const runs = nodesOfFastest(JSON.parse(readFileSync(join(scratch, file), 'utf8')) as readonly Event[])
    return {
      parts: byPart(runs, layers, samples.length),
      flops: runs.reduce((sum, run) => sum + flopsOf(run), 0),
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function nodesOfFastest(events: readonly Event[]): readonly NodeRun[] {
  // The first run warms up.
  const [, ...runs] = events.filter(({ name }) => name === 'model_run').sort((a, b) => a.ts - b.ts)
  const { ts, dur } = runs.reduce((fastest, run) => (run.dur < fastest.dur ? run : fastest))
  const shapes = (list: Event['args']['input_type_shape']) => (list ?? []).map((type) => Object.values(type)[0] ?? [])
  return events
    .filter((event) => event.name.endsWith('_kernel_time') && event.ts >= ts && event.ts < ts + dur)
    .sort((a, b) => a.ts - b.ts)
    .map(({ dur: microseconds, args }) => ({
      op: args.op_name ?? '',
      seconds: microseconds / 1e6,
      inputs: shapes(args.input_type_shape),
      output: shapes(args.output_type_shape)[0] ?? [],
    }))
}

function flopsOf({ op, inputs, output }: NodeRun): number {
  const [x, w] = inputs
  if (op.includes('Conv')) return 2 * sizeOf(output) * sizeOf(w.slice(1))
  if (op.includes('Gemm')) return 2 * sizeOf(output) * x[1]
  // Of a batch of B products [M, K] [K, N]: |x| |w| = B M K · B K N = |out| B K².
  if (op.includes('MatMul'))
    return 2 * sizeOf(output) * Math.sqrt((sizeOf(x) * sizeOf(w)) / (sizeOf(output) * output[0]))
  return 0
}

const sizeOf = (shape: readonly number[]) => shape.reduce((product, size) => product * size, 1)

/** Nodes run in the order of the network; which part one belongs to is known by its place and its shape. */
function byPart(runs: readonly NodeRun[], layers: readonly LayerInfo[], samples: number): Record<string, number> {
  const convolutions = layers.filter(({ name }) => name.startsWith('conv'))
  const frames = convolutions.map((layer) => framesIn(samples, layer))
  const hidden = layers.find(({ name }) => name === 'projection')!.units
  const parts = Object.fromEntries(
    [
      ...convolutions.map(({ name }) => name),
      'layouts',
      'projection, position',
      'attention',
      'feed-forward',
      'norms, sums',
    ].map((name) => [name, 0]),
  )
  let stage: 'convolutions' | 'embedding' | 'blocks' = 'convolutions'
  for (const { op, seconds, inputs, output } of runs) {
    if (op.includes('Gemm')) {
      if (stage === 'blocks' || sizeOf(inputs[1]) === hidden * hidden) stage = 'blocks'
      else stage = 'embedding'
    }
    const conv = frames.findLastIndex((count) => output.includes(count))
    parts[partOf()] += seconds

    function partOf(): string {
      const early = stage === 'convolutions' || (conv !== -1 && conv < frames.length - 1)
      if (/^(Transpose|Reorder|Squeeze|Unsqueeze|Identity)/.test(op) && (early || op === 'Identity')) return 'layouts'
      if (early) return conv === -1 ? 'layouts' : convolutions[conv].name
      if (stage === 'embedding') return 'projection, position'
      if (op.includes('LayerNorm') || (op === 'Add' && output.length === 2)) return 'norms, sums'
      if (op.includes('Gelu')) return 'feed-forward'
      if (op.includes('Gemm')) return Math.max(...inputs[1]) > hidden ? 'feed-forward' : 'attention'
      return 'attention'
    }
  }
  return parts
}
