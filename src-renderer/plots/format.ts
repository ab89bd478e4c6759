/** Numbers for people, with a true minus sign. */

/** Three decimals (or as many as given) below 10, else four significant digits; a dash for NaN. */
export function formatValue(value: number, decimals = 3): string {
  if (Number.isNaN(value)) return '–'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  const size = Math.abs(value)
  const written =
    size !== 0 && size < 0.5 * 10 ** -decimals
      ? value.toExponential(1)
      : size < 10
        ? value.toFixed(decimals)
        : size < 1e5
          ? String(Number(value.toPrecision(4)))
          : value.toExponential(2)
  return (Number(written) === 0 ? written.replace('-', '') : written).replaceAll('-', '−')
}

/** 0.412 -> "41 %". */
export const formatShare = (share: number) =>
  Number.isFinite(share) ? `${Math.round(share * 100)} %`.replace('-', '−') : '–'

/** Three significant digits: a colour limit or a threshold. */
export const formatLimit = (value: number) =>
  Number.isFinite(value) ? String(Number(value.toPrecision(3))).replaceAll('-', '−') : formatValue(value)

/** As many decimals for every value of a column: they stand under one another. */
export function formatFixed(value: number, decimals: number): string {
  if (!Number.isFinite(value)) return formatValue(value)
  const written = value.toFixed(decimals)
  return (Number(written) === 0 ? written.replace('-', '') : written).replace('-', '−')
}

/** 400000 -> "400,000"; a fraction keeps its digits. */
export const formatCount = (value: number) => value.toLocaleString('en', { maximumSignificantDigits: 15 })

/** As many decimals as the steps need. */
export function formatTick(tick: number, ticks: readonly number[]): string {
  const step = Math.abs((ticks[1] ?? 1) - (ticks[0] ?? 0)) || 1
  const decimals = Math.min(6, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)))
  return (Math.abs(tick) < step / 1e6 ? 0 : tick).toFixed(decimals).replace('-', '−')
}

/** Standard deviation with n − 1; NaN for fewer than two values. */
export function deviationOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return values.length < 2 ? NaN : Math.sqrt(squares / (values.length - 1))
}

export const capitalised = (words: string) => words.charAt(0).toUpperCase() + words.slice(1)
