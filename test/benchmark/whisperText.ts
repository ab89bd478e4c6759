/**
 * Whisper's encoder (base, 10 s of audio) and GPT-2 (small, 1,024 tokens): one window, every hidden state out, in turns
 * with transformers on the same random weights.
 *
 *   HESCHL_PYTHON=… npm run bench -- whisperText [--threads 2] [--windows 5]
 *
 * The audio is synthetic, the tokens are drawn at random. Whisper's time has the log-mel spectrogram in it, on both sides.
 * torch with passive OpenMP waits and large malloc thresholds, in inference mode, with the faster of its attentions.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeModel, describeTextModel, openModel, openTextModel } from '../../src-main/activations/index.ts'
import type { Matrix32 } from '../../src-main/linalg/matrix.ts'
import { babble } from '../support/smallStudy.ts'
import { startLines } from './activations/lines.ts'
import { best, median, ratio, row } from './activations/table.ts'

const { values } = parseArgs({
  options: {
    threads: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    windows: { type: 'string', default: '5' },
  },
})
const threads = Number(values.threads)
const python = process.env['HESCHL_PYTHON']
if (python === undefined) {
  console.log('Skipped: HESCHL_PYTHON names no Python with torch and transformers, which make the checkpoints.')
  process.exit(0)
}

const folder = mkdtempSync(join(tmpdir(), 'heschl-whisper-text-'))
try {
  const audio = babble(10, 16_000, 1)
  writeFileSync(join(folder, 'audio.bin'), new Uint8Array(audio.buffer, audio.byteOffset, audio.byteLength))
  // Below the number of tokens of the small tokenizer that is lent to the checkpoint.
  const ids = Array.from({ length: 1024 }, (_, i) => (i * 7919) % 200)
  writeFileSync(join(folder, 'ids.json'), JSON.stringify(ids))
  const peer = startLines(
    python,
    [fileURLToPath(new URL('./peers/whisperText.py', import.meta.url)), folder, String(threads)],
    {
      OMP_WAIT_POLICY: 'PASSIVE',
      MALLOC_MMAP_THRESHOLD_: '4294967296',
      MALLOC_TRIM_THRESHOLD_: '4294967296',
    },
  )
  const ask = (model: string, save = false) =>
    peer.ask<{ readonly seconds: number; readonly attention: string }>({ model, save })
  console.log(`${cpus()[0]?.model ?? 'unknown processor'}, ${threads} threads\n`)
  row('model', 'toolkit', 'seconds, best', 'median', 'largest difference of the last layer, SD')
  row('---', '---', '---', '---', '---')
  await ask('whisper', true)
  await ask('gpt2', true)
  const tokenizer = fileURLToPath(new URL('../reference/text/gpt2-1', import.meta.url))
  for (const file of ['vocab.json', 'merges.txt']) copyFileSync(join(tokenizer, file), join(folder, 'gpt2', file))
  const whisper = { checkpoint: join(folder, 'whisper') }
  const states = ({ layers }: { readonly layers: readonly { readonly name: string }[] }) =>
    layers.map(({ name }) => name).filter((name) => !name.startsWith('conv'))
  const hears = await openModel(whisper, { layers: states(await describeModel(whisper)), threads })
  await inTurns('whisper', () => hears.run(audio))
  await hears.close()
  const gpt2 = { checkpoint: join(folder, 'gpt2') }
  const reads = await openTextModel(gpt2, { layers: states(await describeTextModel(gpt2)), threads })
  await inTurns('gpt2', () => reads.run([ids]))
  await reads.close()
  peer.close()
  await peer.ended

  async function inTurns(name: string, run: () => Promise<ReadonlyMap<string, Matrix32>>): Promise<void> {
    const last = [...(await run()).values()].at(-1)!
    const [ours, theirs]: [number[], number[]] = [[], []]
    let attention = ''
    for (let i = 0; i < Number(values.windows); i++) {
      const start = performance.now()
      await run()
      ours.push((performance.now() - start) / 1000)
      const answer = await ask(name)
      theirs.push(answer.seconds)
      attention = answer.attention
    }
    const times = (list: readonly number[]) => [best(list).toFixed(3), median(list).toFixed(3)]
    row(name, 'Heschl', ...times(ours), difference(last, join(folder, `${name}.bin`)).toExponential(1))
    row('', `transformers, ${attention} attention`, ...times(theirs), '')
    ratio(`Every hidden state of ${name}`, theirs, ours)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** Over the frames that both have: transformers keeps those of the padding. */
function difference(ours: Matrix32, file: string): number {
  const bytes = readFileSync(file)
  const theirs = new Float32Array(bytes.buffer, bytes.byteOffset, ours.data.length)
  const mean = theirs.reduce((sum, value) => sum + value, 0) / theirs.length
  const deviation = Math.sqrt(theirs.reduce((sum, value) => sum + (value - mean) ** 2, 0) / theirs.length)
  return ours.data.reduce((most, value, i) => Math.max(most, Math.abs(value - theirs[i])), 0) / deviation
}
