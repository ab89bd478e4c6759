/** In the page: the words whose colour is too close to what is behind them for WCAG 2.2 AA. */

export interface Faint {
  readonly words: string
  readonly ratio: number
}

/** Looks at every visible text outside SVG; what is disabled is exempt by the same rule. */
export function faintWords(): Faint[] {
  type Colour = [number, number, number, number]
  const parse = (text: string): Colour => {
    const [r = 0, g = 0, b = 0, a = 1] = (text.match(/[\d.]+/g) ?? []).map(Number)
    return [r, g, b, a]
  }
  const over = (top: Colour, under: Colour): Colour => {
    const mix = (at: 0 | 1 | 2): number => top[at] * top[3] + under[at] * (1 - top[3])
    return [mix(0), mix(1), mix(2), 1]
  }
  const background = (element: Element | null): Colour => {
    if (element === null) return [255, 255, 255, 1]
    const own = parse(getComputedStyle(element).backgroundColor)
    return own[3] === 1 ? own : over(own, background(element.parentElement))
  }
  const luminance = ([r, g, b]: Colour): number => {
    const linear = (value: number): number =>
      value <= 10.31475 ? value / 3294.6 : ((value / 255 + 0.055) / 1.055) ** 2.4
    return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
  }
  const faint: Faint[] = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const words = walker.currentNode.textContent!.trim()
    const element = walker.currentNode.parentElement!
    if (words === '' || element.closest('svg, :disabled, [data-disabled], .visually-hidden')) continue
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue
    const style = getComputedStyle(element)
    const behind = background(element)
    const [a, b] = [luminance(over(parse(style.color), behind)), luminance(behind)]
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
    const pixels = parseFloat(style.fontSize)
    const large = pixels >= 24 || (pixels >= 18.66 && Number(style.fontWeight) >= 700)
    if (ratio < (large ? 3 : 4.5)) faint.push({ words, ratio: Math.round(100 * ratio) / 100 })
  }
  return faint
}
