import { startMariadb } from './mariadb.ts'
import { startPostgres } from './postgres.ts'
import { startRabbitmq } from './rabbitmq.ts'
import { startRedis } from './redis.ts'

// A test process that starts every server and then waits to be killed: see process.test.ts.
await Promise.all([startRabbitmq(), startRedis(), startMariadb(), startPostgres()])
console.log('ready')
