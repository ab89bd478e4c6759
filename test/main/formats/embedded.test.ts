import { crc32, deflateSync } from 'node:zlib'
import { decode, encode } from 'fast-png'
import { expect, test } from 'vitest'
import { embeddedText, pngWith, svgWith } from '../../../src-main/formats/embedded.ts'

const record = '{"a":"<b> & \\u00e9 ]]>"}'
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="1mm" height="1mm"><title>t</title><g/></svg>'
const png = encode({ width: 3, height: 2, data: new Uint8Array(18).map((_, i) => i * 9), channels: 3, depth: 8 })

test('SVG holds it in its metadata, after the title, and nothing else changes', () => {
  const marked = svgWith(svg, record)
  expect(embeddedText(Buffer.from(marked))).toEqual({ format: 'svg', text: record })
  expect(marked.indexOf('<metadata>')).toBe(svg.indexOf('</title>') + 8)
  expect(marked.replace(/<metadata>.*<\/metadata>/, '')).toBe(svg)
  expect(embeddedText(Buffer.from(`<?xml version="1.0"?>\n${marked}`)).text).toBe(record)
})

test('PNG holds it as iTXt with the dots a metre, and the picture is unchanged', () => {
  const marked = pngWith(png, 300, record)
  expect(embeddedText(marked)).toEqual({ format: 'png', text: record })
  const { data, resolution } = decode(marked)
  expect(data).toEqual(decode(png).data)
  // 300 / 0.0254, rounded; the unit is the metre.
  expect(resolution).toEqual({ x: 11811, y: 11811, unit: 1 })
  expect(pngWith(marked, 300, '').length).toBe(marked.length)
})

const chunk = (type: string, data: Buffer) => {
  const bytes = Buffer.concat([Buffer.alloc(4), Buffer.from(type), data, Buffer.alloc(4)])
  bytes.writeUInt32BE(data.length, 0)
  bytes.writeUInt32BE(crc32(bytes.subarray(4, -4)), bytes.length - 4)
  return bytes
}
const withChunk = (type: string, data: Buffer) =>
  Buffer.concat([png.subarray(0, 33), chunk(type, data), png.subarray(33)])

test.each([
  ['another program’s picture', png, 'does not say'],
  ['a text under another keyword', withChunk('iTXt', Buffer.from('Comment\0\0\0\0\0x')), 'does not say'],
  [
    'a compressed text',
    withChunk('iTXt', Buffer.concat([Buffer.from('heschl.provenance\0\x01\0\0\0'), deflateSync('x')])),
    'does not say',
  ],
  ['a text cut short', withChunk('iTXt', Buffer.from('heschl.provenance\0\0\0en')), 'does not say'],
  ['a picture cut short', png.subarray(0, -20), 'not a sound PNG'],
  ['a changed byte', Buffer.from(png).fill(7, 45, 46), 'not a sound PNG'],
  ['a drawing without a record', Buffer.from(svg), 'does not say'],
  ['a record without an end', Buffer.from(svgWith(svg, record).replace('</heschl:provenance>', '')), 'does not say'],
  ['another PDF', Buffer.from('%PDF-1.7\n1 0 obj\n<<>>\nendobj\n'), 'does not say'],
  ['a text', Buffer.from('hello'), 'not a figure'],
  ['nothing', Buffer.alloc(0), 'not a figure'],
])('%s is refused', (_, bytes, why) => {
  expect(() => embeddedText(bytes)).toThrow(expect.objectContaining({ code: 'FORMAT_INVALID' }))
  expect(() => embeddedText(bytes)).toThrow(why)
})
