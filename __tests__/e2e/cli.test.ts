// The built command line: options and environment in, report out, and how it ends.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { parseJson } from '../../stand-in/state/json.ts'
import type { StandIn } from '../../stand-in/stand-in.ts'
import { ADMIN } from '../helpers/connect.ts'
import { LAB_NOW, LAB_POLICY, startLab } from '../helpers/lab.ts'
import {
  ended,
  Folder,
  inputsAsAction,
  outputsOf,
  startAction,
  startCli,
  type Inputs,
  type Ran,
} from '../helpers/program.ts'

let standIn: StandIn
let folder: Folder
beforeAll(async () => {
  standIn = await startLab()
})
afterAll(() => standIn.close())
beforeEach(() => {
  folder = new Folder()
  folder.write('policy.yml', LAB_POLICY)
})
afterEach(() => {
  standIn.faults.clear()
  folder.remove()
})

function environment(more: Inputs = {}): Inputs {
  return {
    HARBOR_URL: standIn.url,
    HARBOR_USERNAME: ADMIN.username,
    HARBOR_PASSWORD: ADMIN.password,
    ...more,
  }
}

function run(args: readonly string[], more: Inputs = {}): Promise<Ran> {
  return ended(startCli(folder, args, environment(more)))
}

const PLAN = ['plan', '--policy', 'policy.yml']

describe('exit status', () => {
  test('0: a plan', async () => {
    const { status, stdout, stderr } = await run(PLAN)
    expect(status).toBe(0)
    expect(stdout).toContain('pull request builds')
    // The report is what goes on; the rest is talk.
    expect(stderr.split('\n').filter((line) => !/^(?:\S+: .* of its repositories)?$/.test(line))).toEqual([])
    expect(stdout).not.toContain('of its repositories')
  })

  test('1: a plan that isn’t complete', async () => {
    const fault = { kind: 'error', status: 403, code: 'FORBIDDEN', message: 'forbidden' } as const
    standIn.faults.inject({ path: 'team-b/repositories', times: Infinity, fault })
    const { status, stdout } = await run(PLAN)
    expect(status).toBe(1)
    expect(stdout).toContain('This plan cannot be applied.')
    expect(parseJson<{ applyable: boolean }>(folder.read('harbor-dredge-plan.json')).applyable).toBe(false)
  })

  test.each<readonly [string, readonly string[], string]>([
    [
      'a policy that isn’t there',
      ['plan', '--policy', 'nope.yml'],
      'error: nope.yml: there is no such file; see the input `policy`\n',
    ],
    [
      'an unknown option',
      ['plan', '--polcy', 'x'],
      'there is no option --polcy; did you mean --policy?\nharbor-dredge --help lists the options.\n',
    ],
    [
      'two commands',
      ['plan', 'apply'],
      'one command at a time: plan apply\nharbor-dredge --help lists the options.\n',
    ],
    [
      'an unknown command',
      ['paln'],
      'error: there is no command `paln`; this version has `plan`, `apply`, `restore`, `gc`\n',
    ],
    [
      'a value that is none',
      [...PLAN, '--now', 'then'],
      'error: `now` is `then`; write an instant like 2026-11-21T08:00:00Z, or +30d\n',
    ],
    [
      'a secret for an option',
      ['plan', '--harbor-password=x'],
      '--harbor-password is a secret, and options are seen by everybody on the machine; set HARBOR_PASSWORD in the environment\nharbor-dredge --help lists the options.\n',
    ],
  ])('2: %s', async (_what, args, words) => {
    const { status, stdout, stderr } = await run(args)
    expect([status, stdout, stderr]).toEqual([2, '', words])
  })

  test('2: a bad policy, each problem with its place', async () => {
    folder.write('policy.yml', 'version: 1\nrules:\n  - name: r\n    select: {}\n    delete: {}\n')
    const { status, stderr } = await run(PLAN)
    expect([status, stderr]).toEqual([
      2,
      [
        'policy.yml:4:13: error: an empty mapping says nothing; write `tags: ["**"]` for every tag',
        'policy.yml:5:13: error: an empty mapping says nothing; write `always` for no condition',
        'error: policy.yml has 2 problems; nothing was read from Harbor',
        '',
      ].join('\n'),
    ])
  })

  test.each([['--fail-on-changes'], ['--fail-on-changes=true'], ['--fail-on-changes', 'true']])(
    '3: changes that were to fail: %s %s',
    async (...flag) => {
      const { status } = await run([...PLAN, ...flag])
      expect(status).toBe(3)
    },
  )
})

describe('options and environment', () => {
  test('an option stands before a variable', async () => {
    const { status } = await run([...PLAN, '--harbor-url', standIn.url], { HARBOR_URL: 'http://127.0.0.1:1' })
    expect(status).toBe(0)
  })

  test('--version and --help need nothing', async () => {
    const answers = await Promise.all(
      [['--version'], ['--help'], ['plan', '-h']].map((args) => ended(startCli(folder, args))),
    )
    expect(answers.map(({ status, stderr }) => [status, stderr])).toEqual([
      [0, ''],
      [0, ''],
      [0, ''],
    ])
    expect(answers[0]?.stdout).toMatch(/^harbor-dredge \d+\.\d+\.\d+\n$/)
    expect(answers[1]?.stdout).toContain('HARBOR_PASSWORD')
    expect(answers[1]?.stdout).not.toContain('--harbor-password')
    expect(answers[2]?.stdout).toBe(answers[1]?.stdout)
  })

  test('what runs in a workflow doesn’t listen to it', async () => {
    const { status, stdout } = await run(PLAN, { INPUT_POLICY: 'nope.yml', GITHUB_ACTIONS: 'true' })
    expect([status, stdout.includes('::')]).toEqual([0, false])
  })

  test.each([
    [{}, false],
    [{ FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('colours with %j: %s', async (variables, coloured) => {
    const { stdout } = await run(PLAN, variables)
    expect(stdout.includes('\u001B[')).toBe(coloured)
  })
})

test('both shells make the same plan', async () => {
  await run([...PLAN, '--now', LAB_NOW, '--plan-file', 'cli.json'])
  const inputs = inputsAsAction(environment(), {
    policy: 'policy.yml',
    now: LAB_NOW,
    'plan-file': 'action.json',
  })
  await ended(startAction(folder, inputs))
  const [cli, action] = ['cli.json', 'action.json'].map((name) =>
    folder.read(name).replace(/"createdAt": "[^"]*"/, ''),
  )
  expect(action).toBe(cli)
  expect(outputsOf(folder)['plan-id']).toMatch(/^sha256:[0-9a-f]{64}$/)
})
