// Whatever happens between us, Harbor and the mirror: each image is there in the end, whole, or it is told that it
// isn't; nothing goes from Harbor that isn't; and nothing else is touched.
import process from 'node:process'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { USUAL_WAITS } from '../../src/harbor/party.ts'
import type { Given } from '../../src/inputs/settings.ts'
import { SkopeoSession, type CopyRequest } from '../../src/mirror/skopeo.ts'
import { forEachOf } from '../../src/shared/concurrency.ts'
import type { Mischief, Passed } from '../helpers/meddler.ts'
import type { Commanded } from '../helpers/run.ts'
import { differences } from '../apply/again.ts'
import { ACCOUNT } from '../registry/docker-registry.ts'
import { registryAt } from '../registry/client.ts'
import { image, push } from '../registry/images.ts'
import { startTokenService, type TokenService } from '../registry/token-service.ts'
import { impatient, left, MirrorScene, type SceneOptions } from './mirror-scene.ts'
import { wrongAfter, type Tags } from './wrong.ts'

/** With each kind of fault some rounds, which hit other requests each; with `EVERY_REQUEST=1` all requests are hit. */
const ALL = process.env['EVERY_REQUEST'] === '1'
const PATIENCE = ALL ? 900_000 : 60_000
/** In a round one in so many requests of ours is disturbed, and one of skopeo's. */
const EVERY = 9
/** The same for what may end an image's copy. */
const SELDOM = 38

const HTML = '<html><head><title>502 Bad Gateway</title></head></html>'
const error = (status: number, code: string, message: string): Mischief => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ errors: [{ code, message }] }),
})
const later = (status: number): Mischief => ({ kind: 'answer', status, headers: { 'retry-after': '1' } })

/** What another try helps against. */
const PASSING: readonly (readonly [string, Mischief])[] = [
  ['500', error(500, 'UNKNOWN', 'unknown error')],
  ['500 once it was done', { kind: 'answer', status: 500, acted: true }],
  ['502 in HTML', { kind: 'answer', status: 502, headers: { 'content-type': 'text/html' }, body: HTML }],
  ['503 that says when', later(503)],
  ['429', later(429)],
  ['a cut connection', { kind: 'cut', acted: false }],
  ['a connection cut once it was done', { kind: 'cut', acted: true }],
  ['half a request', { kind: 'half a request' }],
  ['half an answer', { kind: 'half an answer' }],
]

const DENIED = error(403, 'DENIED', 'requested access to the resource is denied')

/** What may stay as it is. */
const LASTING: readonly (readonly [string, Mischief])[] = [
  ['403', DENIED],
  ['404', error(404, 'NOT_FOUND', 'not found')],
  ['404 in HTML', { kind: 'answer', status: 404, headers: { 'content-type': 'text/html' }, body: HTML }],
  ['412', error(412, 'PRECONDITION', 'configured as immutable')],
  ['413', { kind: 'answer', status: 413, headers: { 'content-type': 'text/html' }, body: HTML }],
  ['507', error(507, 'UNKNOWN', 'no space left on device')],
  ['200 and nothing', { kind: 'answer', status: 200 }],
  ['an expired token', { kind: 'expired' }],
  ['a byte that is another', { kind: 'damaged' }],
  ['a digest that is another', { kind: 'other digest' }],
  ['half an answer that passes for all of it', { kind: 'short' }],
]

let tokens: TokenService
/** One with a mirror that is open to everybody, one with tokens. */
let prepared: readonly Prepared[]
let applied: readonly string[]

interface Prepared {
  readonly scene: MirrorScene
  /** What is at the mirror before. */
  readonly seeds: Tags
  /** What is there after an apply that nobody disturbed. */
  readonly tags: Tags
}

async function prepare(options: SceneOptions): Promise<Prepared> {
  const scene = await MirrorScene.start(options)
  const client = registryAt(`${scene.docker.url}/backup`, { credentials: ACCOUNT })
  await push(client.registry, 'kept/team-a/app', image('of somebody else'), 'mine')
  await push(client.registry, 'elsewhere/thing', image('of somebody else'), 'v1')
  await client.close()
  scene.seed()
  const there = scene.storage.tags()
  scene.reset()
  await scene.apply()
  applied = scene.state()
  return { scene, seeds: there, tags: scene.storage.tags() }
}

beforeAll(async () => {
  impatient()
  tokens = await startTokenService({ ...ACCOUNT, may: () => true })
  const { authentication } = tokens
  const given = { 'mirror-username': ACCOUNT.username, 'mirror-password': ACCOUNT.password }
  prepared = [await prepare({}), await prepare({ authentication, given })]
}, 30_000)
afterAll(async () => {
  jest.restoreAllMocks()
  await Promise.all(prepared.map(({ scene }) => scene.close()))
  await tokens.server.close()
})
beforeEach(impatient)
afterEach(() => {
  expect(left()).toEqual([])
})

const isSkopeos = ({ userAgent }: Passed): boolean => userAgent.startsWith('skopeo/')

type Disturbing = (scene: MirrorScene, nth: number) => void

/** One in so many requests, from the nth on, and one of skopeo's. Deletes have tests of their own, without a mirror. */
const disturb =
  (mischief: Mischief, every: number): Disturbing =>
  ({ mirror, source }, nth) => {
    const own = { times: Infinity, every, after: nth }
    mirror.plot(mischief, { ...own, concerns: (passed) => !isSkopeos(passed) })
    mirror.plot(mischief, { concerns: isSkopeos, after: (nth * 7) % 30 })
    source.plot(mischief, { ...own, concerns: ({ method }) => method !== 'DELETE' })
  }

