/** What the rest of Heschl sees of a speech model. */
import type { Matrix32 } from '../linalg/matrix.ts'
import type { Provider } from './providers.ts'
import type { TapPatterns } from './onnxTaps.ts'

/**
 * One layer's place in time. Frame f is computed from samples [f·hop, f·hop + receptiveField) of a 16 kHz recording,
 * less half the padding where there is some, and its centre is sample firstCentre + f·hop. Blocks of the transformer attend to the whole window; their receptive
 * field is given as that of the frame they stand for.
 */
export interface LayerInfo {
  /** `conv0`…, `projection`, `embedding`, `transf0`…, `transfN.norm` where a norm follows the last block; `quantizer.…`. */
  readonly name: string
  readonly units: number
  /** Samples at 16 kHz between frames. */
  readonly hop: number
  /** Samples at 16 kHz. */
  readonly receptiveField: number
  /** Samples at 16 kHz; half a sample is possible. */
  readonly firstCentre: number
  /** Samples of silence that the model puts around the audio, both sides together; none where it is left out. */
  readonly padding?: number
  /** The values are names, of which no mean is taken: where windows overlap, the first window's stay. */
  readonly nominal?: boolean
}

/** An ONNX model that takes a waveform; its layers are the values in it that the taps choose. */
export interface OnnxSource {
  readonly onnx: string
  readonly taps: TapPatterns
  readonly input: {
    /** Of the graph's input for audio; needed where several could be it. */
    readonly name?: string
    /** Whether each window is brought to zero mean and unit variance first: nothing in the file says it. */
    readonly normalize: boolean
    /** Of the audio as the graph takes it: [samples], [1, samples] or [1, 1, samples]; needed where the file does not say. */
    readonly rank?: 1 | 2 | 3
  }
  /** Seconds between frames of the coarsest layer: what is found by trying is held against it. */
  readonly hop?: number
}

/**
 * A Hugging Face folder, random weights of a named architecture drawn from `seed` (0 to 2³² − 1), or an ONNX file with
 * taps.
 */
export type ModelSource =
  | { readonly checkpoint: string }
  | {
      readonly architecture: string
      readonly seed: number
      /** Of a model that reads words: the folder of its tokenizer. */
      readonly tokenizer?: string
    }
  | OnnxSource

export interface ModelDescription {
  /** In words: what it is and where its weights come from. */
  readonly description: string
  /** In the order of computation. */
  readonly layers: readonly LayerInfo[]
  /** Number of weights on the way to the last layer; heads for training are not counted. */
  readonly parameters: number
  readonly sampleRate: 16000
  /** Whether each window is brought to zero mean and unit variance first (`do_normalize`). */
  readonly normalize: boolean
  /** Samples that every window is padded to before anything is computed, and cannot exceed: Whisper's 30 s. */
  readonly paddedTo?: number
}

/**
 * Over what `do_normalize` and group norm take their means: each window's own samples, as the papers did; or the whole
 * recording, once, so that frames of the convolutions do not depend on the window. The latter lets a window know of the
 * recording's level, also of what comes after it.
 */
export type Norm = 'window' | 'recording'

/** Some frames of a layer of a recording. */
export interface Piece {
  /** Of the recording. */
  readonly firstFrame: number
  /** [frames, units] */
  readonly activation: Matrix32
  /** Whether these frames do not depend on the window: each comes once, in order and without gaps. */
  readonly final: boolean
}

/** One recording, window by window. */
export interface Recording {
  /**
   * Windows come in order, each starting at a multiple of every hop and at or before the first frame that the one before left out.
   * @param start samples
   * @param end samples, exclusive
   * @returns pieces by layer, in the order of computation; the caller's own
   * @throws HeschlError as `SpeechModel.run`
   */
  window(start: number, end: number): Promise<ReadonlyMap<string, Piece>>
}

export interface SpeechModel {
  readonly description: ModelDescription
  readonly provider: Provider
  /**
   * Largest difference of the first window from the CPU's numbers, in SDs of a layer; undefined on the CPU, and before
   * that window.
   */
  differenceFromCpu(): number | undefined
  /**
   * One window, computed in one piece; normalised first where `description.normalize` says so.
   * @param samples 16 kHz mono, at least one receptive field (25 ms)
   * @returns [frames, units] per requested layer, in the order of computation; the caller's own
   * @throws HeschlError AUDIO_INVALID (too short, or not finite), OPTION_INVALID (a window too long for memory),
   *   NUMERICAL (the weights give values that are not finite), PROVIDER_UNAVAILABLE
   */
  run(samples: Float32Array): Promise<ReadonlyMap<string, Matrix32>>
  /**
   * A recording in windows that share what does not depend on the window; left out where nothing can be shared, and then
   * `run` computes each window.
   * @throws HeschlError AUDIO_INVALID for a sample that is not finite
   */
  recording?(samples: Float32Array): Recording
  close(): Promise<void>
}
