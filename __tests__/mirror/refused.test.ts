// A mirror that doesn't take what it is sent, or Harbor that doesn't hand it out, for good: each image is told of, in
// the words of who refused, and nothing goes.
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from '@jest/globals'
import { DEFAULT_RETRY } from '../../src/harbor/retry.ts'
import { COPY_RETRY } from '../../src/mirror/skopeo.ts'
import type { Mischief, Passed } from '../helpers/meddler.ts'
import { impatient, left, MirrorScene } from './mirror-scene.ts'
import { wrongAfter, type Tags } from './wrong.ts'

let scene: MirrorScene
let untouched: readonly string[]
let tags: Tags
beforeAll(async () => {
  impatient()
  scene = await MirrorScene.start()
  untouched = scene.state()
  await scene.apply()
  tags = scene.storage.tags()
}, 30_000)
afterAll(async () => {
  jest.restoreAllMocks()
  await scene.close()
})
beforeEach(() => {
  impatient()
  // What stays refused is refused the second time, too.
  for (const retry of [DEFAULT_RETRY, COPY_RETRY]) jest.replaceProperty(retry, 'attempts', 2)
  scene.reset()
})
afterEach(() => {
  expect(left()).toEqual([])
})

function error(status: number, code: string, message: string): Mischief {
  const headers = { 'content-type': 'application/json' }
  return { kind: 'answer', status, headers, body: JSON.stringify({ errors: [{ code, message }] }) }
}

const page = (status: number, title: string): Mischief => ({
  kind: 'answer',
  status,
  headers: { 'content-type': 'text/html' },
  body: `<html><head><title>${title}</title></head></html>`,
})

const manifests = ({ method, path }: Passed): boolean => method === 'PUT' && path.includes('/manifests/')
const uploads = ({ method, path }: Passed): boolean => method === 'POST' && path.includes('/blobs/uploads/')
const content = ({ method, path }: Passed): boolean =>
  ['PUT', 'PATCH'].includes(method) && path.includes('/blobs/uploads/')
const blobs = ({ method, path }: Passed): boolean => method === 'GET' && path.includes('/blobs/')
const looks = ({ method, path }: Passed): boolean => method === 'HEAD' && path.includes('/manifests/')

const QUOTA = 'adding 1.2 MiB of storage resource will exceed the configured upper limit of 1.0 MiB.'

interface Refused {
  readonly side: 'mirror' | 'source'
  readonly concerns: (passed: Passed) => boolean
  readonly words: RegExp
}

const of = (side: Refused['side'], concerns: Refused['concerns'], words: RegExp): Refused => ({
  side,
  concerns,
  words,
})
type Refusal = readonly [string, Refused, Mischief]

test.each<Refusal>([
  [
    'manifests, over its quota',
    of('mirror', manifests, /exceed the configured upper limit|denied|403/),
    error(403, 'DENIED', QUOTA),
  ],
  [
    'manifests, for their media type',
    of('mirror', manifests, /manifest invalid|unknown media type|MANIFEST_INVALID/),
    error(400, 'MANIFEST_INVALID', 'unknown media type'),
  ],
  [
    'manifests, since a rule keeps tags',
    of('mirror', manifests, /immutable/),
    error(412, 'PRECONDITION', 'configured as immutable'),
  ],
  ['manifests, as too large', of('mirror', manifests, /413/), page(413, '413 Request Entity Too Large')],
  [
    'manifests, on a full disk',
    of('mirror', manifests, /no space left|507/),
    error(507, 'UNKNOWN', 'no space left on device'),
  ],
  [
    'uploads',
    of('mirror', uploads, /denied/),
    error(403, 'DENIED', 'requested access to the resource is denied'),
  ],
  [
    'uploads, since it only reads',
    of('mirror', uploads, /unsupported|405/),
    error(405, 'UNSUPPORTED', 'The operation is unsupported.'),
  ],
  ['what is uploaded, as too large', of('mirror', content, /413/), page(413, '413 Request Entity Too Large')],
  [
    'what is uploaded, on a full disk',
    of('mirror', content, /no space left|500/),
    error(500, 'UNKNOWN', 'no space left on device'),
  ],
  [
    'what is uploaded, by cutting the connection',
    of('mirror', content, /EOF|reset|broken pipe|cut/),
    { kind: 'half a request' },
  ],
  ['looks', of('mirror', looks, /answered 500/), error(500, 'UNKNOWN', 'unknown error')],
  [
    'tokens of anybody',
    of('mirror', looks, /answered 401.*mirror-username/),
    error(401, 'UNAUTHORIZED', 'authentication required'),
  ],
  ['blobs', of('source', blobs, /no such device/), error(500, 'UNKNOWN', 'no such device')],
  [
    'blobs but damaged ones',
    of('source', blobs, /another digest|does not match|did not match|changed it/i),
    { kind: 'damaged' },
  ],
])(
  'refused: %s',
  async (_what, { side, concerns, words }, mischief) => {
    scene[side].plot(mischief, { times: Infinity, concerns })
    const commanded = await scene.apply()
    const { status, reason, host } = commanded
    expect([status, reason, host.outputs['applied']]).toEqual([1, 'partly-failed', '0'])
    const { results } = scene.result()
    const told = results
      .filter(({ kind }) => kind === 'copy')
      .map(({ outcome, why }) => (words.test(why) ? outcome : why))
    expect([...new Set(told)]).toEqual(['failed'])
    expect(scene.state()).toEqual(untouched)
    expect(wrongAfter(scene, commanded, { tags })).toEqual([])
  },
  30_000,
)
