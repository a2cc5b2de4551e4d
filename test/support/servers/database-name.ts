/**
 * Returns the name when it may stand in SQL without escaping and fits every database.
 * @throws Error naming the rule
 */
export function checkDatabaseName(name: string): string {
  if (/^[a-z][a-z0-9_]{0,62}$/.test(name)) return name
  throw new Error(`database name ${JSON.stringify(name)}: a letter, then up to 62 small letters, digits or underscores`)
}
