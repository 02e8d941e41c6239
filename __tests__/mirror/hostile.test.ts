// Manifests that say what no registry should take: whoever may push to Harbor can have written them.
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { Dispatcher } from 'undici'
import { connect } from '../../src/harbor/dispatcher.ts'
import { startGateway, type Gateway } from '../../src/mirror/gateway.ts'
import { Mirror, type Copied, type Image } from '../../src/mirror/mirror.ts'
import { SkopeoSession } from '../../src/mirror/skopeo.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import { ADMIN, clientOf, FAST, type Client } from '../helpers/connect.ts'
import { serve, type Server } from '../helpers/server.ts'
import { registryAt, type RegistryClient } from '../registry/client.ts'
import { startDockerRegistry, type DockerRegistry } from '../registry/docker-registry.ts'
import { digestOf, image, index, push, type Made } from '../registry/images.ts'

const REPOSITORY = 'team/app'
const SIGNATURE = `sha256-${'a'.repeat(64)}.sig`

/** What Harbor has: bytes by what they are asked for. */
const content = new Map<string, { readonly bytes: Uint8Array; readonly mediaType: string }>()
let served: Server
let harbor: Client
let docker: DockerRegistry
let target: RegistryClient
let dispatcher: Dispatcher
let gateway: Gateway
let session: SkopeoSession
beforeEach(async () => {
  content.clear()
  served = await serve((request, response) => {
    const { url = '' } = request
    const [, reference = ''] = /^\/v2\/team\/app\/(?:manifests|blobs)\/(.+)$/.exec(url) ?? []
    const found = content.get(reference)
    if (found === undefined) response.writeHead(404).end()
    else response.writeHead(200, { 'content-type': found.mediaType }).end(found.bytes)
  })
  harbor = clientOf(served.url)
  docker = await startDockerRegistry()
  target = registryAt(docker.url)
  dispatcher = connect({ concurrency: 2 })
  const origin = { url: served.url, credentials: ADMIN, dispatcher }
  gateway = await startGateway({ harbor: origin, retry: FAST })
  session = new SkopeoSession({ path: '/usr/bin/skopeo' }, { retry: { ...FAST, attempts: 1 } })
})
afterEach(async () => {
  await session.close()
  await gateway.close()
  await dispatcher.close()
  await target.close()
  await docker.close()
  await harbor.close()
  await served.close()
})

function keep(...all: readonly Made[]): void {
  for (const one of all) {
    content.set(one.digest, one)
    for (const blob of one.blobs) content.set(digestOf(blob), { bytes: blob, mediaType: '' })
  }
}

/** A manifest that says more, or something else, than it should. */
function odd({ mediaType, bytes, blobs }: Made, said: object): Made {
  const all = Buffer.from(JSON.stringify({ ...parseJson<object>(bytes.toString()), ...said }))
  const digest = digestOf(all)
  return { bytes: all, mediaType, digest, blobs, descriptor: { mediaType, digest, size: all.length } }
}

function copy(what: Made, more: Partial<Image> = {}): Promise<Copied> {
  const { host } = new URL(docker.url)
  const mirror = new Mirror({
    harbor: harbor.harbor,
    registry: target.registry,
    gateway,
    session,
    side: { registry: host, tlsVerify: false },
    overwrite: 'never',
    verify: 'digest',
    width: 2,
    stallMs: 10_000,
    say: () => undefined,
  })
  const names = { repository: REPOSITORY, target: `${host}/${REPOSITORY}` }
  return mirror.copy({ ...names, digest: what.digest, tags: ['v1'], hanging: [], ...more })
}

// A registry that keeps no referrers has them listed under a tag, which is made of the subject's digest.
test('a signature of what is no digest touches no tag', async () => {
  const platform = image('arm')
  const tagged = index(platform)
  await push(target.registry, REPOSITORY, platform)
  await push(target.registry, REPOSITORY, tagged, '1.0-arm')
  const one = image('one')
  const signature = odd(image('signature'), { subject: { ...one.descriptor, digest: '1.0:arm' } })
  keep(one, signature)
  const hanging = [{ digest: signature.digest, subject: one.digest, tags: [SIGNATURE] }]
  expect(await copy(one, { hanging })).toMatchObject({ outcome: 'done' })
  expect(await target.registry.digestOf(REPOSITORY, SIGNATURE)).toBe(signature.digest)
  expect(await target.registry.digestOf(REPOSITORY, '1.0-arm')).toBe(tagged.digest)
})

const NAMES = ['v1', '../../../api/v2.0/users', `md5:${'a'.repeat(32)}`, `sha512:${'a'.repeat(128)}`]

describe.each(NAMES)('%s is copied by nobody', (digest) => {
  test.each([
    ['child', odd(index(), { manifests: [{ ...image('one').descriptor, digest }] })],
    ['layer', odd(image('one'), { layers: [{ ...image('one').descriptor, digest }] })],
  ])('as a %s, also where it is the name of what holds it', async (_what, holding) => {
    keep(holding)
    content.set(digest, holding)
    for (const archived of [false, true]) {
      expect(await copy(holding, { archived })).toMatchObject({ outcome: 'failed' })
      expect(await target.registry.digestOf(REPOSITORY, 'v1')).toBeUndefined()
    }
    const elsewhere = served.requests.filter(({ url = '' }) => !url.startsWith(`/v2/${REPOSITORY}/`))
    expect(elsewhere.map(({ url }) => url)).toEqual([])
  })

  test('as an image', async () => {
    content.set(digest, image('one'))
    expect(await copy({ ...image('one'), digest })).toMatchObject({ outcome: 'failed' })
  })
})
