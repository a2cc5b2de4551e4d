/** A value that stands for itself in a statement, never spliced into its text. */
export type Value = string | number | boolean | Date | null

/** A statement or a part of one; `?` in the text stands for the next value. */
export interface Sql {
  readonly text: string
  readonly values: readonly Value[]
}

export type Provider = 'sqlite' | 'mysql' | 'postgresql'

/** Builds a part of a statement: other parts are put in as they are, everything else becomes a parameter. */
export function sql(strings: TemplateStringsArray, ...parts: readonly (Sql | Value)[]): Sql {
  let text = strings[0] ?? ''
  const values: Value[] = []
  for (const [index, part] of parts.entries()) {
    if (isSql(part)) {
      text += part.text
      values.push(...part.values)
    } else {
      text += '?'
      values.push(part)
    }
    text += strings[index + 1] ?? ''
  }
  return { text, values }
}

/** Text of ours taken as it is: names of columns and keywords, never anything a caller sent. */
export function raw(text: string): Sql {
  return { text, values: [] }
}

/** Parts in a row with a separator between them. */
export function join(parts: readonly Sql[], separator: string): Sql {
  return {
    text: parts.map((part) => part.text).join(separator),
    values: parts.flatMap((part) => part.values),
  }
}

/** All of the conditions; always true when there are none. */
export function all(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? raw('TRUE') : join(conditions.map(parenthesized), ' AND ')
}

/** Any of the conditions; never true when there are none. */
export function any(conditions: readonly Sql[]): Sql {
  return conditions.length === 0 ? raw('FALSE') : join(conditions.map(parenthesized), ' OR ')
}

/** A list of values in parentheses, for IN. Never empty: `IN ()` is no SQL. */
export function list(values: readonly [Value, ...(readonly Value[])]): Sql {
  return { text: `(${values.map(() => '?').join(', ')})`, values }
}

/** The text as a database wants it: PostgreSQL numbers its parameters. */
export function textFor(provider: Provider, part: Sql): string {
  if (provider !== 'postgresql') return part.text
  let position = 0
  return part.text.replace(/\?/g, () => {
    position += 1
    return `$${position}`
  })
}

function parenthesized(condition: Sql): Sql {
  return { text: `(${condition.text})`, values: condition.values }
}

function isSql(part: Sql | Value): part is Sql {
  return typeof part === 'object' && part !== null && 'text' in part
}
