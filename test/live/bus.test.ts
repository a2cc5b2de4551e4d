import { openAmqpRpc } from '@glance/shared/bus/amqp'
import { openBullConsumer, openBullQueue } from '@glance/shared/bus/bullmq'
import { busSuite } from '@glance/shared/bus/testing/suite'
import { startRabbitmq } from '../support/servers/rabbitmq.ts'
import { startRedis } from '../support/servers/redis.ts'

const log = { warn: () => undefined, info: () => undefined }

busSuite('RabbitMQ and Redis', async () => {
  const [rabbit, redis] = await Promise.all([startRabbitmq(), startRedis()])
  const rpc = openAmqpRpc({ urls: [rabbit.url], prefetch: 256, log })
  const bull = { redisUrl: redis.url, prefix: 'suite', log }
  const queue = openBullQueue(bull)
  await rpc.first
  return {
    client: rpc.client,
    server: rpc.server,
    queue,
    openWorker: () => openBullConsumer(bull),
    close: async () => {
      await queue.close()
      await rpc.server.close()
      await rpc.close()
      await Promise.all([rabbit.stop(), redis.stop()])
    },
  }
})
