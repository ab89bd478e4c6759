import { SaxesParser } from 'saxes'

/** Whether an XML parser that others wrote accepts it. */
export function isWellFormed(xml: string): boolean {
  let well = true
  const parser = new SaxesParser()
  parser.on('error', () => (well = false))
  parser.write(xml).close()
  return well
}

/** The names of all attributes of all elements; several documents may follow one another. */
export function attributeNames(xml: string): string[] {
  const names: string[] = []
  const parser = new SaxesParser({ fragment: true })
  parser.on('opentag', ({ attributes }) => names.push(...Object.keys(attributes)))
  parser.write(xml).close()
  return names
}

/** The attributes of every element of a name. */
export function elementsOf(xml: string, wanted: string): Readonly<Record<string, string>>[] {
  const found: Record<string, string>[] = []
  const parser = new SaxesParser()
  parser.on('opentag', ({ name, attributes }) => {
    if (name === wanted) found.push(attributes)
  })
  parser.write(xml).close()
  return found
}
