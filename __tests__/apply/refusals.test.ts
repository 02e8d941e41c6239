// Why an apply doesn't begin: each with its reason, in words that say what to do, and before anything is changed.
import { mkdirSync } from 'node:fs'
import process from 'node:process'
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import type { Given } from '../../src/inputs/settings.ts'
import { planId } from '../../src/plan/id.ts'
import type { ReadPlan } from '../../src/plan/read.ts'
import { addRobot, access } from '../../stand-in/state/robots.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import { APP, changesOf, impatient, POLICY, policyWith, Scene } from './scene.ts'

const DAY = 86_400_000

let scene: Scene
let untouched: readonly string[]
beforeEach(async () => {
  impatient()
  scene = await Scene.start()
  untouched = scene.state()
})
afterEach(async () => {
  jest.restoreAllMocks()
  await scene.close()
})

type Editable = { -readonly [Key in keyof ReadPlan]: ReadPlan[Key] }

/** Changes the plan file. */
function edit(change: (plan: Editable) => void): void {
  const plan = parseJson<Editable>(scene.folder.read('plan.json'))
  change(plan)
  scene.folder.write('plan.json', JSON.stringify(plan))
}

async function expectRefusal(
  reason: string,
  words: RegExp,
  { given = {}, status = 1, present = Date.now() }: { given?: Given; status?: number; present?: number } = {},
): Promise<void> {
  const outcome = await scene.apply(given, present)
  expect([outcome.status, outcome.reason]).toEqual([status, reason])
  expect(outcome.host.complained).toHaveLength(1)
  expect(outcome.host.complained[0]).toMatch(words)
  expect(outcome.host.outputs).toEqual({ 'failure-reason': reason })
  expect(changesOf(scene.standIn)).toEqual([])
  expect(scene.state()).toEqual(untouched)
  expect([...scene.folder.files().keys()].filter((name) => name.startsWith('work/'))).toEqual([])
}

