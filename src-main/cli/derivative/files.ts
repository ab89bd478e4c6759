/** A BIDS derivative's own files: what it is and who made it, the participants, what may be ignored. */
import type { StudyOverview } from '../../contract/study.ts'
import { tsvText } from '../../formats/tsv.ts'
import { labelOf } from './names.ts'

const bidsVersion = '1.10.0'

export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

/** By name. @param version of Heschl @param subjects labels by id */
export function datasetFiles(
  { name, notice, encoding, subjects, surface }: StudyOverview,
  version: string,
  labels: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const description = {
    Name: `${name}: brain scores`,
    BIDSVersion: bidsVersion,
    DatasetType: 'derivative',
    GeneratedBy: [{ Name: 'Heschl', Version: version, Description: 'Encoding models of speech and language models' }],
    ...(notice !== null && { Simulated: notice }),
    Encoding: Object.fromEntries(encoding.map(({ option, value }) => [option, value])),
  }
  const rows = subjects.map(({ id, language, simulated }) => [
    `sub-${labels.get(id)!}`,
    id,
    language,
    simulated ? 'simulated' : 'recorded',
  ])
  return new Map([
    ['dataset_description.json', jsonText(description)],
    ['README.md', surface.electrodes === undefined ? readme(name, notice, surface) : electrodesReadme(name, notice)],
    ['participants.tsv', tsvText([['participant_id', 'study_id', 'language', 'responses'], ...rows])],
    ['participants.json', jsonText(participantColumns)],
    // The standard has no place for results of a whole group yet
    ['.bidsignore', surface.electrodes === undefined ? 'group/\nscores.*\n' : 'electrodes.*\nscores.*\n'],
  ])
}

const participantColumns = {
  study_id: { Description: 'Id of the subject in the study file' },
  language: { Description: 'Language of the listener' },
  responses: {
    Description: 'Where the responses are from',
    Levels: { recorded: 'A person was recorded', simulated: 'Nobody was recorded' },
  },
}

function readme(
  name: string,
  notice: string | null,
  { name: surface, vertices, voxels }: StudyOverview['surface'],
): string {
  const where =
    voxels === true
      ? [`Made by heschl export. Maps are of the ${vertices.left} voxels of ${surface}, 0 outside it. A file has`]
      : [
          `Made by heschl export. Maps are on ${surface}, ${vertices.left} vertices on the left and ${vertices.right} on the`,
          'right. A file has',
        ]
  return [
    `# ${name}: brain scores`,
    ...(notice === null ? [] : ['', notice]),
    '',
    ...where,
    'a map a layer, in the order that `Maps` in its JSON file gives; what has no value is NaN, and',
    'key 0 in files of labels. Beside each map its JSON file says what it is of and the keys of what it was computed from;',
    'dataset_description.json has every option of the encoding model.',
    '',
    `\`stat-\`: score, bestlayer, layers (of \`desc-MODEL\`); p, difference, nested (of a contrast); ceiling. \`space-${labelOf(surface)}\` is`,
    `${surface}. \`group/\` has what is of several subjects.`,
    '',
  ].join('\n')
}

const electrodesReadme = (name: string, notice: string | null): string =>
  [
    `# ${name}: brain scores`,
    ...(notice === null ? [] : ['', notice]),
    '',
    'Made by heschl export. The table `electrodes` has a row an electrode and a column a map; what has no value is `n/a` in',
    'TSV and null in Parquet. electrodes.json says what each column is and the keys of what it was computed from;',
    'dataset_description.json has every option of the encoding model. Coordinates are as in the tables of electrodes.',
    '',
  ].join('\n')
