// "$" before anything else stands for itself, as in oslo.config.
const REFERENCE = /\\\$|\$\$|\$\{(?<braced>[_a-z][._a-z0-9]*)\}|\$(?<bare>[_a-z][_a-z0-9]*(?:\.[_a-z][_a-z0-9]*)*)/gi

/**
 * Replaces `$name`, `${name}` and `${section.name}` by the values of other options; `$$` and `\$` give a dollar sign.
 * @param lookup text of the option a reference names, or undefined when there is none
 * @returns the text, or the first reference that leads nowhere
 */
export function substitute(
  text: string,
  lookup: (name: string) => string | undefined,
): { readonly text: string } | { readonly missing: string } {
  if (!text.includes('$')) return { text }
  let missing: string | undefined
  const result = text.replace(REFERENCE, (all, braced?: string, bare?: string) => {
    const name = braced ?? bare
    if (name === undefined) return '$'
    const value = lookup(name)
    if (value === undefined) missing ??= name
    return value ?? all
  })
  return missing === undefined ? { text: result } : { missing }
}
