// The client against a docker-registry of Debian: open, with passwords, and with tokens of a service elsewhere.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { Registry } from '../../src/registry/registry.ts'
import { startRelay } from '../helpers/relay.ts'
import { complaintOf, registryAt, type RegistryClient } from './client.ts'
import { ACCOUNT, startDockerRegistry, type DockerRegistry } from './docker-registry.ts'
import { digestOf, image, index, INDEX, push, referrer, SIGNATURE } from './images.ts'
import { startTokenService, type TokenService } from './token-service.ts'

const AMD64 = image('for amd64')
const ARM64 = image('for arm64')
const BOTH = index(AMD64, ARM64)
const NOWHERE = digestOf(Buffer.from('nowhere'))

describe.each(['none', 'htpasswd', 'token'] as const)('authentication: %s', (kind) => {
  let docker: DockerRegistry
  let tokens: TokenService
  let client: RegistryClient
  let registry: Registry
  const credentials = kind === 'none' ? {} : { credentials: ACCOUNT }

  beforeAll(async () => {
    tokens = await startTokenService({
      ...ACCOUNT,
      may: (repository, action) => !repository.startsWith('locked/') || action === 'pull',
    })
    docker = await startDockerRegistry(kind === 'token' ? tokens.authentication : { kind })
    client = registryAt(`${docker.url}/backup/of`, credentials)
    registry = client.registry
  })
  afterAll(async () => {
    await client.close()
    await docker.close()
    await tokens.server.close()
  })

  test('it is a registry, and the credentials are right', async () => {
    await expect(registry.probe()).resolves.toBeUndefined()
  })

  test('what is not there', async () => {
    expect({
      tags: await registry.tags('team/none'),
      digest: await registry.digestOf('team/none', 'v1'),
      manifest: await registry.manifest('team/none', NOWHERE),
      blob: await registry.hasBlob('team/none', NOWHERE),
      referrers: await registry.referrers('team/none', NOWHERE),
    }).toEqual({ tags: [], digest: undefined, manifest: undefined, blob: false, referrers: [] })
  })

  test('an index and its images, pushed and read', async () => {
    await push(registry, 'team/app', AMD64)
    await push(registry, 'team/app', ARM64, 'arm64')
    await push(registry, 'team/app', BOTH, 'v1', 'v1.0')
    await push(registry, 'team/app', BOTH, 'v1')
    expect({
      tags: await registry.tags('team/app'),
      v1: await registry.digestOf('team/app', 'v1'),
      byDigest: await registry.digestOf('team/app', BOTH.digest),
      index: await registry.manifest('team/app', 'v1.0'),
      image: await registry.manifest('team/app', AMD64.digest),
      blobs: await Promise.all(AMD64.blobs.map((blob) => registry.hasBlob('team/app', digestOf(blob)))),
      // The path is in front of the names, and nowhere else.
      without: await registry.tags('backup/of/team/app'),
    }).toEqual({
      tags: ['arm64', 'v1', 'v1.0'],
      v1: BOTH.digest,
      byDigest: BOTH.digest,
      index: { bytes: BOTH.bytes, mediaType: BOTH.mediaType, digest: BOTH.digest },
      image: { bytes: AMD64.bytes, mediaType: AMD64.mediaType, digest: AMD64.digest },
      blobs: [true, true],
      without: [],
    })
    const root = registryAt(docker.url, credentials)
    expect(await root.registry.tags('backup/of/team/app')).toEqual(['arm64', 'v1', 'v1.0'])
    await root.close()
    expect(registry.prefix).toBe(`${docker.url.slice('http://'.length)}/backup/of/`)
  })

  test('a manifest whose blobs are not there is refused, in the registry’s words', async () => {
    const lacking = image('never uploaded')
    const error = await complaintOf(registry.putManifest('team/app', 'v2', lacking.digest, lacking))
    expect({ status: error.status, code: error.code, message: error.message }).toEqual({
      status: 400,
      code: 'MANIFEST_BLOB_UNKNOWN',
      message: `PUT ${docker.url}/v2/backup/of/team/app/manifests/v2: answered 400 MANIFEST_BLOB_UNKNOWN (blob unknown to registry)`,
    })
    expect(await registry.digestOf('team/app', 'v2')).toBeUndefined()
  })

  test('a blob is mounted from where it is, and only from there', async () => {
    const [, layer = Buffer.of()] = AMD64.blobs
    await push(registry, 'team/app', AMD64)
    const digest = digestOf(layer)
    expect(await registry.mountBlob('team/other', digest, 'team/none')).toBe(false)
    expect(await registry.hasBlob('team/other', digest)).toBe(false)
    expect(await registry.mountBlob('team/other', digest, 'team/app')).toBe(true)
    expect(await registry.hasBlob('team/other', digest)).toBe(true)
    expect(await registry.mountBlob('team/other', NOWHERE, 'team/app')).toBe(false)
  })

  test('referrers are listed in the index that clients keep', async () => {
    const subject = image('signed')
    const [first, second, third] = ['first', 'second', 'third'].map((content) => referrer(subject, content))
    if (first === undefined || second === undefined || third === undefined) throw new Error('none')
    await push(registry, 'team/signed', subject, 'v1')
    for (const one of [first, second, third]) await push(registry, 'team/signed', one)
    const tag = subject.digest.replace(':', '-')
    const add = (...all: readonly (typeof first)[]): Promise<boolean> =>
      registry.addReferrers(
        'team/signed',
        subject.digest,
        all.map(({ descriptor }) => descriptor),
      )
    expect(await add()).toBe(false)
    expect(await registry.tags('team/signed')).toEqual(['v1'])
    expect(await add(first)).toBe(true)
    expect(await add(first)).toBe(false)
    expect(await add(second, first)).toBe(true)
    // Side by side, in one program.
    expect(await Promise.all([add(third), add(third, second), add(first)])).toEqual([true, false, false])
    const kept = await registry.manifest('team/signed', tag)
    expect(JSON.parse(String(kept?.bytes))).toEqual({
      schemaVersion: 2,
      mediaType: INDEX,
      manifests: [first, second, third].map(({ digest, bytes }, at) => ({
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest,
        size: bytes.length,
        artifactType: SIGNATURE,
        annotations: { 'org.example.content': ['first', 'second', 'third'][at] },
      })),
    })
    expect(await registry.referrers('team/signed', subject.digest)).toEqual(
      [first, second, third].map(({ descriptor }) => descriptor),
    )
    expect(await registry.tags('team/signed')).toEqual([tag, 'v1'])
  })

  test('programs that list referrers at the same time lose nothing of what was written in sequence', async () => {
    const subject = image('signed by many')
    const all = Array.from({ length: 6 }, (_, nth) => referrer(subject, `signature ${nth}`))
    await push(registry, 'team/many', subject, 'v1')
    for (const one of all) await push(registry, 'team/many', one)
    const others = all.map(() => registryAt(`${docker.url}/backup/of`, credentials))
    const add = async (nth: number): Promise<void> => {
      const descriptors = all.slice(nth, nth + 1).map(({ descriptor }) => descriptor)
      await others[nth]?.registry.addReferrers('team/many', subject.digest, descriptors)
    }
    await add(0)
    await add(1)
    await Promise.allSettled(all.map((_, nth) => add(nth)))
    const before = all.slice(0, 2).map(({ digest }) => digest)
    const listed = (await registry.referrers('team/many', subject.digest)).map(({ digest }) => digest)
    expect(listed.slice(0, 2)).toEqual(before)
    // Whoever was overwritten adds it again.
    for (const nth of all.keys()) await add(nth)
    const after = (await registry.referrers('team/many', subject.digest)).map(({ digest }) => digest)
    expect(after.toSorted()).toEqual(all.map(({ digest }) => digest).toSorted())
    for (const other of others) await other.close()
  })

  test('what was pushed by a connection that was cut is pushed', async () => {
    let cuts = 2
    const relay = await startRelay(docker.url, {
      before: async ({ method, path }, ask) => {
        const given = await ask()
        if (method === 'PUT' && path.includes('/manifests/') && cuts > 0) {
          cuts -= 1
          throw new Error('cut')
        }
        return given
      },
    })
    const cut = registryAt(relay.url, credentials)
    const cutting = image('cut')
    for (const blob of cutting.blobs) await registry.uploadBlob('team/cut', digestOf(blob), blob)
    await cut.registry.putManifest('backup/of/team/cut', 'v1', cutting.digest, cutting)
    expect(cut.retries).toEqual(
      Array.from(
        { length: 2 },
        () =>
          `PUT ${relay.url}/v2/backup/of/team/cut/manifests/v1: no answer: the connection was cut; a proxy or the mirror registry itself closed it; its log may say why`,
      ),
    )
    await cut.close()
    await relay.close()
    expect(await registry.digestOf('team/cut', 'v1')).toBe(cutting.digest)
  })
})

