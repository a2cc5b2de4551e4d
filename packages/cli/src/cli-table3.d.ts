/** The part of the table library that measures text; it ships no types for it. */
declare module 'cli-table3/src/utils.js' {
  const tableText: {
    /** Columns taken by the longest line of `text`. */
    strlen(text: string): number
  }
  export default tableText
}
