/**
 * In the page: the words of charts that reach beyond the chart, and are cut off there; and words that end in dots, where no
 * title has the whole of them.
 */
export function cutWords(): string[] {
  const cut: string[] = []
  for (const text of document.querySelectorAll<SVGTextElement>('svg[role="img"] text')) {
    const chart = text.ownerSVGElement!.getBoundingClientRect()
    const words = text.getBoundingClientRect()
    if (words.width === 0 || !text.checkVisibility()) continue
    const beyond = Math.max(chart.left - words.left, words.right - chart.right, chart.top - words.top)
    if (beyond > 1.5) cut.push(`${text.textContent} by ${beyond.toFixed(1)} pixels`)
  }
  for (const element of document.querySelectorAll<HTMLElement>('main *, header *, footer *')) {
    if (element.clientWidth === 0 || element.scrollWidth <= element.clientWidth + 1) continue
    if (getComputedStyle(element).textOverflow !== 'ellipsis' || element.closest('[title]')) continue
    cut.push(`“${element.innerText}” at ${element.clientWidth} of ${element.scrollWidth} pixels`)
  }
  return cut
}
