// Comments in every state that they can be in.
import { assemblePlan, type Assembled } from '../../src/plan/assemble.ts'
import { comparePlans } from '../../src/plan/compare.ts'
import type { Effect } from '../../src/plan/effect.ts'
import type { Comment } from '../../src/report/comment.ts'
import type { Asides } from '../../src/report/content.ts'
import type { Edit } from '../../src/report/edit.ts'
import { plannedStatus } from '../../src/report/status.ts'
import type { Artifact, Inventory } from '../../src/inventory/types.ts'
import type { Policy } from '../../src/policy/types.ts'
import { NOW } from '../oracle/arbitrary.ts'
import { circumstances, planOf, policyOf } from '../plan/plan-of.ts'
import { image, registry } from '../plan/registry.ts'

const LIMITS = 'limits: { keep-per-repository: 0, max-delete-percent: 100 }'

export const BEFORE = `version: 1
protect:
  - name: releases
    tags: ["v*"]
rules:
  - name: pull requests
    select: { tags: ["pr-*"] }
    delete: { not-pushed-for: 14d }
  - name: main
    select: { tags: ["main-*"] }
    keep: { newest: 1 }
    archive: always
  - name: candidates
    select: { tags: ["rc-*"] }
    delete: always
  - name: nightlies
    select: { tags: ["nightly-*"] }
    delete: always
  - name: to the mirror
    select: { tags: ["v1"] }
    copy: always
${LIMITS}
`

/** The same policy, with an edit of each kind. */
export const AFTER = `version: 1
protect:
  - name: releases
    tags: ["v1*"]
  - name: stable
    tags: [stabel]
rules:
  - name: old versions
    select: { tags: ["v*"] }
    delete: { not-pulled-for: 30d }
  - name: pull requests
    select: { tags: ["pr-*"] }
    keep: { pulled-within: 20d }
    delete: { not-pushed-for: 7d }
  - name: main
    select: { tags: ["main-*"] }
    keep: { newest: 1 }
    delete: always
  - name: candidates
    select: { tags: ["rc-*"] }
    archive: always
  - name: builds
    select: { tags: ["nightly-*"] }
    delete: { not-pushed-for: 7d }
  - name: to the mirror
    select: { tags: ["v1.1"] }
    copy: always
${LIMITS}
`

export const SHOP = registry({
  'shop/backend': [
    image('1', { tags: ['v1', 'v1.1'], size: 80_000_000 }),
    image('2', { tags: ['v2', 'v2.0', 'v2.0.0'], pushed: 90, pulled: 45, size: 90_000_000 }),
    image('3', { tags: ['pr-3'], pushed: 20, pulled: 16, size: 5_000_000 }),
    image('4', { tags: ['pr-4', 'keep'], pushed: 10, size: 5_000_000 }),
    image('5', { tags: ['pr-5'], pushed: 9, size: 5_000_000 }),
    image('6', { tags: ['main-1'], pushed: 30, size: 6_000_000 }),
    image('7', { tags: ['main-2'], pushed: 20, size: 6_000_000 }),
    image('8', { tags: ['rc-1'], pushed: 30, size: 7_000_000 }),
    image('9', { tags: ['nightly-1'], pushed: 30, size: 7_000_000 }),
    image('a', { tags: ['keep-me'], pushed: 30 }),
  ],
})

/** What an edit of a policy changes in a registry, and the plan. */
export function edited(
  after: string,
  before: string,
  inventory: Inventory = SHOP,
): readonly [Assembled, Effect] {
  const assembled = planOf(after, inventory)
  const former = { policy: policyOf(before), inventory }
  return [assembled, comparePlans(assembled, former, circumstances()).effect]
}

/** A comment with nothing to say, but for some parts. */
export function comment(parts: Partial<Comment> = {}): Comment {
  return {
    marker: '<!-- harbor-dredge -->',
    status: { state: 'planned' },
    harbor: 'harbor.example',
    edit: undefined,
    plan: undefined,
    problems: [],
    now: NOW,
    expires: NOW + 7 * 86_400_000,
    commit: '0123456789abcdef',
    run: { words: 'run 41', url: 'https://github.example/shop/registry/actions/runs/41' },
    ...parts,
  }
}

/** A comment about a plan. */
export function planned(assembled: Assembled, edit: Edit, asides: Asides = {}): Comment {
  return comment({
    status: plannedStatus(assembled.plan),
    plan: { ...assembled, asides: { ...asides, edit } },
    edit,
  })
}

export function changed(after: string, before: string, inventory: Inventory = SHOP): Comment {
  const [assembled, effect] = edited(after, before, inventory)
  return planned(assembled, { kind: 'changed', effect })
}

/** Texts of somebody else's. */
export interface Texts {
  readonly repository: string
  readonly tags: readonly string[]
  /** Of rules and protections, also such as no policy file would be allowed to have. */
  readonly rule: string
  readonly protection: string
  /** In problems, in the status, in the footer. */
  readonly said: string
}

/** An image with such a number for its digest. */
export function numbered(index: number, tags: readonly string[]): Artifact {
  return { ...image('0', { tags }), digest: `sha256:${index.toString(16).padStart(64, '0')}` }
}

/** A comment with texts of somebody else's wherever there can be any: names as code, and among words. */
export function madeOf({ repository, tags, rule, protection, said }: Texts): Comment {
  const named = (text: string): Policy => {
    const policy = policyOf(text)
    return {
      ...policy,
      rules: policy.rules.map((each, index) => ({ ...each, name: `${rule}${index === 0 ? '' : index}` })),
      protect: policy.protect.map((each, index) => ({
        ...each,
        name: `${protection}${index === 0 ? '' : index}`,
      })),
    }
  }
  const all = 'select: { tags: ["**"] }, delete: always'
  // The tag is the group, which is among the words that say why.
  const keep = 'keep: { newest: 1, per: "/(?s)(.*)/" }'
  const dead = '{ name: d, select: { orphans: true }, delete: always }'
  const copied = '{ name: c, select: { tags: ["**"] }, copy: always }'
  const after = named(
    `version: 1\nrules: [{ name: r, ${all} }, ${dead}]\nprotect: [{ name: p, labels: [x] }]\n${LIMITS}\n`,
  )
  const before = named(`version: 1\nrules: [{ name: r, ${all}, ${keep} }, ${copied}]\n${LIMITS}\n`)
  const read = registry({
    [`shop/${repository}`]: [
      ...tags.map((tag, index) => numbered(index, [tag])),
      numbered(tags.length, tags),
      image('2'),
    ],
    'shop/other': [image('3', { tags: ['kept'], labels: ['x'] })],
  })
  const inventory = { ...read, failures: [{ where: `shop/${said}`, message: said }] }
  const assembled = assemblePlan(after, inventory, { ...circumstances(), mirrorPrefix: `mirror/${said}/` })
  const { effect } = comparePlans(assembled, { policy: before, inventory }, circumstances())
  return {
    ...planned(assembled, { kind: 'changed', effect }, { proxyCaches: [said], unused: [said] }),
    status: { state: 'failed', why: said, run: { words: said, url: `https://github.example/${said}` } },
    harbor: said,
    problems: [said],
    commit: said,
    run: { words: 'run 41', url: `https://github.example/?${said}` },
  }
}
