// What an apply tells: outputs, result file, report, and repositories that are empty by then.
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { ensureTag } from '../../stand-in/state/push.ts'
import { changesOf, EMPTIED, impatient, policyWith, Scene, APP } from './scene.ts'

let scene: Scene
beforeEach(async () => {
  impatient()
  scene = await Scene.start()
})
afterEach(async () => {
  jest.restoreAllMocks()
  await scene.close()
})

/** One is done, one skipped, one failed, whatever the others. */
async function applyMixed(): ReturnType<Scene['apply']> {
  ensureTag(scene.registry, scene.registry.artifact(APP, 'old-2'), 'prod', Date.now())
  const { digest } = scene.registry.artifact(APP, 'b-1')
  scene.standIn.faults.inject({
    method: 'DELETE',
    path: digest,
    times: Infinity,
    fault: { kind: 'error', status: 500, code: 'UNKNOWN', message: 'out of | disk' },
  })
  return scene.apply()
}

describe('outputs and result file', () => {
  test('add up to the actions of the plan', async () => {
    const { status, reason, host } = await applyMixed()
    const all = scene.plan.actions.length
    expect([status, reason]).toEqual([1, 'partly-failed'])
    expect(host.outputs).toEqual({
      'plan-id': scene.plan.id,
      applied: String(all - 2),
      skipped: '1',
      failed: '1',
      'failure-reason': 'partly-failed',
    })
    const result = scene.result()
    expect(result).toMatchObject({
      format: 'harbor-dredge/result/1',
      plan: scene.plan.id,
      totals: { done: all - 2, skipped: 1, failed: 1 },
      emptied: [{ name: EMPTIED, removed: false }],
    })
    expect(result.results.map(({ kind, repository, digest }) => [kind, repository, digest])).toEqual(
      scene.plan.actions.map(({ kind, repository, digest }) => [kind, repository, digest]),
    )
  })

  test('why something was not done is in both', async () => {
    const { host } = await applyMixed()
    const others = scene.result().results.filter(({ outcome }) => outcome !== 'done')
    expect(others.map(({ tags, outcome, why }) => [tags, outcome, why.replace(/sha256:\w+/, '…')])).toEqual([
      [['old-2', 'old-2a'], 'skipped', 'no longer due: it has another tag by now, prod'],
      [
        ['b-1'],
        'failed',
        "DELETE /api/v2.0/projects/team-a/repositories/app/artifacts/…: answered 500 UNKNOWN (out of | disk); Harbor's core log has the cause",
      ],
    ])
    for (const { why } of others) expect(host.text).toContain(why)
    expect(host.warned).toEqual([expect.stringContaining(`out of | disk`)])
  })
})

test('an image that its project lets nobody pull stays, and what to do is said', async () => {
  const { digest } = scene.registry.artifact(APP, 'b-1')
  scene.standIn.faults.inject({
    method: 'GET',
    path: `manifests/${digest}`,
    times: Infinity,
    fault: {
      kind: 'error',
      status: 412,
      code: 'PROJECTPOLICYVIOLATION',
      message: 'The image is not signed by cosign.',
    },
  })
  const { status, host } = await scene.apply()
  expect([status, host.outputs['skipped']]).toEqual([0, '1'])
  expect(scene.registry.findArtifact(APP, 'b-1')?.digest).toBe(digest)
  expect(host.text).toMatch(
    /Harbor refuses: GET \/v2\/team-a\/app\/manifests\/sha256:\w+: answered 412 PROJECTPOLICYVIOLATION \(The image is not signed by cosign\.\); the project's deployment security/,
  )
})

describe('the report', () => {
  test('says first what came of it, then what to do', async () => {
    const { host } = await applyMixed()
    expect(host.text).toContain(`${scene.plan.actions.length - 2} actions done, 1 skipped, 1 failed.`)
    expect(host.text).toContain('1 action failed; run the same apply again, what was done is not repeated')
    expect(host.text).toContain(`What was deleted can be restored from ${scene.commands.at('work/bin')}`)
    expect(host.text).toMatch(
      /Garbage collection frees less than the plan said, at most [\d.]+ KiB: 1 delete failed and 1 delete was skipped\./,
    )
    expect(host.text.indexOf('Failed: 1')).toBeLessThan(host.text.indexOf('Skipped: 1'))
  })

  test('of a whole apply says what garbage collection frees', async () => {
    const { host } = await scene.apply()
    expect(host.text).toMatch(/Garbage collection then frees at most [\d.]+ KiB, as planned\./)
    expect(host.text).not.toMatch(/Failed|Skipped|Not everything/)
  })
})

