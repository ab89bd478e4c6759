import { expect, test } from 'vitest'
import { parseStudy } from '../../../src-main/study/parse.ts'
import { simulatedListeners, simulatedStudyText } from '../../../src-main/study/simulated.ts'
import { example } from './example.ts'

const behaviour = `behaviour:
  triplets: human/triplets.csv
  items: human/items.csv
  audio: human/wav
  answers: human/answers.csv
`

test('a study of simulated listeners: their own recordings, paths from its own folder, and no answers of people', () => {
  const { study } = parseStudy(`${example}\n${behaviour}`)
  expect(study?.behaviour).toBeDefined()
  const text = simulatedStudyText(study!, '../study.yaml', { count: 4, moved: (path) => `../${path}` })
  const { study: made, problems } = parseStudy(text)
  expect(problems).toEqual([])
  expect(made?.behaviour).toBeUndefined()
  expect(made?.subjects.map(({ id }) => id)).toEqual(simulatedListeners(study!, 4).map(({ id }) => id))
  expect(made?.subjects.every(({ simulated }) => simulated === true)).toBe(true)
  expect(made?.stimuli.map(({ audio }) => audio)).toEqual(study?.stimuli.map(({ audio }) => `../${audio}`))
})
