/** What the engine's main thread and its compute thread say to each other. Structured clone; arrays are transferred. */
import type { SerializedError } from '../errors.ts'
import type { NamedArray, StepPart, StepProgress, StepResult } from '../pipeline/context.ts'
import type { Task } from '../pipeline/tasks.ts'

export interface WorkerSetup {
  /** Int32Array[1] over a SharedArrayBuffer: 1 once the present task is to stop. */
  readonly stop: Int32Array
  readonly threads: number
  /** Bytes that recordings may occupy between tasks. */
  readonly responseBytes: number
}

/** A stored array that the compute thread has asked for. */
export interface ArrayAnswer {
  readonly ticket: number
  readonly answer: { readonly array: NamedArray } | { readonly error: SerializedError }
}

export interface TaskRequest {
  readonly id: number
  readonly task: Task
  /** What an interrupted run of the task has left. */
  readonly parts: readonly StepPart[]
}

export type WorkerReply =
  | { readonly id: number; readonly progress: StepProgress }
  | { readonly id: number; readonly part: StepPart; readonly seconds: number }
  /** Asks for an array of a stored step. */
  | { readonly id: number; readonly ticket: number; readonly step: string; readonly name: string }
  | { readonly id: number; readonly result: StepResult }
  | { readonly id: number; readonly error: SerializedError }
