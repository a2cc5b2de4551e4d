/** The databases we run on, in Prisma's words. */
export const PROVIDERS = ['sqlite', 'mysql', 'postgresql']

/**
 * The schema of one database, derived from the one source.
 * @param {string} source text of schema/source.prisma
 * @param {string} provider one of PROVIDERS
 * @returns {string} schema with a datasource, without a generator
 */
export function variantOf(source, provider) {
  const models = linesFor(source, provider)
  if (provider === 'mysql') return withDatasource(models, provider)
  const unsized = models.replace(/\(length: \d+\)/g, '')
  if (provider === 'sqlite') return withDatasource(unsized.replace(/ +@db\.\w+(\(\d+\))?/g, ''), provider)
  return withDatasource(
    unsized.replaceAll('@db.DateTime', '@db.Timestamp').replaceAll('@db.MediumText', '@db.Text'),
    provider,
  )
}

/**
 * MySQL's schema in PostgreSQL's clothes, for an engine that does not speak MySQL: what PostgreSQL lacks is dressed as
 * something no table of ours uses (MEDIUMTEXT as XML, a prefix length as operator class), and `toMysql` undresses it.
 */
export function mysqlInDisguise(source) {
  return withDatasource(
    linesFor(source, 'mysql')
      .replaceAll('@db.DateTime', '@db.Timestamp')
      .replaceAll('@db.MediumText', '@db.Xml')
      .replace(/\(length: (\d+)\)/g, '(ops: raw("prefix_$1"))'),
    'postgresql',
  )
}

/** Undresses a migration script made from `mysqlInDisguise`. Names and texts compare byte by byte. */
export function toMysql(script) {
  return script
    .replaceAll('"', '`')
    .replace(/ prefix_(\d+)/g, '($1)')
    .replaceAll(' TIMESTAMP(3)', ' DATETIME(3)')
    .replaceAll(' XML', ' MEDIUMTEXT')
    .replace(/ BIGSERIAL NOT NULL/g, ' BIGINT NOT NULL AUTO_INCREMENT')
    .replace(/ SERIAL NOT NULL/g, ' INTEGER NOT NULL AUTO_INCREMENT')
    .replace(/CONSTRAINT `\w+_pkey` PRIMARY KEY/g, 'PRIMARY KEY')
    .replace(/^\);$/gm, ') DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin ENGINE=InnoDB;')
}

/** Makes PostgreSQL compare and sort texts byte by byte like the others, whatever the database's locale. */
export function bytewise(script) {
  return script.replace(/ (VARCHAR\(\d+\)|TEXT)/g, ' $1 COLLATE "C"')
}

function linesFor(source, provider) {
  return source
    .split('\n')
    .flatMap((line) => {
      const only = /^(.*?)\s*\/\/ only: (.+)$/.exec(line)
      if (only === null) return /^\s*\/\/ /.test(line) ? [] : [line]
      return only[2].split(', ').includes(provider) ? [only[1]] : []
    })
    .join('\n')
}

function withDatasource(models, provider) {
  return `datasource db {\n  provider = "${provider}"\n}\n${models}`
}
