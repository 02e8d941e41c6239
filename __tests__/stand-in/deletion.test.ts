// What goes with an artifact that is deleted, and what stays.
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Builder } from '../../stand-in/load/build.ts'
import type { Artifact } from '../../stand-in/state/model.ts'
import { type StandIn, startStandIn } from '../../stand-in/stand-in.ts'
import { Client } from './client.ts'

const REPOSITORY = 'library/app'
const ARTIFACTS = '/api/v2.0/projects/library/repositories/app/artifacts'

let standIn: StandIn
let client: Client
let builder: Builder

beforeEach(async () => {
  standIn = await startStandIn()
  client = new Client(standIn)
  builder = new Builder(standIn.registry)
})
afterEach(() => standIn.close())

const image = (name: string, ...tags: string[]): Artifact =>
  builder.image(REPOSITORY, { layers: [name], tags })

async function remove(what: string): Promise<number> {
  return (await client.ask('DELETE', `${ARTIFACTS}/${what}`)).status
}

const left = (): Artifact[] => [...standIn.registry.repository(REPOSITORY).artifacts.values()]

test('of the children of an index those stay that have a tag or another index', async () => {
  const [own, tagged, shared] = [image('own'), image('tagged', 'keep'), image('shared')]
  const other = builder.index(REPOSITORY, { tags: ['other'], images: [shared] })
  builder.index(REPOSITORY, { tags: ['index'], images: [own, tagged, shared] })
  expect(await remove(own.digest)).toBe(412)
  expect(await remove('index')).toBe(200)
  expect(left()).toEqual([tagged, shared, other])
  expect(await remove(own.digest)).toBe(404)
})

test('an index in an index goes with it, and takes its own', async () => {
  const inner = builder.index(REPOSITORY, { images: [image('child')] })
  builder.index(REPOSITORY, { tags: ['outer'], images: [inner] })
  expect(await remove('outer')).toBe(200)
  expect(left()).toEqual([])
})

test('by a tag the whole artifact goes, the tag alone leaves it', async () => {
  const artifact = image('app', 'v1', 'v2')
  expect(await remove('v1/tags/v1')).toBe(200)
  expect(artifact.tags.map(({ name }) => name)).toEqual(['v2'])
  expect(await remove('v2/tags/v1')).toBe(404)
  expect(await remove('v2')).toBe(200)
  expect(left()).toEqual([])
})

test('what its project needs no more is off its quota', async () => {
  const { quota } = standIn.registry.project('library')
  const [one] = [image('one', 'one'), image('two', 'two')]
  const together = quota.used
  await remove('two')
  expect(quota.used).toBe(one.size)
  expect(together).toBeGreaterThan(quota.used)
})

// cosign's and oras' fallback for registries without referrers: an index of what hangs on a subject.
test('an index of accessories whose subject stays can’t go', async () => {
  const subject = image('subject', 'v1')
  const sbom = builder.refer(subject, 'application/spdx+json', 'sbom')
  const fallback = builder.index(REPOSITORY, {
    tags: [subject.digest.replace(':', '-')],
    images: [sbom],
  })
  const answer = await client.ask('DELETE', `${ARTIFACTS}/${fallback.digest}`)
  expect([answer.status, answer.text]).toEqual([
    412,
    expect.stringContaining(`the artifact ${sbom.id} is referenced by other resources`),
  ])
  expect(left()).toEqual([subject, sbom, fallback])
})

test.each(['2.15.1', '2.10.3'] as const)(
  'an accessory that is an index goes with its subject, and takes its children with all that hangs on them: %s',
  async (version) => {
    const other = await startStandIn({ version })
    try {
      const there = new Builder(other.registry)
      const [asking, subject] = [new Client(other), there.image(REPOSITORY, { tags: ['v1'] })]
      const [child, named] = [
        there.image(REPOSITORY, { layers: ['child'] }),
        there.image(REPOSITORY, { layers: ['named'], tags: ['named'] }),
      ]
      const index = there.index(REPOSITORY, { images: [child, named], subject })
      there.sign(REPOSITORY, child.digest)
      there.refer(child, 'application/spdx+json', 'sbom')
      expect((await asking.get(`${ARTIFACTS}/${index.digest}`)).json).toMatchObject({
        references: [{ child_digest: child.digest }, { child_digest: named.digest }],
      })
      expect((await asking.ask('DELETE', `${ARTIFACTS}/${child.digest}`)).status).toBe(412)
      expect((await asking.ask('DELETE', `${ARTIFACTS}/v1`)).status).toBe(200)
      expect([...other.registry.repository(REPOSITORY).artifacts.values()]).toEqual([named])
    } finally {
      await other.close()
    }
  },
)

test.each([
  ['2.15.1', 200],
  ['2.10.3', 412],
] as const)('a subject whose accessory is in an index: in %s %d', async (version, status) => {
  const older = await startStandIn({ version })
  const inOlder = new Builder(older.registry)
  const subject = inOlder.image(REPOSITORY, { tags: ['v1'] })
  inOlder.index(REPOSITORY, {
    tags: ['all'],
    images: [inOlder.refer(subject, 'application/spdx+json', 'sbom')],
  })
  const answer = await new Client(older).ask('DELETE', `${ARTIFACTS}/v1`)
  await older.close()
  expect(answer.status).toBe(status)
})
