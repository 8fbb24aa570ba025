// Three suites: units, the running server, and real client programs.

import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

/** What another thread or process does comes when it comes, on a machine that is busy with others. */
const expect = { poll: { timeout: 20_000 } }

export default defineConfig({
  test: {
    // Most tests wait for a program that they started: with one worker, one of two cores would be idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    // What vitest makes of a source is kept in node_modules by its contents: a run after the first reads it there.
    experimental: { fsModuleCache: true },
    projects: [
      {
        test: {
          name: 'unit',
          // Units leave nothing behind: modules are read once a worker, not once a file, which is a third of the time.
          isolate: false,
          // They wait for files and threads, too: one more than cores keeps all of them busy.
          maxWorkers: availableParallelism() + 1,
          // Threads that collect garbage beside a worker only take the cores from the others: an eighth of the time.
          execArgv: ['--single-threaded-gc'],
          // Suites with different numbers of workers can't run side by side.
          sequence: { groupOrder: 1 },
          include: ['test/**/*.test.ts'],
          exclude: ['test/server/**', 'test/consumers/**', 'test/cli/**'],
          globalSetup: ['test/support/nothing-left.ts'],
          setupFiles: ['test/support/no-sockets.ts', 'test/support/remove-folders.ts'],
          expect,
          testTimeout: 60000,
        },
      },
      {
        test: {
          name: 'server',
          sequence: { groupOrder: 2 },
          include: ['test/server/**/*.test.ts', 'test/cli/**/*.test.ts'],
          globalSetup: ['test/support/compile-once.ts'],
          setupFiles: ['test/support/fetch-anew.ts', 'test/support/remove-folders.ts'],
          expect,
          testTimeout: 60000,
          hookTimeout: 120000,
        },
      },
      {
        test: {
          name: 'consumers',
          sequence: { groupOrder: 3 },
          include: ['test/consumers/**/*.test.ts'],
          globalSetup: ['test/support/compile-once.ts'],
          setupFiles: ['test/support/fetch-anew.ts', 'test/support/remove-folders.ts'],
          expect,
          testTimeout: 180000,
          hookTimeout: 300000,
        },
      },
    ],
  },
})
