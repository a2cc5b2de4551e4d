import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import type { Deployment, DeploymentFacts, Kind } from '../support/deployment.ts'
import { startDistributed, startStandalone } from '../support/deployments.ts'
import { makeTempDir, removeDir } from '../support/temp-dir.ts'
import { chosenKinds, STORES } from './kinds.ts'

declare module 'vitest' {
  interface ProvidedContext {
    targets: Readonly<Partial<Record<Kind, DeploymentFacts>>>
    /** Directory in which all test files share their disk images. */
    imageDir: string
  }
}

/** Starts one deployment of each kind, which all test files use one after the other. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const imageDir = makeTempDir('images')
  const running: Deployment[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((each) => each.stop()))
    removeDir(imageDir)
  }
  const start = { standalone: startStandalone, distributed: startDistributed }
  const started = await Promise.allSettled(chosenKinds().map((kind) => start[kind]({ stores: STORES })))
  for (const each of started) if (each.status === 'fulfilled') running.push(each.value)
  const failed = started.find((each) => each.status === 'rejected')
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  project.provide('targets', Object.fromEntries(running.map(({ facts }) => [facts.kind, facts])))
  project.provide('imageDir', join(imageDir, 'cache'))
  return stop
}
