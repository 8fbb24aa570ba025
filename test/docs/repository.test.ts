// What surrounds the code at its host: workflows run what is in .ci/, and forms ask for what helps.

import { accessSync, constants, readdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { projectPath, readDocument } from './markdown.ts'

interface Workflow {
  readonly permissions: unknown
  readonly jobs: Readonly<Record<string, Job>>
}

interface Job {
  readonly 'timeout-minutes': number
  readonly strategy: { readonly matrix: { readonly node?: string[]; readonly include?: { image: string }[] } }
  readonly steps: readonly { readonly run?: string; readonly uses?: string }[]
}

interface Form {
  readonly name: string
  readonly description: string
  readonly body: readonly {
    readonly type: string
    readonly id?: string
    readonly attributes: { readonly label?: string }
  }[]
}

const read = <T>(path: string): T => parse(readDocument(path)) as T

describe.each(readdirSync(projectPath('.github/workflows')))('%s', (name) => {
  const { jobs, permissions } = read<Workflow>(`.github/workflows/${name}`)
  const steps = Object.values(jobs).flatMap((job) => job.steps)

  test('each step runs one script of the project, or uses an action with a version', () => {
    expect(steps.length).toBeGreaterThan(0)
    for (const { run, uses } of steps) {
      if (run === undefined) expect(uses).toMatch(/^actions\/[\w-]+@v\d+$/)
      else {
        expect(run).toMatch(/^\.ci\/[\w-]+$/)
        accessSync(projectPath(run), constants.X_OK)
      }
    }
  })

  test('it may only read, and ends by itself', () => {
    expect(permissions).toEqual({ contents: 'read' })
    for (const job of Object.values(jobs)) expect(job['timeout-minutes']).toBeLessThanOrEqual(60)
  })
})

test('everything runs on Debian 12 and 13, and the server on Node.js 22, 24 and 26', () => {
  const { everything, node } = read<Workflow>('.github/workflows/ci.yaml').jobs
  expect(everything.strategy.matrix.include?.map(({ image }) => image)).toEqual(['debian:12', 'debian:13'])
  expect(everything.steps.at(-1)).toEqual({ run: '.ci/run' })
  expect(node.strategy.matrix.node).toEqual(['22', '24', '26'])
  expect(node.steps.at(-1)).toEqual({ run: '.ci/server-tests' })
})

test('the scripts name tests that there are', () => {
  const named = readDocument('.ci/server-tests').match(/test\/[\w/.-]+\.test\.ts/g) ?? []
  expect(named.length).toBeGreaterThan(5)
  for (const file of named) accessSync(projectPath(file))
})

test.each(readdirSync(projectPath('.github/ISSUE_TEMPLATE')))('%s asks for asnzone status --json', (name) => {
  const { body, description } = read<Form>(`.github/ISSUE_TEMPLATE/${name}`)
  expect(description).not.toBe('')
  const labels = body.map(({ attributes }) => attributes.label)
  expect(labels).toContain('asnzone status --json')
  const ids = body.flatMap(({ id }) => id ?? [])
  expect(new Set(ids).size).toBe(ids.length)
})

test('dependencies of all kinds are looked after', () => {
  const { updates } = read<{ updates: { 'package-ecosystem': string }[] }>('.github/dependabot.yml')
  expect(updates.map((of) => of['package-ecosystem'])).toEqual(['npm', 'docker', 'github-actions'])
})
