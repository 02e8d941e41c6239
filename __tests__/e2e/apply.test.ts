// The built action from a plan to an image that is back, each step as GitHub runs it.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { startStandIn, type StandIn } from '../../stand-in/stand-in.ts'
import { ADMIN } from '../helpers/connect.ts'
import { ended, Folder, outputsOf, startAction, startCli, type Inputs, type Ran } from '../helpers/program.ts'
import { LONG_AGO } from '../helpers/registry.ts'

const REPOSITORY = 'library/app'
const POLICY = `version: 1
rules: [{ name: old, select: { tags: ["old-*"] }, delete: always }]
limits: { max-delete-percent: 100, keep-per-repository: 0 }
gc: { run: true }
trash: { keep: 7d }
`

let standIn: StandIn
let folder: Folder
beforeEach(async () => {
  standIn = await startStandIn()
  folder = new Folder()
  folder.write('policy.yml', POLICY)
  const builder = new Builder(standIn.registry)
  for (const tag of ['old-1', 'old-2', 'new']) {
    const image = builder.image(REPOSITORY, { tags: [tag], layers: [tag], pushed: LONG_AGO })
    builder.sign(REPOSITORY, image.digest, 'sig', LONG_AGO)
  }
})
afterEach(async () => {
  await standIn.close()
  folder.remove()
})

function step(inputs: Inputs, environment: Inputs = {}): Promise<Ran> {
  const { username, password } = ADMIN
  return ended(
    startAction(
      folder,
      {
        policy: 'policy.yml',
        'harbor-url': standIn.url,
        'harbor-username': username,
        'harbor-password': password,
        ...inputs,
      },
      environment,
    ),
  )
}

const tags = (): string[] => [...standIn.registry.repository(REPOSITORY).tags.keys()].toSorted()

test('plan, approve, apply, collect garbage, restore one by its name, on the command line, too', async () => {
  const before = tags()
  await step({ command: 'plan' })
  const { 'plan-id': id = '' } = outputsOf(folder)

  const onPullRequest = await step({ command: 'apply', 'plan-id': id }, { GITHUB_EVENT_NAME: 'pull_request' })
  expect([onPullRequest.status, outputsOf(folder)['failure-reason'], tags()]).toEqual([
    1,
    'pull-request',
    before,
  ])

  const applied = await step({ command: 'apply', 'plan-id': id })
  expect([applied.status, applied.stderr]).toEqual([0, ''])
  expect(outputsOf(folder)).toEqual({
    'plan-id': id,
    applied: '2',
    skipped: '0',
    failed: '0',
    'failure-reason': '',
  })
  expect(tags().filter((tag) => !tag.startsWith('sha256-'))).toEqual(['new'])
  const summary = folder.read('summary.md')
  expect(summary).toContain('**2 actions done, 0 skipped, 0 failed.**')
  expect(summary).toMatch(/Garbage collection freed \d/)
  expect(summary).toContain('| `library/app:old-1` |')

  const restored = await ended(
    startCli(folder, ['restore', '--only', `${REPOSITORY}:old-1`], {
      HARBOR_URL: standIn.url,
      HARBOR_USERNAME: ADMIN.username,
      HARBOR_PASSWORD: ADMIN.password,
    }),
  )
  expect([restored.status, restored.stdout.split('\n')[2]]).toEqual([0, '1 image put back.'])
  expect(tags().filter((tag) => !tag.startsWith('sha256-'))).toEqual(['new', 'old-1'])

  await step({ command: 'restore' })
  expect(outputsOf(folder)['applied']).toBe('1')
  expect(tags()).toEqual(before)
}, 30_000)