test('all of many tags, though this registry knows no pages', async () => {
  const docker = await startDockerRegistry()
  const { registry, close } = registryAt(docker.url)
  const tags = Array.from({ length: 1003 }, (_, nth) => `v${String(nth).padStart(4, '0')}`)
  await push(registry, 'team/app', AMD64)
  await Promise.all(tags.map((tag) => registry.putManifest('team/app', tag, AMD64.digest, AMD64)))
  expect(await registry.tags('team/app')).toEqual(tags)
  await close()
  await docker.close()
}, 60_000)

describe('who may not', () => {
  const WRONG = { username: 'mirror', password: 'wrong-and-secret' }

  test('htpasswd', async () => {
    const docker = await startDockerRegistry({ kind: 'htpasswd' })
    const wrong = registryAt(docker.url, { credentials: WRONG })
    const nobody = registryAt(docker.url)
    const said = 'answered 401 UNAUTHORIZED (authentication required)'
    expect([
      (await complaintOf(wrong.registry.probe())).message,
      (await complaintOf(nobody.registry.probe())).message,
      (await complaintOf(nobody.registry.tags('team/app'))).message,
    ]).toEqual([
      `GET ${docker.url}/v2/: ${said}; check mirror-username and mirror-password; an account or token may have expired`,
      `GET ${docker.url}/v2/: ${said}; it wants credentials; give mirror-username and mirror-password`,
      `GET ${docker.url}/v2/team/app/tags/list: ${said}; it wants credentials; give mirror-username and mirror-password`,
    ])
    await wrong.close()
    await nobody.close()
    await docker.close()
  })

  test('tokens', async () => {
    const tokens = await startTokenService({ ...ACCOUNT, may: (_repository, action) => action === 'pull' })
    const docker = await startDockerRegistry(tokens.authentication)
    const wrong = registryAt(docker.url, { credentials: WRONG })
    const reader = registryAt(docker.url, { credentials: ACCOUNT })
    const { realm } = tokens.authentication
    expect([
      (await complaintOf(wrong.registry.probe())).message,
      await reader.registry.tags('team/app'),
      (await complaintOf(push(reader.registry, 'team/app', AMD64))).message,
    ]).toEqual([
      `GET ${realm}: answered 401 UNAUTHORIZED (authentication required); check mirror-username and mirror-password; an account or token may have expired`,
      [],
      `POST ${docker.url}/v2/team/app/blobs/uploads/: answered 401 UNAUTHORIZED (authentication required); the account may not push there, or there is no such project; check both, and mirror-username and mirror-password`,
    ])
    await wrong.close()
    await reader.close()
    await docker.close()
    await tokens.server.close()
  })
})
