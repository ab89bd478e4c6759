/** A finding as files: the figure, the tables behind it, its words. */
import { relative } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { FindingFigure } from '../contract/findings.ts'
import { HeschlError } from '../errors.ts'
import { columnsParquet, columnsTsv } from '../formats/columns.ts'
import type { FigureFormat } from '../formats/embedded.ts'
import { niftiPieces } from '../formats/niftiWrite.ts'
import { voxelImage } from '../formats/voxelMaps.ts'
import { figureFile } from '../jobs/host/figures/figureFile.ts'
import { recordText, sha256 } from '../jobs/host/figures/figureRecord.ts'
import type { FigureRecord } from '../jobs/host/figures/figureRecord.ts'

export interface PreparedFigure {
  readonly svg: string
  readonly tables: ReadonlyMap<string, string>
  readonly record: FigureRecord
}

/**
 * @param from the folder that the files will lie in; the study is named from there
 * @throws HeschlError OPTION_INVALID for pictures beyond what can be drawn
 */
export async function prepareFigure(
  figure: FindingFigure,
  print: FigureRecord['print'],
  study: string,
  from: string,
): Promise<PreparedFigure> {
  const { drawFinding } = await import('../../src-renderer/figures/index.ts')
  const { provenance, tables: found, figure: name } = figure.finding
  const svg = drawn(() => drawFinding(figure, print), print)
  const tables = new Map(found.map(({ name: table, columns }) => [table, columnsTsv(columns)]))
  const { key, options, encoding, sources, subjects, versions } = provenance
  return {
    svg,
    tables,
    record: {
      ...{ heschl: 1, figure: name, key, options, encoding: [...encoding], sources: [...sources], versions, print },
      subjects: [...subjects],
      study: { name: provenance.study, file: relative(from, study).replaceAll('\\', '/') },
      drawing: sha256(svg),
      tables: Object.fromEntries([...tables].map(([table, tsv]) => [table, sha256(tsv)])),
    },
  }
}

function drawn(draw: () => string, { widthMm, dpi }: FigureRecord['print']): string {
  try {
    return draw()
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new HeschlError('OPTION_INVALID', 'The figure’s pictures are too large', {
      expected: 'at most 64 million dots',
      found: `${widthMm} mm at ${dpi} dots an inch: ${error.message}`,
      remedy: 'Choose a smaller --width or --dpi',
      cause: error,
    })
  }
}

/** All files of a figure by name. */
export async function* figureFiles(
  { finding, voxels }: FindingFigure,
  { svg, tables, record }: PreparedFigure,
  formats: readonly FigureFormat[],
): AsyncGenerator<readonly [name: string, content: Uint8Array | string]> {
  const { figure, title } = finding
  const about = recordText(record)
  for (const format of formats)
    yield [`${figure}.${format}`, await figureFile(format, { svg, dpi: record.print.dpi, about, title })]
  for (const { name, title: words, columns } of finding.tables) {
    yield [`${figure}.${name}.tsv`, tables.get(name)!]
    yield [`${figure}.${name}.parquet`, columnsParquet(columns, { title: words, heschl: about })]
  }
  if (voxels && finding.maps.length > 0) {
    const image = voxelImage(
      finding.maps.map(({ values }) => values),
      voxels,
    )
    yield [`${figure}.maps.nii.gz`, gzipSync(Buffer.concat([...niftiPieces(image)]))]
    const rows = finding.maps.map(({ name, label }, index) => `${index}\t${name}\t${label}\n`)
    yield [`${figure}.maps.tsv`, `index\tname\tlabel\n${rows.join('')}`]
  }
  yield [`${figure}.md`, wordsOf(finding, record)]
}

function wordsOf(
  { title, notice, caption, methods, notes, tests }: FindingFigure['finding'],
  { key, study, versions, encoding }: FigureRecord,
): string {
  const list = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join('\n')
  const section = (name: string, lines: readonly string[]) => (lines.length === 0 ? [] : [`## ${name}`, list(lines)])
  const parts = [
    `# ${title}`,
    ...(notice === null ? [] : [`**${notice}**`]),
    caption,
    '## Methods',
    methods,
    ...section('Notes', notes),
    ...section('Tests', tests),
    ...section(
      'Encoding model',
      encoding.map(({ option, value }) => `${option}: ${value}`),
    ),
    ...section('Where it is from', [
      `study ${study.name}, key ${key}`,
      ...Object.entries(versions).map(([name, version]) => `${name} ${version}`),
    ]),
  ]
  return `${parts.join('\n\n')}\n`
}
