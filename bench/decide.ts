import type { ArtifactAnswer } from '../src/harbor/schemas.ts'
import * as schemas from '../src/harbor/schemas.ts'
import * as v from 'valibot'
import { toArtifact, type Reading } from '../src/inventory/artifact.ts'
import type { Artifact, Repository } from '../src/inventory/types.ts'
import { assemblePlan } from '../src/plan/assemble.ts'
import { comparePlans } from '../src/plan/compare.ts'
import { parsePolicy } from '../src/policy/parse.ts'
import type { Policy } from '../src/policy/types.ts'

const REPOSITORIES = 500
const TAGS_EACH = 2000
const PAGE = 100
const NOW = Date.UTC(2026, 10, 21)
const DAY = 86_400_000
const KINDS = ['pr', 'main', 'feature', 'release', 'nightly', 'hotfix', 'build', 'test', 'rc', 'dev']

/**
 * Milliseconds for JSON.parse of the listing of a million tags, for deciding them under twenty rules, and for holding
 * these decisions against those by the policy before an edit.
 */
export function measureDeciding(): {
  readonly tags: number
  readonly parse: number
  readonly decide: number
  readonly compare: number
  readonly deletes: number
  /** Units that the edit deletes. */
  readonly more: number
} {
  let parse = 0
  const answers = v.array(schemas.artifact)
  const reading: Reading = {
    details: { labels: true, accessories: true },
    created: true,
    immutability: () => false,
    tellsSignatures: true,
    platforms: new Map(),
  }
  const repositories = Array.from({ length: REPOSITORIES }, (_, index): Repository => {
    const name = `team-${index % 20}/service-${index}`
    const artifacts: Artifact[] = []
    for (let page = 0; page < TAGS_EACH / PAGE; page += 1) {
      const text = listingPage(index, page)
      const started = performance.now()
      const parsed: unknown = JSON.parse(text)
      parse += performance.now() - started
      const read: readonly ArtifactAnswer[] = v.parse(answers, parsed)
      for (const answer of read) artifacts.push(toArtifact(answer, name, reading))
    }
    return { name, project: name.split('/', 1)[0] ?? '', artifacts, absent: new Set() }
  })
  const inventory = { projects: [], repositories, failures: [] }
  const circumstances = {
    tool: 'bench',
    harbor: { url: 'https://harbor.example.com', version: 'v2.15.1' },
    policyFile: { path: 'policy.yml', digest: 'sha256:0' },
    createdAt: NOW,
    now: NOW,
    otherTime: true,
    mirrorPrefix: '',
  }
  const [policy, before] = [policyOf(policyText(360)), policyOf(policyText(380))]
  const started = performance.now()
  const assembled = assemblePlan(policy, inventory, circumstances)
  const decided = performance.now()
  const { effect } = comparePlans(assembled, { policy: before, inventory }, circumstances)
  return {
    tags: REPOSITORIES * TAGS_EACH,
    parse,
    decide: decided - started,
    compare: performance.now() - decided,
    deletes: assembled.plan.totals.deletes,
    more: effect.groups.reduce((sum, { units }) => sum + units, 0),
  }
}

function policyOf(text: string): Policy {
  const parsed = parsePolicy(text)
  if ('policy' in parsed) return parsed.policy
  throw new Error(parsed.problems.map(({ message }) => message).join('\n'))
}

/** A page as Harbor v2.15.1 lists it, about 1.1 kB an artifact. */
function listingPage(repository: number, page: number): string {
  const artifacts = Array.from({ length: PAGE }, (_, index) => {
    const id = repository * TAGS_EACH + page * PAGE + index
    const digest = `sha256:${id.toString(16).padStart(64, '5')}`
    const pushed = new Date(NOW - ((id * 7919) % ((400 * DAY) / 1000)) * 1000).toISOString()
    const pulled = id % 3 === 0 ? pushed : '0001-01-01T00:00:00.000Z'
    const address = `/api/v2.0/projects/team/repositories/service/artifacts/${digest}/additions`
    return {
      accessories: null,
      addition_links: {
        build_history: { absolute: false, href: `${address}/build_history` },
        vulnerabilities: { absolute: false, href: `${address}/vulnerabilities` },
      },
      artifact_type: 'application/vnd.oci.image.config.v1+json',
      digest,
      extra_attrs: {
        architecture: 'amd64',
        author: '',
        config: { Cmd: ['/app'], Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'] },
        created: pushed,
        os: 'linux',
      },
      icon: 'sha256:0048162a053eef4d4ce3fe7518615bef084403614f8bca43b40ae2e762e11e06',
      id,
      labels: id % 50 === 0 ? [{ id: 1, name: 'keep', scope: 'g' }] : null,
      manifest_media_type: 'application/vnd.oci.image.manifest.v1+json',
      media_type: 'application/vnd.oci.image.config.v1+json',
      project_id: 2,
      pull_time: pulled,
      push_time: pushed,
      references: null,
      repository_id: repository,
      repository_name: 'team/service',
      size: 30_000_000 + id,
      tags: [
        {
          artifact_id: id,
          id,
          immutable: false,
          name: tagName(id),
          pull_time: pulled,
          push_time: pushed,
          repository_id: repository,
        },
      ],
      type: 'IMAGE',
    }
  })
  return JSON.stringify(artifacts)
}

function tagName(id: number): string {
  const kind = KINDS[id % KINDS.length] ?? ''
  if (kind === 'release') return `v${id % 7}.${id % 30}.${id % 1000}`
  return kind === 'pr'
    ? `pr-${Math.floor(id / 40)}-${id}`
    : `${kind}-${((id * 2_654_435_761) >>> 0).toString(16)}`
}

/**
 * Twenty rules of the kinds that people write, and three protections.
 *
 * @param days how old a pull request's image may get
 */
function policyText(days: number): string {
  const branches = ['main', 'feature', 'nightly', 'hotfix', 'build', 'test', 'rc', 'dev'].flatMap(
    (kind, index) => [
      `  - { name: ${kind} builds, select: { tags: ["${kind}-*"] }, keep: { newest: ${5 + index} }, delete: { not-pushed-for: ${330 + index * 5}d } }`,
      `  - { name: ${kind} unused, select: { repositories: ["team-${index}/**"], tags: ["/^${kind}-[0-9a-f]+$/"] }, delete: { not-pulled-for: ${350 + index}d } }`,
    ],
  )
  return [
    'version: 1',
    'protect:',
    '  - { name: pinned, labels: [keep] }',
    '  - { name: last major, semver: ">=6.0.0" }',
    '  - { name: fresh, pulled-within: 3d }',
    'rules:',
    ...branches,
    '  - { name: pull requests, select: { tags: ["pr-*"] }, keep: { newest: 1, per: "/^pr-([0-9]+)/" }, delete: { not-pushed-for: ' +
      `${days}d } }`,
    '  - { name: old minors, select: { semver: ">=1.0.0 <5.0.0" }, keep: { newest: 2, by: semver, per: minor }, delete: { not-pulled-for: 360d } }',
    '  - { name: large, select: { size: ">10GiB" }, delete: always }',
    '  - { name: leftovers, select: { untagged: true }, delete: { not-pushed-for: 7d } }',
    '',
  ].join('\n')
}
