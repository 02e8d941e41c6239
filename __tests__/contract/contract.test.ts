// What we take for granted of a Harbor, asked of one: a real one where HARBOR_URL, HARBOR_USERNAME and HARBOR_PASSWORD
// say which, else the stand-in. Nothing here changes anything.
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { crawl } from '../../src/crawl/crawl.ts'
import { NotFound, Unauthorized } from '../../src/harbor/errors.ts'
import type { Artifact, Inventory } from '../../src/inventory/types.ts'
import { decisionOf } from '../../src/plan/verdict.ts'
import { needsOf } from '../../src/policy/needs.ts'
import { Builder } from '../../stand-in/load/build.ts'
import { loadLab } from '../../stand-in/load/lab.ts'
import { isRecord, parseJson } from '../../stand-in/state/json.ts'
import type { StandIn } from '../../stand-in/stand-in.ts'
import { clientOf, type Client } from '../helpers/connect.ts'
import { LAB } from '../helpers/lab.ts'
import { get, readNaively, type NaiveArtifact, type Server } from '../helpers/naive.ts'
import { planOf, policyOf } from '../helpers/plan.ts'
import { LONG_AGO } from '../helpers/registry.ts'
import { policyText } from '../oracle/arbitrary-policy.ts'
import { consult } from '../oracle/oracle.ts'
import { unitKey } from '../oracle/units.ts'
import type { WrittenPolicy } from '../oracle/written.ts'
import { startServer } from './server.ts'

/** Asks for labels, accessories and orphans: everything. */
const EVERYTHING = `version: 1
protect: [{ name: p, labels: [keep] }]
rules:
  - { name: s, select: { tags: ["**"], signed: false }, delete: always }
  - { name: o, select: { orphans: true }, delete: always }
`

let standIn: StandIn | undefined
let server: Server
let client: Client
let naive: ReadonlyMap<string, readonly NaiveArtifact[]>
let inventory: Inventory
let version: string

beforeAll(async () => {
  ;({ server, standIn } = await startServer())
  if (standIn !== undefined) fill(standIn)
  client = clientOf(server.url, { credentials: server })
  version = (await client.harbor.account()).version
  naive = await readNaively(server)
  const crawled = await crawl(client.harbor, needsOf(policyOf(EVERYTHING)), { version, concurrency: 4 })
  inventory = crawled.inventory
}, 60_000)
afterAll(async () => {
  await client.close()
  await standIn?.close()
})

/** The lab, and what it lacks. */
function fill({ registry }: StandIn): void {
  loadLab(registry, LAB)
  const builder = new Builder(registry)
  const image = builder.image('pub/more', { tags: ['v1'], pushed: LONG_AGO, labels: ['keep'] })
  const child = builder.image('pub/more', { tags: ['child'], pushed: LONG_AGO, platform: 'linux/arm/v7' })
  const inner = builder.index('pub/more', { images: [child], attestations: true, pushed: LONG_AGO })
  builder.index('pub/more', { images: [inner, image], tags: ['outer'], pushed: LONG_AGO })
  for (const kind of ['sig', 'att', 'sbom'] as const) builder.sign('pub/more', image.digest, kind, LONG_AGO)
  builder.refer(image, 'application/spdx+json', 'sbom', LONG_AGO)
  builder.sign('pub/more', `sha256:${'ab'.repeat(32)}`, 'att', LONG_AGO)
  builder.chart('pub/charts', { name: 'app', version: '1.0.0+1', pushed: LONG_AGO })
  for (const tags of ['v*', '{nightly,release}-*', '[0-9]*']) registry.addImmutableRule('pub', { tags })
}

function byDigest(artifacts: readonly Artifact[]): ReadonlyMap<string, Artifact> {
  return new Map(artifacts.map((artifact) => [artifact.digest, artifact]))
}

describe('the account', () => {
  test('is what /users/current says, and the version what /systeminfo says', async () => {
    const [current, info] = [await get(server, '/users/current'), await get(server, '/systeminfo')]
    const account = await client.harbor.account()
    const said = parseJson<unknown>(info.text)
    expect(account).toEqual({
      kind: { 200: 'user', 412: 'robot' }[current.status],
      version: isRecord(said) ? said['harbor_version'] : '',
      externalUrl: isRecord(said) ? said['external_url'] : '',
      readOnly: isRecord(said) ? said['read_only'] : '',
    })
  })

  test('that nobody knows is nobody', async () => {
    // Not the account's own name: Harbor locks a user for a while after a wrong password.
    const nobody = clientOf(server.url, { credentials: { username: 'nobody-of-that-name', password: 'x' } })
    await expect(nobody.harbor.account()).rejects.toBeInstanceOf(Unauthorized)
    await nobody.close()
  })
})

