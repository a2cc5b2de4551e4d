/** How an option's text is read; see values.ts for the exact rules. */
export type OptionType =
  | 'string'
  | 'bool'
  | 'int'
  | 'octal'
  | 'float'
  | 'list'
  | 'ports'
  | 'dict'
  | 'multi'
  | 'size'
  | 'parsed'

/** A former place of an option that still works, with a warning. */
export interface OldName {
  /** Section of the former name; the option's own section when absent. */
  readonly section?: string
  readonly name: string
  /** True for a second name that is as good as the first, and so not warned about. */
  readonly isAlias?: boolean
}

/** What may be said about an option besides its type and its help. */
export interface OptionExtra {
  /** Value when nothing is set. Without one the option is `undefined` until somebody sets it. */
  readonly default?:
    | string
    | number
    | boolean
    | readonly string[]
    | readonly number[]
    | Readonly<Record<string, string>>
  readonly min?: number
  readonly max?: number
  /** The only values (or list items) allowed. */
  readonly choices?: readonly string[]
  /** True when the value must never be printed. */
  readonly secret?: boolean
  /** True when a store of this type cannot work without it. */
  readonly required?: boolean
  readonly deprecatedNames?: readonly OldName[]
}

/** One declared option; its section and name come from its place in the tables. */
export interface Option extends OptionExtra {
  readonly type: OptionType
  readonly help: string
  /** For `parsed`: turns the text into the value, or throws an Error whose message is the broken rule. */
  readonly parse?: (text: string) => unknown
}

export type OptionTable = Readonly<Record<string, Option>>

type None = Readonly<Record<never, never>>
type Declared<T extends OptionType, E> = { readonly type: T; readonly help: string } & E

interface ParsedTypes {
  readonly bool: boolean
  readonly int: number
  readonly octal: number
  readonly float: number
  readonly size: number
  readonly ports: readonly number[]
  readonly dict: Readonly<Record<string, string>>
  readonly multi: readonly string[]
}

type Choice<O> = O extends { readonly choices: readonly (infer C)[] } ? C : string
type Parsed<O extends Option> = O extends { readonly parse: (text: string) => infer P }
  ? P
  : O['type'] extends keyof ParsedTypes
    ? ParsedTypes[O['type']]
    : O['type'] extends 'list'
      ? readonly Choice<O>[]
      : Choice<O>

type IsSet<O> = O extends { readonly default: unknown } ? true : O extends { readonly required: true } ? true : false

/** The TypeScript type of an option's value, drawn from its declaration. */
export type ValueOf<O extends Option> = IsSet<O> extends true ? Parsed<O> : Parsed<O> | undefined

/** The resolved values of one table of options. */
export type SectionValues<T extends OptionTable> = { readonly [N in keyof T]: ValueOf<T[N]> }

function declare<T extends OptionType, E>(type: T, help: string, extra: E | undefined): Declared<T, E> {
  return { type, help, ...extra } as Declared<T, E>
}

/** Text. An empty value counts as unset when the option has no default or has choices. */
export function string<const E extends OptionExtra = None>(help: string, extra?: E): Declared<'string', E> {
  return declare('string', help, extra)
}

/** true/false, 1/0, yes/no, on/off in any case. */
export function bool<const E extends OptionExtra = None>(help: string, extra?: E): Declared<'bool', E> {
  return declare('bool', help, extra)
}

/** A whole number, bounded by `min` and `max` when given. */
export function int<const E extends OptionExtra = None>(help: string, extra?: E): Declared<'int', E> {
  return declare('int', help, extra)
}

/** A file mode written in octal digits (`640` or `0640`); the value is the mode itself. */
export function octal<const E extends OptionExtra = None>(help: string, extra?: E): Declared<'octal', E> {
  return declare('octal', help, extra)
}

/** A decimal number. */
export function float<const E extends OptionExtra = None>(help: string, extra?: E): Declared<'float', E> {
  return declare('float', help, extra)
}

/** `a,b` or `[a,b]`; items may be quoted. An empty value is an empty list. */
export function list<const E extends OptionExtra = None>(help: string, extra?: E): Declared<'list', E> {
  return declare('list', help, extra)
}

/** A list of TCP ports. */
export function ports<const E extends OptionExtra = None>(help: string, extra?: E): Declared<'ports', E> {
  return declare('ports', help, extra)
}

/** `key:value,key:value`, in braces or not. */
export function dict<const E extends OptionExtra = None>(help: string, extra?: E): Declared<'dict', E> {
  return declare('dict', help, extra)
}

/** An option that may be repeated; every occurrence is one value. */
export function multi<const E extends OptionExtra = None>(help: string, extra?: E): Declared<'multi', E> {
  return declare('multi', help, extra)
}

/** Bytes, with an optional unit B, KB, MB, GB or TB of 1024; held at 2^53 - 1. */
export function size<const E extends OptionExtra = None>(help: string, extra?: E): Declared<'size', E> {
  return declare('size', help, extra)
}

/**
 * Text with a grammar of its own.
 * @param parse turns the text into the value, or throws an Error whose message states the broken rule
 */
export function parsed<P, const E extends OptionExtra = None>(
  help: string,
  parse: (text: string) => P,
  extra?: E,
): Declared<'parsed', E> & { readonly parse: (text: string) => P } {
  return { ...declare('parsed', help, extra), parse }
}
