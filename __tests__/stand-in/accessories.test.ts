// Signatures and other referrers: what becomes one, where it shows, what goes with its subject.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import { type StandIn, startStandIn } from '../../stand-in/stand-in.ts'
import { Client } from './client.ts'

const REPOSITORY = 'library/app'
const ARTIFACTS = '/api/v2.0/projects/library/repositories/app/artifacts'
const ABSENT = `sha256:${'ab'.repeat(32)}`

let standIn: StandIn
let client: Client
let builder: Builder
let image: Artifact

beforeEach(async () => {
  standIn = await startStandIn()
  client = new Client(standIn)
  builder = new Builder(standIn.registry)
  image = builder.image(REPOSITORY, { tags: ['v1'] })
})
afterEach(() => standIn.close())

async function digests(path: string): Promise<string[]> {
  const { text } = await client.get(path)
  return parseJson<{ readonly digest: string }[]>(text).map(({ digest }) => digest)
}

const listed = (): Promise<string[]> => digests(`${ARTIFACTS}?q=base=*&sort=id`)

async function referrers(digest: string): Promise<string[]> {
  const { text } = await client.get(`/v2/${REPOSITORY}/referrers/${digest}`)
  const { manifests } = parseJson<{ readonly manifests: readonly { readonly digest: string }[] }>(text)
  return manifests.map((one) => one.digest)
}

async function remove(reference: string): Promise<number> {
  return (await client.ask('DELETE', `${ARTIFACTS}/${reference}`)).status
}

test('a signature is its subject’s, in no list, and goes with it', async () => {
  const signature = builder.sign(REPOSITORY, image.digest)
  expect(await listed()).toEqual([image.digest])
  expect(await digests(`${ARTIFACTS}/v1/accessories`)).toEqual([signature.digest])
  expect(await remove(image.digest)).toBe(200)
  expect([standIn.registry.artifactCount, standIn.registry.tagCount]).toEqual([0, 0])
})

test('an attestation and an SBOM by cosign are images like any other', async () => {
  const others = (['att', 'sbom'] as const).map((kind) => builder.sign(REPOSITORY, image.digest, kind))
  expect(await listed()).toEqual([image.digest, ...others.map(({ digest }) => digest)])
  await remove(image.digest)
  expect(await listed()).toEqual(others.map(({ digest }) => digest))
})

test('a tag alone makes no signature', () => {
  const image2 = builder.image(REPOSITORY, { tags: [`${image.digest.replace(':', '-')}.sig`], layers: ['x'] })
  expect(image2.accessoryOf).toBe(null)
})

test('a signature of nothing is in no list, but there, and can be deleted', async () => {
  const signature = builder.sign(REPOSITORY, ABSENT)
  const tag = `${ABSENT.replace(':', '-')}.sig`
  expect(await listed()).toEqual([image.digest])
  expect((await client.get(`${ARTIFACTS}/${signature.digest}`)).json).toMatchObject({
    type: 'IMAGE',
    tags: [{ name: tag }],
    accessories: null,
  })
  expect((await client.get(`/v2/${REPOSITORY}/tags/list`)).json).toMatchObject({ tags: [tag, 'v1'] })
  expect(await referrers(ABSENT)).toEqual([signature.digest])
  expect([await remove(signature.digest), await referrers(ABSENT)]).toEqual([200, []])
})

test('a signature that came first becomes its subject’s when that comes', async () => {
  const other = builder.image(REPOSITORY, { tags: ['v2'] })
  await remove('v2')
  const signature = builder.sign(REPOSITORY, other.digest)
  builder.image(REPOSITORY, { tags: ['v2'] })
  expect(await digests(`${ARTIFACTS}/v2/accessories`)).toEqual([signature.digest])
})

test('referrers of referrers go along; one immutable tag among them keeps everything', async () => {
  const sbom = builder.refer(image, 'application/spdx+json', '{}')
  builder.sign(REPOSITORY, sbom.digest)
  expect(await digests(`${ARTIFACTS}/${sbom.digest}/accessories`)).toHaveLength(1)
  const rule = standIn.registry.addImmutableRule('library', { tags: '*.sig' })
  expect(await remove('v1')).toBe(412)
  expect(standIn.registry.artifactCount).toBe(3)
  rule.disabled = true
  expect(await remove('v1')).toBe(200)
  expect(standIn.registry.artifactCount).toBe(0)
})

const KINDS: readonly (readonly [artifactType: string, in215: string])[] = [
  ['application/vnd.cncf.notary.signature', 'signature.notation'],
  ['application/vnd.dev.cosign.artifact.sig.v1+json', 'signature.cosign'],
  ['application/vnd.dev.sigstore.bundle.v0.3+json', 'signature.cosign'],
  ['application/vnd.goharbor.harbor.sbom.v1', 'sbom.harbor'],
  ['application/spdx+json', 'subject.accessory'],
]

test.each(KINDS)('%s is %s', (artifactType, type) => {
  expect(builder.refer(image, artifactType, 'x').accessoryOf?.type).toBe(type)
})

test.each(KINDS)('%s is just a referrer in 2.10', async (artifactType) => {
  await standIn.close()
  standIn = await startStandIn({ version: '2.10.3' })
  const older = new Builder(standIn.registry)
  const subject = older.image(REPOSITORY, { tags: ['v1'] })
  expect(older.refer(subject, artifactType, 'x').accessoryOf?.type).toBe('subject.accessory')
})
