import { defineConfig } from 'vitest/config'

const resolve = { conditions: ['source'] }
const ssr = { resolve: { conditions: ['source'] } }

/** Three rings: unit beside the source, system and acceptance under test/. */
export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: { name: 'architecture', include: ['test/architecture.test.ts'] },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'unit',
          include: ['{services,packages,prisma}/*/**/*.test.ts', 'prisma/**/*.test.ts'],
          exclude: ['**/dist/**', '**/node_modules/**'],
        },
      },
      {
        resolve,
        ssr,
        test: { name: 'support', include: ['test/support/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'live',
          include: ['test/live/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'databases',
          include: ['test/databases/**/*.test.ts'],
          globalSetup: ['test/databases/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        resolve,
        ssr,
        test: { name: 'system', include: ['test/system/**/*.test.ts'], testTimeout: 30_000, hookTimeout: 30_000 },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'acceptance',
          include: ['test/acceptance/**/*.test.ts'],
          globalSetup: ['test/acceptance/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: 'kill',
          include: ['test/kill/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
})