describe('the plan', () => {
  test('none was approved', () =>
    expectRefusal('plan-id', /^`plan-id` is missing: .*plan prints its id$/, {
      given: { 'plan-id': '' },
      status: 2,
    }))

  // What the id does not cover.
  test('was made to look as if it could be applied, though it is over the limit', async () => {
    scene.folder.write('policy.yml', policyWith('max-deletes: 3'))
    const { host } = await scene.commands.run('plan')
    edit((plan) => {
      Object.assign(plan, { applyable: true, problems: [] })
    })
    await expectRefusal('plan-not-applyable', /deletes are over limits\.max-deletes, 3/, {
      given: { 'plan-id': host.outputs['plan-id'] ?? '' },
    })
  })

  test('says that it was made in the future, and would never be too old', async () => {
    const later = new Date(Date.now() + 2 * DAY).toISOString()
    edit((plan) => {
      Object.assign(plan, { createdAt: later, now: later })
    })
    await expectRefusal('plan-edited', /made in the future, at \d+-.*; plan again/)
  })

  test('looks at another time', async () => {
    edit((plan) => {
      Object.assign(plan, { now: new Date(Date.now() + 30 * DAY).toISOString() })
    })
    await expectRefusal('plan-not-applyable', /plan without `now` to apply/)
  })

  test('another was approved', () => {
    const other = `sha256:${'0'.repeat(64)}`
    return expectRefusal(
      'plan-id',
      new RegExp(`the plan is sha256:.*, and ${other} was approved; give the plan file`),
      {
        given: { 'plan-id': other },
      },
    )
  })

  test.each<readonly [string, (plan: Editable) => void]>([
    ['an action is added', (plan) => (plan.actions = [...plan.actions, another(plan)])],
    ['an action is there twice', (plan) => (plan.actions = [...plan.actions, ...plan.actions.slice(0, 1)])],
    ['an action is left out', (plan) => (plan.actions = plan.actions.slice(1))],
    ['the order is another', (plan) => (plan.actions = plan.actions.toReversed())],
    ['a tag is another', (plan) => (plan.actions = plan.actions.map((each) => retagged(each)))],
    [
      'a repository is another',
      (plan) => (plan.actions = plan.actions.map((each) => ({ ...each, repository: 'team-c/untouched' }))),
    ],
    [
      'a reason is another',
      (plan) => (plan.actions = plan.actions.map((each) => ({ ...each, reason: 'because' }))),
    ],
    ['the Harbor is another', (plan) => (plan.harbor = { ...plan.harbor, url: 'https://other.example.com' })],
    [
      'the policy is another',
      (plan) => (plan.policy = { ...plan.policy, digest: `sha256:${'1'.repeat(64)}` }),
    ],
  ])('it was edited: %s', async (_name, change) => {
    edit(change)
    await expectRefusal(
      'plan-edited',
      /^nothing was changed: the plan was changed after it was made.*plan again$/,
    )
  })

  test.each<readonly [string, (plan: Editable) => void]>([
    ['added an action', (plan) => (plan.actions = [...plan.actions, another(plan)])],
    ['left one out', (plan) => (plan.actions = plan.actions.slice(1))],
  ])('whoever %s and wrote a new id has no approval for it', async (_name, change) => {
    const approved = scene.plan.id
    edit((plan) => {
      change(plan)
      plan.id = planId(plan)
    })
    await expectRefusal('plan-id', /was approved; give the plan file that belongs to it/, {
      given: { 'plan-id': approved },
    })
  })

  test.each([
    [
      'another format',
      { format: 'harbor-dredge/plan/2' },
      'plan-format',
      /its format is `harbor-dredge\/plan\/2`.*plan again with it/,
    ],
    [
      'an unknown kind of action',
      { actions: [{ kind: 'delete-project', repository: APP }] },
      'plan-unreadable',
      /`actions\.0\.kind` is not as in a plan: .*; plan again/,
    ],
    [
      'an action with something more',
      {
        actions: [
          {
            kind: 'delete-tag',
            repository: APP,
            digest: `sha256:${'0'.repeat(64)}`,
            tag: 'x',
            rule: 'r',
            reason: '',
            force: true,
          },
        ],
      },
      'plan-unreadable',
      /`actions\.0\.force` is not as in a plan/,
    ],
    [
      'a tag for a digest',
      { actions: [{ kind: 'delete-tag', repository: APP, digest: 'v1', tag: 'x', rule: 'r', reason: '' }] },
      'plan-unreadable',
      /`actions\.0\.digest` is not as in a plan: is not a digest/,
    ],
    [
      'a repository that leads elsewhere',
      {
        actions: [
          {
            kind: 'delete-tag',
            repository: 'team-a',
            digest: `sha256:${'0'.repeat(64)}`,
            tag: 'x',
            rule: 'r',
            reason: '',
          },
        ],
      },
      'plan-unreadable',
      /`actions\.0\.repository`/,
    ],
    ['no actions', { actions: undefined }, 'plan-unreadable', /`actions` is not as in a plan/],
  ])('it has %s', async (_name, fields, reason, words) => {
    edit((plan) => Object.assign(plan, fields))
    await expectRefusal(reason, words, { status: 2 })
  })

  test('it is cut short', async () => {
    scene.folder.write('plan.json', scene.folder.read('plan.json').slice(0, -200))
    await expectRefusal('plan-unreadable', /plan\.json: it is no JSON, or not whole: .*; plan again$/, {
      status: 2,
    })
  })

  test.each(['', '[]', 'null', '"plan"', '{}'])('it is %j', async (content) => {
    scene.folder.write('plan.json', content)
    await expectRefusal('plan-unreadable', /plan again$/, { status: 2 })
  })

  test('it is not there', () =>
    expectRefusal('bad-input', /no-plan\.json: there is no such file; see the input `plan-file`$/, {
      given: { 'plan-file': scene.commands.at('no-plan.json') },
      status: 2,
    }))

  test('it is for another Harbor', async () => {
    edit((plan) => {
      plan.harbor = { ...plan.harbor, url: 'https://other.example.com' }
      plan.id = planId(plan)
      scene.plan = { ...scene.plan, id: plan.id }
    })
    await expectRefusal(
      'other-harbor',
      /the plan is for https:\/\/other\.example\.com, and harbor-url is http:/,
    )
  })

  test('it is too old', () =>
    expectRefusal('plan-too-old', /the plan is .* old, over limits\.max-plan-age, 7d; plan again$/, {
      present: Date.now() + 7 * DAY + 1000,
    }))

  test('it is too old for this policy', async () => {
    await scene.planAnew(policyWith('max-plan-age: 1d'))
    await expectRefusal('plan-too-old', /over limits\.max-plan-age, 1d; plan again$/, {
      present: Date.now() + DAY + 1000,
    })
  })

  test('it is over a limit', async () => {
    await scene.planAnew(policyWith('max-deletes: 3'))
    await expectRefusal('plan-not-applyable', /the plan cannot be applied: .*max-deletes/)
  })

  test('it is not complete', async () => {
    scene.standIn.faults.inject({
      path: 'web%252Fshop',
      times: Infinity,
      fault: { kind: 'error', status: 500 },
    })
    await scene.planAnew()
    scene.standIn.faults.clear()
    await expectRefusal('plan-not-applyable', /the plan cannot be applied: team-b\/web\/shop was not read/)
  })

  test('it looks at another time', async () => {
    await scene.planAnew(POLICY, { now: '+30d' })
    await expectRefusal(
      'plan-not-applyable',
      /the plan cannot be applied: this plan looks at .*; plan without `now` to apply$/,
    )
  })

  test('it has nothing to do', async () => {
    await scene.planAnew(
      POLICY.replace('"old*"', '"none"').replace('"b-*"', '"none"').replace('untagged: true', 'tags: [none]'),
    )
    await expectRefusal('plan-not-applyable', /the plan cannot be applied: it has nothing to do/)
  })
})