describe('repositories with nothing left in them', () => {
  const REMOVING = policyWith('remove-empty-repositories: true')

  test('are named, and stay, where the policy does not say', async () => {
    const { host } = await scene.apply()
    expect(host.text).toContain(`Repositories with nothing left in them: ${EMPTIED}`)
    expect(scene.registry.findRepository(EMPTIED)?.artifacts.size).toBe(0)
  })

  test('are removed where it does, and no other', async () => {
    await scene.planAnew(REMOVING)
    const before = [...scene.registry.repositories()].map(({ name }) => name)
    const { host } = await scene.apply()
    expect(host.text).toContain(`Empty repositories that were removed: ${EMPTIED}`)
    expect([...scene.registry.repositories()].map(({ name }) => name)).toEqual(
      before.filter((name) => name !== EMPTIED),
    )
    expect(scene.result().emptied).toEqual([{ name: EMPTIED, removed: true }])
  })

  test('are not, where something was left by what failed', async () => {
    await scene.planAnew(REMOVING)
    scene.standIn.faults.inject({
      method: 'DELETE',
      path: 'empty-by-then',
      times: 5,
      fault: { kind: 'error', status: 500 },
    })
    await scene.apply({ concurrency: '1' })
    expect(scene.result().emptied).toEqual([])
    expect(scene.registry.findRepository(EMPTIED)?.artifacts.size).toBe(1)
  })

  test('are not, where a signature without its subject is still in them, which no list has', async () => {
    const subject = `sha256:${'5'.repeat(64)}`
    new Builder(scene.registry).sign(EMPTIED, subject)
    await scene.planAnew(REMOVING)
    await scene.apply()
    expect(scene.registry.findRepository(EMPTIED)?.artifacts.size).toBe(1)
    expect(scene.result().emptied).toEqual([{ name: EMPTIED, removed: false }])
  })

  test('are not, where somebody pushed into them meanwhile', async () => {
    await scene.planAnew(REMOVING)
    scene.standIn.faults.inject({
      method: 'DELETE',
      path: 'empty-by-then',
      fault: { kind: 'delay', milliseconds: 50 },
    })
    const applying = scene.apply({ concurrency: '1' })
    new Builder(scene.registry).image(EMPTIED, { tags: ['new'] })
    await applying
    expect(scene.registry.findArtifact(EMPTIED, 'new')).toBeDefined()
    expect(scene.result().emptied).toEqual([])
  })

  test.each([
    ['refused', { kind: 'error', status: 412, code: 'PRECONDITION', message: 'immutable' }, false],
    ['cut off before', { kind: 'cut', acted: false }, false],
    ['cut off after it was done', { kind: 'cut', acted: true }, true],
    ['answered 500 after it was done', { kind: 'error', status: 500, acted: true }, true],
  ] as const)('removal %s: what became of it is told', async (_name, fault, removed) => {
    await scene.planAnew(REMOVING)
    scene.standIn.faults.inject({ method: 'DELETE', path: /repositories\/empty-by-then$/, fault })
    const { status, host } = await scene.apply()
    expect(status).toBe(0)
    expect(scene.result().emptied).toEqual([{ name: EMPTIED, removed }])
    expect(scene.registry.findRepository(EMPTIED) === undefined).toBe(removed)
    expect(host.warned).toEqual(
      removed
        ? []
        : [expect.stringMatching(/^team-b\/empty-by-then is empty, and could not be removed: DELETE /)],
    )
  })
})

test('every delete names a digest, never a tag in its place', async () => {
  await scene.apply()
  const changes = changesOf(scene.standIn)
  expect(changes).toHaveLength(scene.plan.actions.length)
  expect(
    changes.filter(
      (line) => !/^DELETE \S+\/artifacts\/sha256:[0-9a-f]{64}(?:\/tags\/[^/]+)? 200$/.test(line),
    ),
  ).toEqual([])
})
