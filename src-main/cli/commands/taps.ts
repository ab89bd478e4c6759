/** `extract --list-taps`: what an ONNX model computes on the way, for `--taps` and a study's `taps`. */
import { basename, resolve } from 'node:path'
import { checkFiles, runArrays } from '../arrayJob.ts'
import { counted, formatTable } from '../format.ts'
import type { Output } from '../output.ts'

interface Value {
  readonly name: string
  readonly type: string | null
  readonly shape: readonly (number | string)[] | null
}

interface Report {
  readonly inputs: readonly Value[]
  readonly outputs: readonly string[]
  readonly values: readonly (Value & { readonly op: string })[]
}

export async function listTaps({ model }: { readonly model: string }, output: Output): Promise<number> {
  const onnx = resolve(model)
  checkFiles([onnx], [])
  const step = { label: `Values of ${basename(onnx)}`, task: { kind: 'taps', onnx } as const }
  const [report] = await runArrays({ label: 'Taps', out: onnx, steps: [step] }, output)
  const { inputs, outputs, values } = report as unknown as Report
  output.document({ onnx, inputs, outputs, values })
  const rows = values.map(({ name, op, type, shape }) => [name, op, type ?? '?', written(shape)])
  const columns = ['Value', 'Operator', 'Type', 'Shape'].map((title) => ({ title, align: 'left' as const }))
  output.say(
    `${formatTable(columns, rows)}\n${inputs.map(({ name, type, shape }) => `Input ${name}: ${type ?? '?'} ${written(shape)}`).join('\n')}` +
      `\n${counted(values.length, 'value')} of ${onnx}`,
  )
  return 0
}

const written = (shape: Value['shape']) => (shape === null ? '?' : `[${shape.join(', ')}]`)
