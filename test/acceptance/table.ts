/** Cells of each row of a table drawn with `|` and `+`, its head first. */
export function tableRows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

/** A table of the columns Property and Value as an object. */
export function tableProperties(text: string): Record<string, string> {
  return Object.fromEntries(
    tableRows(text)
      .slice(1)
      .map(([name = '', value = '']) => [name, value]),
  )
}

/** A table with a head as one object for each row. */
export function tableObjects(text: string): Record<string, string>[] {
  const [head = [], ...rows] = tableRows(text)
  return rows.map((row) => Object.fromEntries(head.map((name, index) => [name, row[index] ?? ''])))
}