describe('a crawl', () => {
  test('of whatever is there has every repository', () => {
    expect(inventory.failures).toEqual([])
    expect(inventory.repositories.map(({ name }) => name)).toEqual([...naive.keys()].toSorted())
  })

  test('has every artifact of it, once, as a page has it', () => {
    let compared = 0
    for (const { name, artifacts } of inventory.repositories) {
      const expected = (naive.get(name) ?? []).toSorted((a, b) => (a.digest < b.digest ? -1 : 1))
      // Orphan signatures are in no list.
      const listed = artifacts.filter((artifact) => expected.some(({ digest }) => digest === artifact.digest))
      expect(listed.map((artifact) => plain(artifact))).toEqual(
        expected.map(({ tags, pulled: _pulled, ...artifact }) => ({
          ...artifact,
          tags: tags.map(({ immutable: _immutable, ...tag }) => tag),
        })),
      )
      expect(
        artifacts
          .filter((artifact) => !listed.includes(artifact))
          .flatMap(({ tags }) => tags.map((tag) => tag.name)),
      ).toEqual(
        artifacts.filter((artifact) => !listed.includes(artifact)).map(() => expect.stringMatching(/\.sig$/)),
      )
      compared += listed.length
    }
    expect(compared).toBeGreaterThan(0)
  })

  test('counts a child’s pull for its index, and nothing else’s', () => {
    for (const { name, artifacts } of inventory.repositories) {
      const known = new Map((naive.get(name) ?? []).map((artifact) => [artifact.digest, artifact]))
      const latest = (digest: string): number =>
        Math.max(
          known.get(digest)?.pulled ?? 0,
          ...(known.get(digest)?.children ?? []).map((child) => latest(child)),
        )
      for (const { digest, pulled } of artifacts) {
        if (known.has(digest)) expect([digest, pulled ?? 0]).toEqual([digest, latest(digest)])
      }
    }
  })

  test('evaluates immutable rules as Harbor does, tag by tag', () => {
    const evaluated: unknown[] = []
    for (const { name, artifacts } of inventory.repositories) {
      const read = byDigest(artifacts)
      for (const { digest, tags } of naive.get(name) ?? []) {
        for (const tag of tags) {
          const status = read.get(digest)?.tags.find((one) => one.name === tag.name)?.immutable
          evaluated.push(status)
          expect([name, tag.name, status]).toEqual([name, tag.name, tag.immutable])
        }
      }
    }
    expect(evaluated.length).toBeGreaterThan(0)
  })

  test('at any concurrency is the same', async () => {
    const needs = needsOf(policyOf(EVERYTHING))
    for (const concurrency of [1, 16]) {
      const { inventory: again } = await crawl(client.harbor, needs, { version, concurrency })
      expect(again).toEqual(inventory)
    }
  })
})

describe('one artifact', () => {
  function some(): readonly (readonly [string, NaiveArtifact])[] {
    return [...naive].flatMap(([name, artifacts]) =>
      artifacts.slice(0, 2).map((artifact) => [name, artifact] as const),
    )
  }

  test('is found by digest and by each tag', async () => {
    for (const [name, { digest, tags }] of some()) {
      for (const reference of [digest, ...tags.map((tag) => tag.name)]) {
        expect((await client.harbor.artifact(name, reference)).digest).toBe(digest)
      }
    }
  })

  test('that isn’t there is not found', async () => {
    const [[name] = ['']] = some()
    const nowhere = `sha256:${'0'.repeat(64)}`
    await expect(client.harbor.artifact(name, nowhere)).rejects.toBeInstanceOf(NotFound)
  })

  test('is in the list that is asked for its digest, and its tags are among all', async () => {
    for (const [name, { digest, tags }] of some()) {
      const details = { labels: false, accessories: true, immutability: false }
      const found = await client.harbor.artifactsOf(name, [digest, `sha256:${'0'.repeat(64)}`], details)
      expect(found.map((artifact) => artifact.digest)).toEqual([digest])
      expect(await client.harbor.allTags(name)).toEqual(expect.arrayContaining(tags.map((tag) => tag.name)))
    }
  })

  test('has a manifest with its digest', async () => {
    for (const [name, { digest }] of some()) {
      const { bytes } = await client.harbor.manifest(name, digest)
      expect(`sha256:${createHash('sha256').update(bytes).digest('hex')}`).toBe(digest)
    }
  })
})

