// What the example workflows name is there, and what they must never do they don't.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { INPUTS, OUTPUTS } from '../../src/inputs/inputs.ts'
import { namesIn, namesInExpression } from './expressions.ts'
import { actionOf, DREDGE, EXAMPLES, exampleNames, readExample, type Job, type Step } from './workflow.ts'

const INPUT_NAMES = new Set<string>(INPUTS.map(({ name }) => name))
const OUTPUT_NAMES = new Set<string>(OUTPUTS.map(({ name }) => name))
const OWN = path.join('.github', 'workflows')

/** Every name in a job that is looked up when it runs. */
function namesOf({ name, if: condition, outputs, steps }: Job): readonly string[] {
  const values = [name, ...Object.values(outputs)]
  const conditions = [condition ?? '']
  for (const step of steps) {
    values.push(...Object.values(step.with), ...Object.values(step.env))
    conditions.push(step.if ?? '')
  }
  return [
    ...values.flatMap((value) => namesIn(value)),
    ...conditions.flatMap((each) => namesInExpression(each.replaceAll(/\$\{\{|\}\}/g, ''))),
  ]
}

/** What a step can be asked for afterwards. */
function hasOutput(step: Step | undefined, output: string): boolean {
  if (step === undefined) return false
  if (step.run !== undefined) return step.run.includes(`echo "${output}=`)
  if (actionOf(step) === DREDGE) return OUTPUT_NAMES.has(output)
  return actionOf(step) === 'actions/upload-artifact' && output === 'artifact-id'
}

test('there is a workflow for each way of working', () => {
  expect(exampleNames()).toEqual([
    'registry-after-merge.yml',
    'registry-by-dispatch.yml',
    'registry-clean-up.yml',
    'registry-dry-run.yml',
    'registry-garbage.yml',
    'registry-mirror.yml',
    'registry-restore.yml',
    'registry-unattended.yml',
  ])
})

describe.each(exampleNames())('%s', (name) => {
  const { on, jobs } = readExample(name)
  const steps = Object.values(jobs).flatMap((job) => job.steps)

  test('gives harbor-dredge inputs that it has', () => {
    const given = steps.filter((step) => actionOf(step) === DREDGE).flatMap((step) => Object.keys(step.with))
    expect(given.length).toBeGreaterThan(0)
    expect(given.filter((input) => !INPUT_NAMES.has(input))).toEqual([])
  })

  test('asks steps and jobs for outputs that they have', () => {
    const missing = Object.entries(jobs).flatMap(([id, job]) =>
      namesOf(job)
        .filter((each) => {
          const [context, of = '', , output = ''] = each.split('.')
          if (context === 'needs') return job.needs !== of || jobs[of]?.outputs[output] === undefined
          return (
            context === 'steps' &&
            !hasOutput(
              job.steps.find((step) => step.id === of),
              output,
            )
          )
        })
        .map((each) => `${id}: ${each}`),
    )
    expect(missing).toEqual([])
  })

  test('never applies what a pull request, a comment or another run asks for', () => {
    const events = Object.keys(on)
    for (const event of ['pull_request_target', 'issue_comment', 'workflow_run']) {
      expect(events).not.toContain(event)
    }
    const commands = steps
      .filter((step) => actionOf(step) === DREDGE)
      .map((step) => step.with['command'] ?? 'plan')
    if (events.includes('pull_request')) expect(new Set(commands)).toEqual(new Set(['plan']))
  })

  test('changes the registry from the default branch only, one run at a time', () => {
    for (const job of Object.values(jobs)) {
      const changing = job.steps.filter((step) =>
        ['apply', 'restore', 'gc'].includes(step.with['command'] ?? ''),
      )
      if (changing.length === 0) continue
      const isOnMain =
        (job.if ?? '').includes("github.ref == 'refs/heads/main'") ||
        (jobs[job.needs ?? '']?.if ?? '').includes("github.ref == 'refs/heads/main'") ||
        // Schedules run on the default branch; a push says which one.
        Object.keys(on).every((event) => event === 'schedule') ||
        JSON.stringify(on['push'])?.includes('"branches":["main"]')
      expect(isOnMain).toBe(true)
      expect(job.concurrency ?? readExample(name).concurrency).toMatchObject({ 'cancel-in-progress': false })
    }
  })

  test('reads with one robot and deletes with another', () => {
    for (const job of Object.values(jobs)) {
      const commands = job.steps
        .filter((step) => actionOf(step) === DREDGE)
        .map((step) => step.with['command'])
      if (name === 'registry-mirror.yml') continue
      expect(job.environment === 'registry-read').toBe(commands.every((command) => command === undefined))
    }
  })
})

test('the README shows the first two as they are', () => {
  const readme = readFileSync('README.md', 'utf8')
  for (const name of ['registry-dry-run.yml', 'registry-clean-up.yml']) {
    expect([name, readme.includes(readFileSync(path.join(EXAMPLES, name), 'utf8'))]).toEqual([name, true])
  }
})

test('plans of other runs get a folder of their own, so that nothing in them takes the place of the policy', () => {
  for (const name of exampleNames()) {
    for (const step of Object.values(readExample(name).jobs).flatMap((job) => job.steps)) {
      if (actionOf(step) !== 'actions/download-artifact') continue
      expect(step.with['path']).toBe(name === 'registry-restore.yml' ? '.harbor-dredge' : 'approved')
    }
  }
})

test('every action is pinned to one commit everywhere, with its version', () => {
  const files = [
    ...readdirSync(OWN).map((name) => path.join(OWN, name)),
    ...exampleNames().map((name) => path.join(EXAMPLES, name)),
  ]
  const pins = new Map<string, Set<string>>()
  for (const file of files) {
    for (const [, action = '', pin = ''] of readFileSync(file, 'utf8').matchAll(
      /uses: ([^\s@]+)(?:@(.+))?$/gm,
    )) {
      if (action === './') continue
      expect([file, action, pin]).toEqual([
        file,
        action,
        expect.stringMatching(/^[0-9a-f]{40} # v\d+\.\d+\.\d+$/),
      ])
      const repository = action.split('/').slice(0, 2).join('/')
      pins.set(repository, (pins.get(repository) ?? new Set()).add(pin))
    }
  }
  expect([...pins].filter(([, commits]) => commits.size > 1)).toEqual([])
})
