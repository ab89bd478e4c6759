import { decode, encode } from 'fast-png'
import { beforeAll, describe, expect, test } from 'vitest'
import { embeddedText } from '../../../../src-main/formats/embedded.ts'
import { renderPdf } from '../../../../src-main/jobs/host/pdf.ts'
import { page, type Panel } from '../../../../src-renderer/figures/page.ts'
import { pngUrl } from '../../../../src-renderer/figures/png.ts'
import { element, text } from '../../../../src-renderer/plots/svg.ts'
import { pageText, pdfObjects, referred, withText } from './pdfObjects.ts'

const picture = { width: 300, height: 200, rgba: new Uint8Array(300 * 200 * 4).map((_, i) => (i * 7) % 256) }

const panel: Panel = {
  ...{ name: 'scores', heading: 'Scores – r², 0.11', heightMm: 50 },
  draw: ({ theme }) =>
    [
      element('image', {
        ...{ x: 0, y: 0, width: 90, height: 60 },
        href: pngUrl(picture),
        preserveAspectRatio: 'none',
      }),
      text(100, 20, 'A & B <c>', { size: 9, fill: theme.ink, anchor: 'middle', rotate: -90 }),
      element('path', { d: 'M1 2L3 4l5 5h-9z', fill: '#112233', 'fill-opacity': 0.5 }),
      element('line', { ...{ x1: 0, x2: 9, y1: 1, y2: 1 }, stroke: 'rgb(1,2,3)', 'stroke-dasharray': '3 2' }),
      element('circle', { cx: 3, cy: 4, r: 2, fill: 'none', stroke: '#000000' }),
    ].join(''),
}
const svg = page({ title: 'Scores', notice: 'Simulated.', widthMm: 85, theme: 'light', rows: [[panel]] })

describe('a figure as PDF', () => {
  let pdf: Uint8Array
  beforeAll(async () => {
    pdf = await renderPdf(svg, 'Scores <&>', '{"study":"<a>"}')
  })

  test('is as large as the SVG says in millimetres', () => {
    const [, width, height] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(Buffer.from(pdf).toString('latin1'))!
    expect(Number(width)).toBeCloseTo((85 / 25.4) * 72, 4)
    expect(Number(height)).toBeCloseTo((Number(/height="([\d.]+)mm"/.exec(svg)![1]) / 25.4) * 72, 4)
  })
  test('has its text as text, in fonts that are in the file', () => {
    const objects = pdfObjects(pdf)
    expect(pageText(objects)).toEqual(['Simulated.', 'A', 'Scores – r², 0.11', 'A & B <c>'])
    const fonts = withText(objects, '/Subtype /Type0')
    expect(fonts.map(({ written }) => /\/BaseFont \/\w+\+([\w-]+)/.exec(written)![1]).toSorted()).toEqual([
      'Inter-Medium',
      'Inter-Regular',
      'Inter-SemiBold',
    ])
    for (const font of fonts) {
      const descriptor = referred(objects, referred(objects, font, 'DescendantFonts'), 'FontDescriptor')
      // TrueType, as fontkit marks its subsets.
      expect(referred(objects, descriptor, 'FontFile2').stream.toString('latin1', 0, 4)).toBe('true')
    }
    // A subset: the font itself has some 340 kB.
    expect(pdf.length).toBeLessThan(200_000)
  })
  test('has letters on a line around them, as names on the cortex are', async () => {
    const name = text(20, 20, 'STG', { size: 9, fill: '#ffffff', weight: 600, anchor: 'middle', edge: '#112233' })
    const own = { ...panel, heading: '', draw: () => name }
    const drawn = await renderPdf(page({ title: '', notice: null, widthMm: 85, theme: 'light', rows: [[own]] }), '', '')
    const objects = pdfObjects(drawn)
    expect(pageText(objects).filter((words) => words === 'STG')).toHaveLength(2)
    const streams = [...objects.values()].map(({ stream }) => stream.toString('latin1'))
    const content = streams.find((words) => / Tf\n/.test(words))!
    // Stroked first, in the edge's colour and a quarter of the type's size wide, then filled.
    expect(content).toMatch(/0\.06\d* 0\.13\d* 0\.2 SCN[^]*2\.25 w[^]*1 Tr[^]*ET\nQ\n\/DeviceRGB cs\n1 1 1 scn/)
    const over = name.replace(' paint-order="stroke"', '')
    await expect(
      renderPdf(
        page({ title: '', notice: null, widthMm: 85, theme: 'light', rows: [[{ ...own, draw: () => over }]] }),
        '',
        '',
      ),
    ).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
  })
  test('has the picture with all its dots, laid on the paper', () => {
    const [image] = withText(pdfObjects(pdf), '/Subtype /Image')
    expect(image.written).toMatch(/\/Width 300\n/)
    expect(image.written).toMatch(/\/Height 200\n/)
    expect(image.written).not.toContain('SMask')
    // PNG's own rows: a filter byte and 300 pixels of three bytes.
    const rows = decode(encode({ width: 300, height: 200, channels: 3, depth: 8, data: new Uint8Array(300 * 200 * 3) }))
    expect(image.stream.length).toBe(200 * (1 + rows.data.length / 200))
  })
  test('says what it was made from, with a title', () => {
    expect(embeddedText(pdf)).toEqual({ format: 'pdf', text: '{"study":"<a>"}' })
    expect(Buffer.from(pdf).toString('latin1')).toContain('<rdf:li xml:lang="x-default">Scores    </rdf:li>')
  })
  test('is the same bytes each time', async () =>
    expect(Buffer.from(await renderPdf(svg, 'Scores <&>', '{"study":"<a>"}')).equals(pdf)).toBe(true))
})