describe('a plan is what a second reading of the documentation makes of the same registry', () => {
  const limits = { 'max-delete-percent': 100, 'keep-per-repository': 1, grace: '1h' }
  const policies: Readonly<Record<string, WrittenPolicy>> = {
    'keep a few, delete the rest': {
      version: 1,
      limits,
      protect: [{ name: 'labelled', labels: ['keep'] }],
      rules: [
        { name: 'prs', select: { tags: ['pr-*'] }, keep: { newest: 2 }, delete: { 'not-pushed-for': '7d' } },
        {
          name: 'branches',
          select: { tags: ['main-*', 'nightly-*'] },
          keep: { newest: 3, by: 'name' },
          delete: 'always',
        },
        { name: 'untagged', select: { untagged: true }, delete: { 'not-pulled-for': '1d' } },
      ],
    },
    'versions leave for the archive': {
      version: 1,
      limits,
      mirror: { replace: [{ from: '^team-', to: 'backup/' }] },
      rules: [
        {
          name: 'minors',
          select: { semver: '<2.0.0' },
          keep: { newest: 1, by: 'semver', per: 'minor' },
          archive: { 'not-pulled-for': '2d' },
        },
        { name: 'releases', select: { semver: '*' }, copy: 'always' },
      ],
    },
    'everything goes': {
      version: 1,
      limits: { ...limits, 'keep-per-repository': 0, grace: '0m' },
      rules: [
        { name: 'all', select: { tags: ['**'] }, delete: 'always' },
        { name: 'untagged', select: { untagged: true }, delete: 'always' },
        { name: 'orphans', select: { orphans: true }, delete: 'always' },
      ],
    },
    'by platform, size, type and signature': {
      version: 1,
      limits,
      protect: [{ name: 'arm', platforms: ['linux/arm64'] }],
      rules: [
        {
          name: 'unsigned',
          select: { signed: false, types: ['IMAGE'] },
          keep: { 'pulled-within': '30d' },
          delete: 'always',
        },
        { name: 'large', select: { size: '>200KiB' }, delete: { 'not-created-for': '30d' } },
      ],
    },
  }

  test.each(Object.entries(policies))(
    '%s',
    async (_name, policy) => {
      const now = Date.now()
      const {
        plan,
        repositories,
        inventory: read,
      } = await planOf(server.url, policyText(policy), {
        credentials: server,
        now,
      })
      const oracle = consult(policy, read, now)
      expect(plan.problems).toEqual([])
      const decisions = repositories.flatMap(({ name, units }) =>
        units.map(
          (unit) =>
            `${unitKey(name, unit.artifact.digest, unit.tag?.name ?? null)} ${decisionOf(unit.verdict)}`,
        ),
      )
      const decided = oracle.units.map(
        ({ repository, artifact, tag, decision }) =>
          `${unitKey(repository.name, artifact.digest, tag?.name ?? null)} ${decision}`,
      )
      expect(decisions.toSorted()).toEqual(decided.toSorted())
      const actions = plan.actions.map((action) =>
        JSON.stringify([
          action.kind,
          action.repository,
          action.digest,
          action.kind === 'delete-tag' ? [action.tag] : action.tags.toSorted(),
          'accessories' in action ? action.accessories.toSorted() : [],
          action.kind === 'delete-artifact' ? action.children.toSorted() : [],
        ]),
      )
      const wanted = oracle.actions.map((action) =>
        JSON.stringify([
          action.kind,
          action.repository,
          action.digest,
          action.tags.toSorted(),
          action.accessories.toSorted(),
          action.kind === 'delete-artifact' ? action.children.toSorted() : [],
        ]),
      )
      expect(actions.toSorted()).toEqual(wanted.toSorted())
    },
    30_000,
  )
})

function plain({ digest, type, size, pushed, tags, labels, children, accessories }: Artifact): unknown {
  return {
    digest,
    type,
    size,
    pushed,
    tags: tags
      .map(({ name, pushed: tagged, pulled }) => ({ name, pushed: tagged, pulled }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    labels,
    children,
    accessories: accessories?.map(
      (accessory) => `${accessory.type ?? 'subject.accessory'} ${accessory.digest}`,
    ),
  }
}
