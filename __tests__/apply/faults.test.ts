// Whatever Harbor answers, or doesn't: never more is gone than the plan says, and what is told is what happened.
import process from 'node:process'
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import type { Fault } from '../../stand-in/http/faults.ts'
import { differences } from './again.ts'
import { dishonesty, namesIn } from './honesty.ts'
import { deletesOf, impatient, Scene } from './scene.ts'

/** Every so manyth request is disturbed, and of the deletes more; all of them with `EVERY_REQUEST=1`. */
const ALL = process.env['EVERY_REQUEST'] === '1'
const STEP = 16
const STEP_OF_DELETES = 3

let scene: Scene
let untouched: readonly string[]
let applied: readonly string[]
let before: ReadonlySet<string>
let methods: readonly string[]

beforeAll(async () => {
  impatient()
  scene = await Scene.start()
  untouched = scene.state()
  before = namesIn(scene.registry)
  await scene.apply({ concurrency: '1' })
  applied = scene.state()
  methods = scene.standIn.requests.map(({ method }) => method)
})
afterAll(async () => {
  jest.restoreAllMocks()
  await scene.close()
})
beforeEach(() => {
  impatient()
  scene.reset()
})

const QUOTA: Fault = {
  kind: 'error',
  status: 404,
  code: 'NOT_FOUND',
  message: 'quota not found for (project, 96)',
}

const PASSING: readonly (readonly [string, Fault])[] = [
  ['500', { kind: 'error', status: 500 }],
  ['500 once it was done', { kind: 'error', status: 500, acted: true }],
  ['502 in HTML', { kind: 'html', status: 502 }],
  ['504 once it was done', { kind: 'html', status: 504, acted: true }],
  ['429', { kind: 'busy', retryAfter: 0 }],
  ['a cut connection', { kind: 'cut', acted: false }],
  ['a connection cut once it was done', { kind: 'cut', acted: true }],
  ['half an answer', { kind: 'truncate', bytes: 40 }],
]

/** Which requests are disturbed; other deletes by every fault. */
function disturbed(name: string): readonly number[] {
  const indexes = [...methods.keys()]
  if (ALL) return indexes
  const deletes = indexes.filter((index) => methods[index] === 'DELETE')
  const some = deletes.filter((_, nth) => (nth + name.length) % STEP_OF_DELETES === 0)
  return [...indexes.filter((index) => index % STEP === 0), ...some]
}

describe('any one request, disturbed', () => {
  test.each(PASSING)(
    'by %s: all is done in the end',
    async (name, fault) => {
      const wrong: string[] = []
      for (const index of disturbed(name)) {
        scene.reset()
        scene.standIn.faults.inject({ after: index, fault })
        const { status, reason, host } = await scene.apply({ concurrency: '1' })
        const told = [
          status,
          reason,
          host.outputs['applied'],
          host.outputs['skipped'],
          host.outputs['failed'],
        ]
        const deletes = deletesOf(scene.standIn)
        const words = [
          ...(told.join() === `0,,${scene.plan.actions.length},0,0` ? [] : [told.join(' ')]),
          ...(new Set(deletes).size === deletes.length ? [] : ['something was deleted twice']),
          ...differences(scene.state(), applied),
          ...dishonesty(scene, scene.result().results, before),
        ]
        wrong.push(...words.map((each) => `request ${index}: ${each}`))
      }
      expect(wrong).toEqual([])
    },
    30_000,
  )

  test.each([
    ['404', QUOTA],
    ['403', { kind: 'error', status: 403, code: 'FORBIDDEN', message: 'forbidden' }],
    ['412', { kind: 'error', status: 412, code: 'PRECONDITION', message: 'the tag is immutable' }],
    ['half an answer that passes for a whole one', { kind: 'truncate', bytes: 40, complete: true }],
  ] satisfies readonly (readonly [string, Fault])[])(
    'by %s: what was not done is told, and still there',
    async (name, fault) => {
      const wrong: string[] = []
      for (const index of disturbed(name)) {
        scene.reset()
        scene.standIn.faults.inject({ after: index, fault })
        const { status, reason, host } = await scene.apply({ concurrency: '1' })
        if (host.outputs['applied'] === undefined) {
          const isRefused = status === 1 && reason !== 'internal' && host.complained.length === 1
          const words = [
            ...(isRefused ? [] : [`${status} ${reason}`]),
            ...differences(scene.state(), untouched),
          ]
          wrong.push(...words.map((each) => `request ${index}: ${each}`))
          continue
        }
        const words = dishonesty(scene, scene.result().results, before)
        wrong.push(...words.map((each) => `request ${index}: ${each}`))
      }
      expect(wrong).toEqual([])
    },
    30_000,
  )

  test('by 404 for a quota: that it was not done is seen, and tried again', async () => {
    for (let nth = 0; nth < scene.plan.actions.length; nth += 1) {
      scene.reset()
      scene.standIn.faults.inject({ method: 'DELETE', after: nth, fault: QUOTA })
      expect((await scene.apply({ concurrency: '1' })).host.outputs).toMatchObject({
        skipped: '0',
        failed: '0',
      })
      expect(scene.state()).toEqual(applied)
    }
  })
})

