// The rights that an apply takes, no more and no fewer.
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import type { Given } from '../../src/inputs/settings.ts'
import { access, addRobot } from '../../stand-in/state/robots.ts'
import { dishonesty, namesIn } from './honesty.ts'
import { impatient, Scene } from './scene.ts'

const LEAST = [
  'repository:list',
  'repository:pull',
  'artifact:list',
  'artifact:read',
  'artifact:delete',
  'tag:delete',
] as const

let scene: Scene
let applied: readonly string[]
let untouched: readonly string[]
beforeEach(async () => {
  impatient()
  scene = await Scene.start()
  untouched = scene.state()
  await scene.apply()
  applied = scene.state()
  scene.reset()
})
afterEach(async () => {
  jest.restoreAllMocks()
  await scene.close()
})

function robotWith(rights: readonly string[], system: readonly string[] = []): Given {
  const given = access(rights.join(' '))
  const projects = ['team-a', 'team-b'].map((namespace) => ({
    kind: 'project' as const,
    namespace,
    access: given,
  }))
  const { name, secret } = addRobot(scene.registry, {
    name: 'dredge',
    secret: 'Dredge12345',
    level: 'system',
    permissions:
      system.length === 0
        ? projects
        : [...projects, { kind: 'system', namespace: '/', access: access(system.join(' ')) }],
  })
  return { 'harbor-username': name, 'harbor-password': secret }
}

describe('a robot', () => {
  test('with the least rights applies a whole plan, and says what it could not see', async () => {
    const { status, host } = await scene.apply(robotWith(LEAST))
    expect([status, host.outputs['applied']]).toEqual([0, String(scene.plan.actions.length)])
    expect(scene.state()).toEqual(applied)
    expect(host.warned).toEqual([
      'the account may not see replication rules: whether one carries deletions to another registry is not known (List Replication Policy)',
    ])
  })

  test('that may see replication rules has nothing to warn of', async () => {
    const { status, host } = await scene.apply(robotWith(LEAST, ['replication-policy:list']))
    expect([status, host.warned, host.outputs['applied']]).toEqual([0, [], String(scene.plan.actions.length)])
  })

  /** Items that it needs it for, by what it says of them. */
  const WITHOUT: readonly (readonly [(typeof LEAST)[number], string, RegExp])[] = [
    ['repository:list', 'partly-failed', /team-a was not read: .*answered 403/],
    ['repository:pull', 'may-not-delete', /repository:pull; give the robot Delete Artifact/],
    ['artifact:list', 'partly-failed', /was not read: .*answered 403/],
    ['artifact:read', 'partly-failed', /team-a\/app was not read: .*answered 403/],
    ['artifact:delete', 'may-not-delete', /artifact:delete; give the robot Delete Artifact/],
    [
      'tag:delete',
      'may-not-delete',
      /tag:delete; give the robot Delete Artifact, Delete Tag and Pull Repository/,
    ],
  ]

  test.each(WITHOUT)(
    'without %s: is told, %s, and nothing is gone that is not told',
    async (right, why, words) => {
      const before = namesIn(scene.registry)
      const { status, reason, host } = await scene.apply(robotWith(LEAST.filter((each) => each !== right)))
      expect([status, reason]).toEqual([1, why])
      if (why === 'may-not-delete') {
        expect(host.complained.join('')).toMatch(words)
        expect(scene.state()).toEqual(untouched)
        return
      }
      const { results, totals } = scene.result()
      expect(totals.failed).toBeGreaterThan(0)
      expect(results.find(({ outcome }) => outcome === 'failed')?.why).toMatch(words)
      expect(dishonesty(scene, results, before)).toEqual([])
    },
  )
})
