/**
 * The one port through which solvers multiply matrices. ONNX Runtime does the work: one session per (element type,
 * transposes), each a single Gemm node.
 */
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { HeschlError } from '../errors.ts'
import { gemmModel } from './gemmModel.ts'
import type { Matrix, Matrix32, Matrix64 } from './matrix.ts'

interface ProductOptions {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
  /** The product is subtracted from what `out` holds. */
  readonly subtract?: boolean
}

interface Options32 extends ProductOptions {
  readonly out?: Matrix32
  /** Added to the product, of its shape; another matrix than `out`. Not together with `subtract`. */
  readonly plus?: Matrix32
}

interface Options64 extends ProductOptions {
  readonly out?: Matrix64
  readonly plus?: Matrix64
}

type AnyOptions = ProductOptions & { readonly out?: Matrix; readonly plus?: Matrix }

/** Floating-point operations, by the type of the numbers; a product of [m, k] and [k, n] takes 2 m k n. */
export interface Operations {
  readonly float32: number
  readonly float64: number
}

export interface Gemm {
  /** Where products are computed; recorded with results. */
  readonly provider: string
  /**
   * op(a) op(b), where op transposes if told to. Both matrices have one element type. The result is written into `out`
   * where it is given, which must have the product's shape and share no memory with `a` or `b`; `subtract` needs it.
   * @throws HeschlError SHAPE_MISMATCH
   */
  multiply(a: Matrix32, b: Matrix32, options?: Options32): Promise<Matrix32>
  multiply(a: Matrix64, b: Matrix64, options?: Options64): Promise<Matrix64>
  multiply(a: Matrix, b: Matrix, options?: AnyOptions): Promise<Matrix>
  /** What has been multiplied so far. */
  operations(): Operations
  /** Frees the sessions; no product may be running. */
  close(): Promise<void>
}

/**
 * @param options.threads threads of one product, 1 where not given. Results are the same from run to run for one
 *   number of threads, and may differ in the last bits between numbers.
 */
export function createGemm(options: { threads?: number } = {}): Promise<Gemm> {
  const sessions = new Map<string, Promise<InferenceSession>>()
  const threads = options.threads ?? 1
  // A small product takes less time than making its tensors: solvers give the same matrices again and again.
  const tensors = new WeakMap<Matrix, Tensor>()
  const done = { float32: 0, float64: 0 }

  function tensor(matrix: Matrix): Tensor {
    let known = tensors.get(matrix)
    if (!known) {
      const type = matrix.data instanceof Float64Array ? 'float64' : 'float32'
      known = new Tensor(type, matrix.data, [matrix.rows, matrix.cols])
      tensors.set(matrix, known)
    }
    return known
  }

  function session(
    float64: boolean,
    { transposeA = false, transposeB = false, subtract = false, plus }: AnyOptions,
  ): Promise<InferenceSession> {
    const third = subtract ? 'less' : plus ? 'plus' : undefined
    const key = `${float64} ${transposeA} ${transposeB} ${third}`
    const known = sessions.get(key)
    if (known) return known
    const model = gemmModel(float64 ? 'float64' : 'float32', transposeA, transposeB, third)
    const created = InferenceSession.create(model, {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      // The one buffer a product needs is the caller's: an arena would only keep a second copy.
      enableCpuMemArena: false,
      enableMemPattern: false,
      // Every session has threads of its own: idle ones must not take the processor from the one that computes.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    })
    sessions.set(key, created)
    return created
  }

  async function multiply(a: Matrix, b: Matrix, options: AnyOptions = {}): Promise<Matrix> {
    const { transposeA = false, transposeB = false, subtract = false, out, plus } = options
    const [rows, inner] = transposeA ? [a.cols, a.rows] : [a.rows, a.cols]
    const [innerB, cols] = transposeB ? [b.cols, b.rows] : [b.rows, b.cols]
    const float64 = a.data instanceof Float64Array
    check(a, 'the left matrix', float64)
    check(b, 'the right matrix', float64)
    if (inner !== innerB) {
      throw new HeschlError('SHAPE_MISMATCH', 'Two matrices cannot be multiplied', {
        expected: `${inner} rows in the right matrix`,
        found: `${innerB} rows`,
      })
    }
    for (const [other, name] of [
      [out, 'The output of a matrix product'],
      [plus, 'What is added to a matrix product'],
    ] as const) {
      if (!other || (other.rows === rows && other.cols === cols)) continue
      throw new HeschlError('SHAPE_MISMATCH', `${name} has another shape`, {
        expected: `${rows} x ${cols}`,
        found: `${other.rows} x ${other.cols}`,
      })
    }
    if (plus) check(plus, 'what is added', float64)
    const data = out?.data ?? (float64 ? new Float64Array(rows * cols) : new Float32Array(rows * cols))
    const result = out ?? ({ data, rows, cols } as Matrix)
    check(result, 'the output', float64)
    if (rows === 0 || cols === 0 || inner === 0) {
      if (plus) data.set(plus.data)
      else if (!subtract) data.fill(0)
      return result
    }
    const runner = await session(float64, options)
    const inputs = { A: tensor(a), B: tensor(b) }
    const third = subtract ? result : plus
    await runner.run(third ? { ...inputs, C: tensor(third) } : inputs, { Y: tensor(result) })
    done[float64 ? 'float64' : 'float32'] += 2 * rows * inner * cols
    return result
  }

  async function close(): Promise<void> {
    const open = [...sessions.values()]
    sessions.clear()
    for (const created of open) await (await created).release()
  }

  if (!Number.isInteger(threads) || threads < 1) {
    return Promise.reject(
      new HeschlError('OPTION_INVALID', 'The number of threads is not a positive whole number', {
        found: String(threads),
      }),
    )
  }
  return Promise.resolve({
    provider: 'ONNX Runtime CPU',
    multiply: multiply as Gemm['multiply'],
    operations: () => ({ ...done }),
    close,
  })
}

function check(matrix: Matrix, name: string, float64: boolean): void {
  if (matrix.data instanceof Float64Array !== float64) {
    throw new HeschlError('SHAPE_MISMATCH', `In a matrix product ${name} has another element type`, {
      expected: float64 ? 'float64' : 'float32',
      found: float64 ? 'float32' : 'float64',
    })
  }
  if (matrix.data.length !== matrix.rows * matrix.cols) {
    throw new HeschlError('SHAPE_MISMATCH', `In a matrix product ${name} has a wrong number of values`, {
      expected: `${matrix.rows} x ${matrix.cols} = ${matrix.rows * matrix.cols}`,
      found: String(matrix.data.length),
    })
  }
}