describe('every delete', () => {
  const outcomes = (outcome: string): readonly string[] =>
    scene
      .result()
      .results.filter((result) => result.outcome === outcome)
      .map(({ why }) => why)

  async function applyWith(fault: Fault): ReturnType<Scene['apply']> {
    scene.standIn.faults.inject({ method: 'DELETE', times: Infinity, fault })
    return scene.apply()
  }

  // The tagged child waits for its index, and two followers for their subject.
  const WAITING = [
    'an index that holds it was not deleted by this',
    'the image that it belongs to was not deleted by this',
    'the image that it belongs to was not deleted by this',
  ]

  test.each([
    ['500', { kind: 'error', status: 500, message: 'out of disk' }, /answered 500 UNKNOWN \(out of disk\)/],
    [
      '403',
      { kind: 'error', status: 403, code: 'FORBIDDEN', message: 'not you' },
      /answered 403 FORBIDDEN \(not you\)/,
    ],
    ['404', QUOTA, /answered 404 NOT_FOUND \(quota not found for \(project, 96\)\)/],
    ['502 in HTML', { kind: 'html', status: 502 }, /answered 502/],
    ['no answer', { kind: 'cut', acted: false }, /no answer: the connection was cut/],
  ] satisfies readonly (readonly [string, Fault, RegExp])[])(
    'answered by %s: fails in these words, and nothing is gone',
    async (_name, fault, words) => {
      const { status, reason, host } = await applyWith(fault)
      expect([status, reason]).toEqual([1, 'partly-failed'])
      const failed = outcomes('failed')
      expect(failed.filter((why) => !words.test(why))).toEqual([])
      expect(outcomes('skipped').toSorted()).toEqual(WAITING)
      expect(host.outputs).toMatchObject({ applied: '0', skipped: '3', failed: String(failed.length) })
      expect(failed.length + 3).toBe(scene.plan.actions.length)
      expect(host.warned.filter((warning) => words.test(warning))).toHaveLength(failed.length)
      expect(scene.state()).toEqual(untouched)
      const { outcomes: journalled } = await scene.bin()
      expect([...(journalled.get(scene.plan.id)?.values() ?? [])]).toEqual(failed.map(() => 'failed'))
    },
  )

  test('refused: is skipped with Harbor’s words, and that is no failure', async () => {
    const message = 'the tag x configured as immutable, cannot be deleted'
    const { status, reason, host } = await applyWith({
      kind: 'error',
      status: 412,
      code: 'PRECONDITION',
      message,
    })
    expect([status, reason, host.warned]).toEqual([0, '', []])
    const refused = outcomes('skipped').filter((why) => why.includes(message))
    expect(refused.filter((why) => !why.startsWith('Harbor refuses: '))).toEqual([])
    expect(refused.length + 3).toBe(scene.plan.actions.length)
    expect(scene.state()).toEqual(untouched)
  })

  test.each([
    ['500', { kind: 'error', status: 500, acted: true }],
    ['504 in HTML', { kind: 'html', status: 504, acted: true }],
    ['no answer', { kind: 'cut', acted: true }],
  ] satisfies readonly (readonly [string, Fault])[])(
    'answered by %s, and made all the same: is done',
    async (_name, fault) => {
      const { status, host } = await applyWith(fault)
      expect([status, host.outputs['applied']]).toEqual([0, String(scene.plan.actions.length)])
      expect(scene.state()).toEqual(applied)
    },
  )
})

test('a repository that can’t be read again fails, and the others are done', async () => {
  scene.standIn.faults.inject({
    path: /repositories\/app\/artifacts\/sha256/,
    times: Infinity,
    fault: { kind: 'error', status: 500, message: 'no database' },
  })
  const { status, reason } = await scene.apply()
  expect([status, reason]).toEqual([1, 'partly-failed'])
  const { results } = scene.result()
  const told = results.map(({ repository, outcome }) => `${repository} ${outcome}`)
  expect([...new Set(told)].toSorted()).toEqual([
    'team-a/app failed',
    // What waits for others.
    'team-a/app skipped',
    'team-b/empty-by-then done',
    'team-b/web/shop done',
  ])
  const failed = results.filter(({ outcome }) => outcome === 'failed')
  const whys = new Set(failed.map(({ why }) => why.replace(/GET \S+/, 'GET')))
  expect([...whys]).toEqual([
    "team-a/app was not read: GET answered 500 UNKNOWN (no database); Harbor's core log has the cause",
  ])
  expect(dishonesty(scene, results, before)).toEqual([])
})

test('a delete that was made while Harbor went away is done, says the next run', async () => {
  const { faults } = scene.standIn
  faults.inject({ method: 'DELETE', after: 3, fault: { kind: 'cut', acted: true } })
  const nth = nthDelete(4)
  faults.inject({ after: nth + 1, times: Infinity, fault: { kind: 'cut', acted: false } })
  const first = await scene.apply({ concurrency: '1' })
  expect([first.status, first.reason, first.host.outputs['applied']]).toEqual([1, 'harbor-unreachable', '3'])
  faults.clear()
  const second = await scene.apply({ concurrency: '1' })
  expect(second.host.outputs).toMatchObject({
    applied: String(scene.plan.actions.length),
    skipped: '0',
    failed: '0',
  })
  expect(scene.state()).toEqual(applied)
})

function nthDelete(nth: number): number {
  return methods.flatMap((method, index) => (method === 'DELETE' ? [index] : []))[nth - 1] ?? 0
}
