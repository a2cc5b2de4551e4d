import { openMemoryBus } from './memory.ts'
import { busSuite } from './testing/suite.ts'

busSuite('in one process', async () => {
  const bus = openMemoryBus()
  return {
    client: bus.rpcClient,
    server: bus.rpcServer,
    queue: bus.jobQueue,
    openWorker: bus.openConsumer,
    close: () => bus.rpcServer.close(),
  }
})