const whole = (content: string) =>
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10" width="10" height="10">${content}</svg>`

test.each([
  ['an element', '<ellipse cx="1" cy="1" rx="1" ry="2"/>', '<ellipse>'],
  ['an attribute', '<rect x="1" y="1" width="1" height="1" style="fill:red"/>', 'style'],
  ['a colour', '<rect width="1" height="1" fill="red"/>', 'red'],
  ['a transform', '<g transform="skewX(2)"/>', 'skewX(2)'],
  ['a reference', '<image href="file:///etc/passwd" preserveAspectRatio="none"/>', 'file:'],
  ['a weight', '<text x="1" y="1" font-size="7" font-weight="800">a</text>', '800'],
  ['a number', '<line x1="1e9" x2="2" y1="1" y2="2" stroke="#000000"/>', '1e9'],
  ['a path', '<path d="M1 2 url(x)" fill="#000000"/>', 'url'],
  ['broken XML', '<g>', ''],
])('%s that figures do not have is refused', async (_, content, found) => {
  const error: unknown = await renderPdf(whole(content), 'x', '').catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ name: 'HeschlError', code: 'FORMAT_INVALID' })
  expect((error as Error).message).toContain(found)
})

test('what is not drawn is passed over', async () =>
  expect(
    pageText(pdfObjects(await renderPdf(whole('<title>a<b/></title><metadata><x y="1"/></metadata>'), 'x', ''))),
  ).toEqual([]))

test('letters that Inter lacks are text too, in a font that is in the file', async () => {
  const words = '<text x="1" y="5" font-size="3" font-weight="600" text-anchor="middle">a ɕ b</text>'
  const objects = pdfObjects(await renderPdf(whole(words), 'x', ''))
  expect(pageText(objects)).toEqual(['a ', 'ɕ ', 'b'])
  const fonts = withText(objects, '/Subtype /Type0').map(
    ({ written }) => /\/BaseFont \/\w+\+([\w-]+)/.exec(written)![1],
  )
  expect(fonts.toSorted()).toEqual(['Inter-SemiBold', 'NotoSans-SemiBold'])
})
