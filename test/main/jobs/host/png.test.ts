import { decode, encode } from 'fast-png'
import { describe, expect, test } from 'vitest'
import { renderPng } from '../../../../src-main/jobs/host/png.ts'

const svg = (body: string, width = 40, height = 20): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${body}</svg>`

/** Share of pixels that are not fully transparent. */
function inked(png: Uint8Array): number {
  const { data, channels } = decode(png)
  let count = 0
  for (let at = channels - 1; at < data.length; at += channels) if (data[at] > 0) count++
  return count / (data.length / channels)
}

describe('SVG to PNG', () => {
  test.each([0.5, 1, 2, 3])('has %s pixels per CSS pixel', async (scale) => {
    const image = decode(await renderPng(svg('<rect width="40" height="20" fill="#102030"/>'), scale))
    expect([image.width, image.height]).toEqual([40 * scale, 20 * scale])
    expect([...image.data.slice(0, 4)]).toEqual([0x10, 0x20, 0x30, 255])
  })

  test('text is drawn in Inter, in its weights, and nothing is borrowed from the system', async () => {
    const text = (attributes: string): string => svg(`<text x="1" y="16" font-size="16" ${attributes}>Rkm</text>`)
    const inter = await renderPng(text('font-family="Inter"'), 4)
    expect(inked(inter)).toBeGreaterThan(0.05)
    expect(inked(await renderPng(text('font-family="Inter" font-weight="600"'), 4))).toBeGreaterThan(
      inked(inter) * 1.15,
    )
    expect(await renderPng(text('font-family="sans-serif"'), 4)).toEqual(inter)
  })

  test('letters that Inter lacks are drawn, and leave the others as they are', async () => {
    const text = (words: string): string =>
      svg(`<text x="1" y="16" font-size="16" font-family="Inter" font-weight="600">${words}</text>`)
    /** The left 14 CSS pixels, where R is. */
    const left = (png: Uint8Array) => {
      const { data, width, channels } = decode(png)
      return Array.from({ length: 80 }, (_, row) => [
        ...data.slice(row * width * channels, (row * width + 44) * channels),
      ])
    }
    const [alone, lacking, box] = await Promise.all(['R', 'Rɕ', 'R语'].map((words) => renderPng(text(words), 4)))
    expect(left(lacking)).toEqual(left(alone))
    expect(inked(lacking)).toBeGreaterThan(inked(alone) * 1.3)
    expect(lacking).not.toEqual(box)
  })

  test('embedded PNG images are kept pixel by pixel', async () => {
    const data = new Uint8Array([255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 9, 8, 7, 255])
    const png = Buffer.from(encode({ width: 2, height: 2, data, channels: 4 })).toString('base64')
    const body = `<image width="2" height="2" image-rendering="optimizeSpeed" href="data:image/png;base64,${png}"/>`
    expect(new Uint8Array(decode(await renderPng(svg(body, 2, 2), 1)).data)).toEqual(data)
  })

  test.each([
    'file:///etc/hostname',
    '/etc/hostname',
    'http://127.0.0.1/x.png',
    '//x/y.png',
    'data:image/svg+xml;base64,AA==',
  ])('references outside the figure are refused: %s', async (href) => {
    for (const attribute of [`href="${href}"`, `xlink:href='${href}'`, `HREF = "${href}"`]) {
      const body = `<image width="2" height="2" ${attribute}/>`
      await expect(renderPng(svg(body), 1)).rejects.toMatchObject({
        code: 'FORMAT_INVALID',
        summary: 'A figure refers to something outside itself',
      })
    }
  })

  test.each(['', 'not svg', '<html/>', '<svg', svg('<rect'), svg('', 0, 0)])(
    'what is no SVG is refused: %s',
    async (text) => {
      await expect(renderPng(text, 1)).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
    },
  )

  test('an image beyond memory is refused before it is drawn', async () => {
    for (const [width, height, scale] of [
      [100_000, 100_000, 1],
      [1e9, 1, 8],
      [8000, 8000, 8],
    ] as const) {
      await expect(renderPng(svg('', width, height), scale)).rejects.toMatchObject({ code: 'OPTION_INVALID' })
    }
  })
})