function another({ actions: [first] }: Editable): ReadPlan['actions'][number] {
  if (first === undefined) throw new Error('the plan is empty')
  return {
    kind: 'delete-tag',
    repository: APP,
    digest: first.digest,
    tag: 'stable',
    rule: 'old',
    reason: 'always',
  }
}

function retagged(action: ReadPlan['actions'][number]): ReadPlan['actions'][number] {
  return action.kind === 'delete-tag' ? { ...action, tag: 'stable' } : action
}

describe('the policy', () => {
  test('a byte of it is another', async () => {
    scene.folder.write('policy.yml', `${POLICY}\n`)
    await expectRefusal(
      'policy-changed',
      /policy\.yml is not the policy that the plan was made by; plan again, and have that approved$/,
    )
  })

  test('it is not there', async () => {
    await expectRefusal('bad-input', /there is no such file/, {
      given: { policy: scene.commands.at('none.yml') },
      status: 2,
    })
  })
})

describe('where it runs', () => {
  const before = process.env['GITHUB_EVENT_NAME']
  afterEach(() => {
    if (before === undefined) delete process.env['GITHUB_EVENT_NAME']
    else process.env['GITHUB_EVENT_NAME'] = before
  })

  test.each(['pull_request', 'pull_request_target', 'pull_request_review', 'pull_request_review_comment'])(
    'on %s',
    async (event) => {
      process.env['GITHUB_EVENT_NAME'] = event
      await expectRefusal(
        'pull-request',
        /^apply does not run on .*run it on push, schedule or workflow_dispatch$/,
        { status: 2 },
      )
      expect(scene.standIn.requests).toEqual([])
    },
  )

  test.each(['merge_group', 'issue_comment', 'discussion_comment', 'issues', 'discussion'])(
    'on %s',
    async (event) => {
      process.env['GITHUB_EVENT_NAME'] = event
      await expectRefusal('unreviewed-event', new RegExp(`^apply does not run on ${event}: `), { status: 2 })
      expect(scene.standIn.requests).toEqual([])
    },
  )

  test.each(['push', 'schedule', 'workflow_dispatch'])('on %s it begins', async (event) => {
    process.env['GITHUB_EVENT_NAME'] = event
    expect((await scene.apply()).status).toBe(0)
  })
})

