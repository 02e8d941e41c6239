// Registries of many artifacts: of the size and form that they say, and as real as those pushed one by one.
import { afterEach, expect, test } from '@jest/globals'
import { SHAPES, type Shape, loadShape } from '../../stand-in/load/shapes.ts'
import { bytesOf, digestOf } from '../../stand-in/state/content.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import { type Artifact, NEVER } from '../../stand-in/state/model.ts'
import { type StandIn, startStandIn } from '../../stand-in/stand-in.ts'
import { Client } from './client.ts'

let standIn: StandIn
afterEach(() => standIn.close())

async function fill(shape: Shape, artifacts: number): Promise<Client> {
  standIn = await startStandIn()
  loadShape(standIn.registry, shape, artifacts)
  return new Client(standIn)
}

const artifacts = (): Artifact[] =>
  [...standIn.registry.repositories()].flatMap((repository) => [...repository.artifacts.values()])

test.each<[Shape, artifacts: number, projects: number, repositories: number]>([
  ['small', 3000, 3, 60],
  ['large', 3000, 1, 1],
  ['tiny', 3000, 1, 1000],
  ['mixed', 3000, 1, 5],
  ['multiarch', 2970, 2, 33],
])('%s: %d artifacts in %d projects and %d repositories', async (shape, count, projects, repositories) => {
  await fill(shape, 3000)
  const { registry } = standIn
  expect([registry.artifactCount, [...registry.repositories()].length]).toEqual([count, repositories])
  expect(registry.projects.size - 1).toBe(projects)
})

test.each(SHAPES)('%s: digests are those of what can be pulled, blobs of their content', async (shape) => {
  const client = await fill(shape, 100)
  for (const artifact of artifacts()) {
    const path = `/v2/${artifact.repository.name}/manifests/${artifact.digest}`
    const { text, headers } = await client.ask('GET', path, {
      headers: { accept: artifact.manifestMediaType },
    })
    expect([digestOf(text), headers.get('docker-content-digest')]).toEqual([artifact.digest, artifact.digest])
    for (const blob of artifact.blobs) {
      const bytes = bytesOf(blob.content)
      expect([digestOf(bytes), bytes.length]).toEqual([blob.digest, blob.size])
    }
  }
})

test('an artifact is as much JSON as a real one, with tags, times and a platform', async () => {
  const client = await fill('large', 1000)
  const { text } = await client.get('/api/v2.0/projects/large/repositories/big/artifacts?page_size=100')
  expect(text.length / 100).toBeGreaterThan(1000)
  expect(text.length / 100).toBeLessThan(1800)
  const all = artifacts()
  expect(new Set(all.map(({ pushed }) => pushed)).size).toBe(1000)
  expect(all.every(({ pushed }) => pushed < Date.now() && pushed > Date.now() - 366 * 86_400_000)).toBe(true)
  const byTags = [0, 1, 2].map((count) => all.filter(({ tags }) => tags.length === count).length)
  expect(byTags).toEqual([50, 850, 100])
  const pulled = all.filter((artifact) => artifact.pulled !== NEVER)
  expect(pulled).toHaveLength(333)
  expect(
    pulled.every((artifact) => artifact.pulled >= artifact.pushed && artifact.pulled <= Date.now()),
  ).toBe(true)
})

test('of mixed the ids go in turns, of the others one repository after another', async () => {
  await fill('mixed', 1000)
  const [big, other] = ['mixed/m-big', 'mixed/m-1'].map((name) =>
    [...standIn.registry.repository(name).artifacts.values()].map(({ id }) => id),
  )
  expect([big?.length, other?.length]).toEqual([680, 80])
  expect([other?.[0], other?.at(-1)].map((id) => Math.round((id ?? 0) / 100))).toEqual([0, 10])
})

test('of multiarch children are hidden, signatures accessories', async () => {
  const client = await fill('multiarch', 90)
  const list = '/api/v2.0/projects/multi-00/repositories/idx-000/artifacts?page_size=100&with_accessory=true'
  interface Shown {
    readonly references: unknown[] | null
    readonly accessories: unknown[] | null
  }
  const shown = parseJson<Shown[]>((await client.get(list)).text)
  expect(shown.map(({ references }) => references?.length)).toEqual(Array.from({ length: 20 }, () => 3))
  expect(shown.filter(({ accessories }) => accessories?.length === 1)).toHaveLength(10)
  expect((await client.get(`${list}&q=base=*`)).headers.get('x-total-count')).toBe('80')
})
