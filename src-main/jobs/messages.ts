/** What the engine's main thread and its compute thread say to each other. Structured clone; arrays are transferred. */
import type { SerializedError } from '../errors.ts'
import type { StepPart, StepProgress, StepResult } from '../pipeline/context.ts'
import type { Task } from '../pipeline/tasks.ts'

export interface WorkerSetup {
  /** Int32Array[1] over a SharedArrayBuffer: 1 once the present task is to stop. */
  readonly stop: Int32Array
  readonly threads: number
  /** Bytes that recordings may occupy between tasks. */
  readonly responseBytes: number
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
  | { readonly id: number; readonly result: StepResult }
  | { readonly id: number; readonly error: SerializedError }
