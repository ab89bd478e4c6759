/** The text of the demo's study file. Pure. */

export interface DemoRun {
  readonly id: string
  readonly audio: string
  readonly words: string
  readonly phones: string
}

/** The voice that speaks the demo's runs; resources/demo/README.md says how they were made. */
const voice = 'eSpeak NG 1.51, voice en-us+m3'
/** Seconds. */
const tr = 2

export const demoSubjects = ['sim-01', 'sim-02', 'sim-03'] as const
/** Of the first model's weights, and of the simulation. */
export const demoSeed = 1

/** The recording of a simulated listener, relative to the study. */
export function demoRecording(subject: string, run: string): string {
  return `simulated/${subject}_${run}.npy`
}

export function demoStudyText(runs: readonly DemoRun[]): string {
  return `# The demo of Heschl. Nothing in it is real data: the speech is synthetic, the listeners are simulated, the cortex is
# schematic, and the models' weights are random. It shows the way from speech and models to brain scores, and that the
# scores recover what was planted in the simulated listeners.
heschl: 1
name: Demo with simulated listeners

# A cortex that Heschl draws itself, with 10,242 vertices a hemisphere. For real data: GIFTI files, or fsaverage5.
surface: schematic

# What was heard: an original story, in three runs, spoken by a speech synthesiser.
stimuli:
${runs
  .map(
    ({ id, audio, words, phones }) =>
      `  - {id: ${id}, audio: ${audio}, words: ${words}, phones: ${phones}, language: english,\n     synthetic: '${voice}'}`,
  )
  .join('\n')}

# Who heard it: nobody. These recordings were computed from the first model's layers, early layers in auditory cortex
# and later ones further away, with noise. For real data: one file a run, or one a hemisphere, and no \`simulated\`.
subjects:
${demoSubjects
  .map((subject) =>
    [
      `  - id: ${subject}`,
      '    simulated: true',
      '    recordings:',
      ...runs.map(({ id }) => `      - {stimulus: ${id}, data: ${demoRecording(subject, id)}, tr: ${tr}}`),
    ].join('\n'),
  )
  .join('\n')}

# What was planted in which vertex, written with the recordings: what the analysis is measured against.
planted: simulated/planted.json

# The model whose layers were planted, and some layers of the same architecture with other random weights, which were not.
# For trained weights: \`checkpoint:\` with a Hugging Face folder, in place of \`architecture\` and \`seed\`.
models:
  - {id: planted, regime: untrained, architecture: wav2vec2-demo, seed: ${demoSeed}, layers: lpp}
  - {id: other-seed, regime: untrained, architecture: wav2vec2-demo, seed: ${demoSeed + 1},
     layers: [conv4, transf0, transf3, transf7]}

# A feature space that is no model.
spaces:
  - {id: mel, acoustic: mel}

# Without \`chance: zero\`, tests hold scores against those of the same responses shifted in time, for which every fit is
# scored twice. Three listeners are too few for a test anyway.
encoding: {preset: standard, chance: zero}

compare:
  - {contrast: [planted, other-seed]}
`
}