describe('Harbor', () => {
  test('takes no changes for now', async () => {
    scene.registry.configuration.set('read_only', true)
    await expectRefusal('harbor-read-only', /is in read-only mode \(Configuration, System Settings\)/)
  })

  test('is not there', async () => {
    scene.standIn.faults.inject({ times: Infinity, fault: { kind: 'cut', acted: false } })
    await expectRefusal('harbor-unreachable', /no answer/)
  })

  test('fails while it is asked what the account may', async () => {
    scene.standIn.faults.inject({
      path: 'permissions',
      times: Infinity,
      fault: { kind: 'html', status: 502 },
    })
    await expectRefusal('harbor-unreachable', /^nothing was changed: GET .*permissions.*answered 502/)
  })

  const READS = 'repository:list repository:pull artifact:list artifact:read tag:list accessory:list'
  test.each([
    ['tags', `${READS} artifact:delete`, 'tag:delete'],
    ['artifacts', `${READS} tag:delete`, 'artifact:delete'],
    ['anything', READS, 'tag:delete, artifact:delete'],
  ])('does not let the account delete %s', async (_name, rights, missing) => {
    const permissions = ['team-a', 'team-b'].map((namespace) => ({
      kind: 'project' as const,
      namespace,
      access: access(rights),
    }))
    const { name, secret } = addRobot(scene.registry, {
      name: 'reader',
      secret: 'Reader12345',
      level: 'system',
      permissions,
    })
    await expectRefusal(
      'may-not-delete',
      new RegExp(`may not do this in project team-a: ${missing}; give the robot`),
      {
        given: { 'harbor-username': name, 'harbor-password': secret },
      },
    )
  })
})

describe('replication', () => {
  interface Wanted {
    readonly deletes?: boolean
    readonly enabled?: boolean
    readonly trigger?: string
    readonly filters?: readonly Readonly<Record<string, unknown>>[]
    readonly pulls?: boolean
  }

  function replicate({
    deletes = true,
    enabled = true,
    trigger = 'event_based',
    filters = [],
    pulls = false,
  }: Wanted): void {
    const remote = {
      id: 1,
      name: 'elsewhere',
      type: 'harbor',
      url: 'https://b.example.com',
      insecure: false,
      created: 0,
    }
    scene.registry.replications.set(1, {
      id: 1,
      name: 'to elsewhere',
      description: '',
      destination: pulls ? null : remote,
      source: pulls ? remote : null,
      destinationNamespace: '',
      replaceCount: 0,
      trigger: { type: trigger },
      filters,
      replicateDeletion: deletes,
      enabled,
      override: true,
      created: 0,
    })
  }

  test.each<readonly [string, Wanted]>([
    ['of everything', {}],
    ['of a name that matches', { filters: [{ type: 'name', value: 'team-a/**' }] }],
    ['of several names in braces', { filters: [{ type: 'name', value: 'team-{b,x}/**' }] }],
    [
      'of a name and a tag',
      {
        filters: [
          { type: 'name', value: APP },
          { type: 'tag', value: 'old-1' },
        ],
      },
    ],
    ['of a tag, whichever', { filters: [{ type: 'tag', value: 'nothing-*' }] }],
    ['of a filter that is not understood', { filters: [{ type: 'name', value: '[' }] }],
  ])('%s would carry the deletions on', async (_name, wanted) => {
    replicate(wanted)
    await expectRefusal(
      'replicates-deletions',
      /would carry these deletions to another registry: to elsewhere; turn "delete remote resources" off/,
    )
  })

  test.each<readonly [string, Wanted]>([
    ['another name', { filters: [{ type: 'name', value: 'team-c/**' }] }],
    [
      'one level too few',
      {
        filters: [
          { type: 'name', value: 'team-b/*' },
          { type: 'name', value: 'team-c/*' },
        ],
      },
    ],
    ['copies only', { deletes: false }],
    ['a rule that is off', { enabled: false }],
    ['by hand', { trigger: 'manual' }],
    ['by schedule', { trigger: 'scheduled' }],
    ['to here', { pulls: true }],
  ])('of %s is none of its business', async (_name, wanted) => {
    replicate(wanted)
    const { status, host } = await scene.apply()
    expect([status, host.warned, host.outputs['applied']]).toEqual([0, [], String(scene.plan.actions.length)])
  })
})

describe('the work directory', () => {
  test.each([
    ['a file stands there', 'work'],
    ['a file stands where its bin is to be', 'work/bin'],
  ])('%s', async (_name, file) => {
    if (file.includes('/')) mkdirSync(scene.commands.at('work'))
    scene.folder.write(file, 'in the way')
    const { status, reason, host } = await scene.apply()
    expect([status, reason, host.complained]).toEqual([
      1,
      'journal',
      [expect.stringMatching(/^nothing was changed: .*work.*; see the input `work-dir`$/)],
    ])
    expect(changesOf(scene.standIn)).toEqual([])
    expect(scene.state()).toEqual(untouched)
  })
})