type Judging = (
  scene: MirrorScene,
  commanded: Commanded,
  allowed: { readonly tags: Tags; readonly seeds: Tags },
) => Promise<readonly string[]> | readonly string[]

/** Runs every round on whichever scene is idle. */
async function wrongInAll(
  rounds: readonly number[],
  judge: Judging,
  disturbing: Disturbing,
  given: Given = {},
): Promise<readonly string[]> {
  const wrong: string[] = []
  const idle = [...prepared]
  await forEachOf(rounds, prepared.length, async (nth) => {
    const one = idle.pop()
    if (one === undefined) throw new Error('there is no scene left')
    const { scene } = one
    scene.reset()
    disturbing(scene, nth)
    const commanded = await scene.apply(given)
    const words = [...wrongAfter(scene, commanded, one), ...(await judge(scene, commanded, one))]
    wrong.push(...words.map((each) => `round ${nth}: ${each}`))
    idle.push(one)
  })
  return wrong
}

function notAllDone(scene: MirrorScene, { status, reason, host }: Commanded): readonly string[] {
  const { applied: done, skipped, failed } = host.outputs
  const others = scene.result().results.filter(({ outcome }) => outcome !== 'done')
  return [
    ...([status, reason, done, skipped, failed].join() === `0,,${scene.plan.actions.length},0,0`
      ? []
      : [`${status} ${reason} ${host.complained.join()} ${JSON.stringify(others)}`]),
    ...differences(scene.state(), applied),
    ...[...scene.wanted.keys()].flatMap((copy) => scene.lacking(copy).map((what) => `not there: ${what}`)),
  ]
}

const roundsOf = (count: number, most: number, first = 0): readonly number[] =>
  Array.from({ length: count }, (_, round) => (first + Math.floor((round * most) / count)) % most)

describe('requests disturbed', () => {
  test.each(PASSING)(
    'by %s: all is done in the end',
    async (name, mischief) => {
      const rounds = roundsOf(ALL ? EVERY : 2, EVERY, name.length)
      expect(await wrongInAll(rounds, notAllDone, disturb(mischief, EVERY))).toEqual([])
    },
    PATIENCE,
  )

  test.each(LASTING)(
    'by %s: what was not done is told, and another run does it',
    async (name, mischief) => {
      const again: Judging = async (scene, { status }, allowed) => {
        if (status === 0) return []
        scene.source.reset()
        scene.mirror.reset()
        const commanded = await scene.apply()
        const wrong = [...wrongAfter(scene, commanded, allowed), ...notAllDone(scene, commanded)]
        return wrong.map((each) => `run again: ${each}`)
      }
      const rounds = roundsOf(ALL ? SELDOM : 2, SELDOM, name.length)
      expect(await wrongInAll(rounds, again, disturb(mischief, SELDOM))).toEqual([])
    },
    PATIENCE,
  )
})

test(
  'once, in what skopeo asks of the mirror, by a token that went stale: all is done in the end',
  async () => {
    const stale: Disturbing = ({ mirror }, nth) => {
      mirror.plot({ kind: 'expired' }, { concerns: isSkopeos, after: nth })
    }
    const rounds = roundsOf(ALL ? 40 : 6, 40)
    expect(await wrongInAll(rounds, notAllDone, stale)).toEqual([])
  },
  PATIENCE,
)

test(
  'some by each, with several images under way at once: all is done in the end',
  async () => {
    // So seldom that hardly a request is hit again and again.
    const all: Disturbing = ({ mirror, source }, nth) => {
      for (const [index, [, mischief]] of PASSING.entries()) {
        const plot = { times: Infinity, every: 250, after: (index * 17 + nth * 29) % 170 }
        mirror.plot(mischief, { ...plot, concerns: (passed) => !isSkopeos(passed) })
        source.plot(mischief, plot)
      }
    }
    const rounds = roundsOf(ALL ? 24 : 4, 24)
    expect(await wrongInAll(rounds, notAllDone, all, { concurrency: '4' })).toEqual([])
  },
  PATIENCE,
)

describe('what stops coming', () => {
  /** Patience for tests: it is a slow machine that makes them take longer. */
  beforeEach(() => {
    jest.replaceProperty(USUAL_WAITS, 'answer', 1)
    jest.replaceProperty(USUAL_WAITS, 'rest', 1)
    // oxlint-disable-next-line typescript/unbound-method -- it is called with its `this`
    const { copy } = SkopeoSession.prototype
    jest.spyOn(SkopeoSession.prototype, 'copy').mockImplementation(function impatiently(
      this: SkopeoSession,
      request: CopyRequest,
    ) {
      return copy.call(this, { ...request, stallMs: 2000 })
    })
  })
  afterEach(() => {
    jest.restoreAllMocks()
  })

  const isBlob = ({ path, method }: Passed): boolean => method === 'GET' && path.includes('/blobs/')

  test.each([
    ['before an answer', false],
    ['within one', true],
  ])(
    '%s: is asked for again',
    async (_when, within) => {
      const mischief: Mischief = { kind: 'stall', within }
      const wrong = await wrongInAll([3, 8], notAllDone, ({ mirror, source }, nth) => {
        mirror.plot(mischief, { after: nth * 9, concerns: (passed) => !isSkopeos(passed) })
        mirror.plot(mischief, { after: nth * 3, concerns: isSkopeos })
        source.plot(mischief, { after: nth, concerns: isBlob })
      })
      expect(wrong).toEqual([])
    },
    60_000,
  )
})
