/** Numbers for people, with a true minus sign. */

/** Three decimals below 10, else four significant digits; a dash for NaN. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return '–'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  const size = Math.abs(value)
  const written =
    size !== 0 && size < 5e-4
      ? value.toExponential(1)
      : size < 10
        ? value.toFixed(3)
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
