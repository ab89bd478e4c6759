import { HeschlError } from '../../errors.ts'

/** A file that is not what Parquet says. */
export const notParquet = (file: string, expected: string, found: string): HeschlError =>
  new HeschlError('FORMAT_INVALID', 'This is not a sound Parquet file', {
    where: { file },
    expected,
    found,
    remedy: 'Write it again, or copy it again: it is damaged',
  })

/** Sound, as far as one can see, but not what a table of numbers and texts is. */
export const otherParquet = (file: string, expected: string, found: string): HeschlError =>
  new HeschlError('FORMAT_INVALID', 'This Parquet file is of a kind that is not read', {
    where: { file },
    expected,
    found,
    remedy:
      'Write plain columns of numbers and texts: pandas’ to_parquet, or pyarrow’s write_table, without further options',
  })
