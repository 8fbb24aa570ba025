// Three suites: units, the running server, and real client programs.

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/server/**', 'test/consumers/**', 'test/cli/**'],
          testTimeout: 60000,
        },
      },
      {
        test: {
          name: 'server',
          include: ['test/server/**/*.test.ts', 'test/cli/**/*.test.ts'],
          globalSetup: ['test/support/compile-once.ts'],
          testTimeout: 60000,
          hookTimeout: 120000,
        },
      },
      {
        test: {
          name: 'consumers',
          include: ['test/consumers/**/*.test.ts'],
          globalSetup: ['test/support/compile-once.ts'],
          testTimeout: 120000,
          hookTimeout: 300000,
        },
      },
    ],
  },
})
