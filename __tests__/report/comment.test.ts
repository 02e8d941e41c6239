import { describe, expect, test } from '@jest/globals'
import { comparePlans } from '../../src/plan/compare.ts'
import { COMMENT_BYTES, renderComment, type Comment } from '../../src/report/comment.ts'
import { byteLength } from '../../src/report/escape.ts'
import { plannedStatus, withStatus, type Status } from '../../src/report/status.ts'
import { shortDigest } from '../../src/report/words.ts'
import { circumstances, planOf, policyOf } from '../plan/plan-of.ts'
import { image, registry } from '../plan/registry.ts'
import { AFTER, BEFORE, changed, comment as about, edited, planned, SHOP } from './comments.ts'
import { rowsOf } from './gfm.ts'

/** As GitHub gets it, but for spaces that don't break. */
function rendered(comment: Comment, limit?: number): string {
  return renderComment(comment, limit).replaceAll('\u00A0', ' ')
}

test('a comment as GitHub gets it, every character of it', () => {
  const comment = changed(AFTER, BEFORE)
  expect(rendered(comment)).toBe(
    String.raw`<!-- harbor-dredge -->

### Harbor clean-up of ~harbor.example~: plan ~${shortDigest(comment.plan?.plan.id ?? '')}~

<!-- status -->
📋 **Planned.** Nothing goes before this is merged, and then only what is still due.
<!-- /status -->

## What this edit changes: 🔴 \+3 newly deleted \(85.8 MiB\), 🟠 1 now deleted without a copy, 🔵 1 now copied first, 🟢 −1 rescued \(4.77 MiB\), 🟡 1 for another reason, 🔵 \+1 copied, 🟡 −1 copied

2 tags and untagged artifacts stay for another reason.

> [!WARNING]
> Since this edit these match nothing; is a pattern misspelt, or out of scope? ~stable (line 5)~

<details open><summary>🔴 Newly deleted by <code>old versions</code> (line 8): 3 tags, 85.8 MiB</summary>

| What | Size | Pulled | Why it goes | Why it stayed |
| --- | --: | --: | --- | --- |
| ~shop/backend:v2~ ~:v2.0~ ~:v2.0.0~ | 85.8 MiB | 45d | pulled 45d ago \(not-pulled-for 30d\) | ~releases~: selected by tag |

</details>

<details open><summary>🟠 No longer copied before they are deleted by <code>main</code> (line 15): 1 tag</summary>

| What | Pulled | Why it goes |
| --- | --: | --- |
| ~shop/backend:main-1~ | never | not among the newest 1 by pushed |

</details>

<details open><summary>🔵 From now on copied before they are deleted by <code>candidates</code> (line 19): 1 tag</summary>

| What | Pulled | Why it goes |
| --- | --: | --- |
| ~shop/backend:rc-1~ | never | always; once it is copied and verified |

</details>

<details open><summary>🟢 Rescued from <code>pull requests</code> (line 6 before the edit): 1 tag, 4.77 MiB</summary>

| What | Size | Pulled | Why it stays |
| --- | --: | --: | --- |
| ~shop/backend:pr-3~ | 4.77 MiB | 16d | ~pull requests~: pulled 16d ago \(pulled-within 20d\) |

</details>

<details open><summary>🟡 Deleted by <code>builds</code> (line 22) instead of <code>nightlies</code>: 1 tag</summary>

| What | Pulled | Why it goes | Why it went |
| --- | --: | --- | --- |
| ~shop/backend:nightly-1~ | never | pushed 30d ago \(not-pushed-for 7d\) | always |

</details>

<details open><summary>🔵 Copied from now on: 1</summary>

| What | To | Rule | Why |
| --- | --- | --- | --- |
| ~shop/backend:v1.1~ | ~shop/backend~ | ~to the mirror~ | always |

</details>

<details open><summary>🟡 No longer copied: 1</summary>

| What | To | Rule | Why |
| --- | --- | --- | --- |
| ~shop/backend:v1~ | ~shop/backend~ | ~to the mirror~ | always |

</details>

<details><summary><b>The whole plan:</b> Would delete 4 artifacts with 6 tags; copy 2 images to the mirror.</summary>

At most 83.0 MiB is sent to the mirror.

Read 1 repository in 1 project: 6 tags and untagged artifacts kept, 2 protected.

> [!NOTE]
> Protections that match nothing; is a pattern misspelt, or out of scope? ~stable (line 5)~

### By rule

| Rule | Line | In its family | Kept by it | Acted on |
| --- | --: | --: | --: | --: |
| ~old versions~ | 8 | 5 | 0 | 3 |
| ~pull requests~ | 11 | 3 | 3 | 0 |
| ~main~ | 15 | 2 | 1 | 1 |
| ~candidates~ | 19 | 1 | 0 | 1 |
| ~builds~ | 22 | 1 | 0 | 1 |
| ~to the mirror~ | 25 | 1 | 0 | 1 |

### By protection

| Protection | Line | Protects |
| --- | --: | --: |
| ~releases~ | 3 | 2 |
| ~stable~ | 5 | 0 |

### By repository

| Repository | Artifacts go | Tags go | Copied | Kept | Protected | Listed size |
| --- | --: | --: | --: | --: | --: | --: |
| ~shop/backend~ | 4 | 0 | 2 | 6 | 2 | 105 MiB |

<details><summary>What goes: 4</summary>

| What | Size | Pushed | Pulled | Rule | Why |
| --- | --: | --: | --: | --- | --- |
| ~shop/backend:main-1~ | 5.72 MiB | 30d | never | ~main~ | not among the newest 1 by pushed |
| ~shop/backend:nightly-1~ | 6.68 MiB | 30d | never | ~builds~ | pushed 30d ago \(not-pushed-for 7d\) |
| ~shop/backend:rc-1~ | 6.68 MiB | 30d | never | ~candidates~ | always; once it is copied and verified |
| ~shop/backend:v2~ ~:v2.0~ ~:v2.0.0~ | 85.8 MiB | 90d | 45d | ~old versions~ | pulled 45d ago \(not-pulled-for 30d\) |

</details>

<details><summary>What is copied: 2</summary>

| What | To | Rule | Why |
| --- | --- | --- | --- |
| ~shop/backend:rc-1~ | ~shop/backend~ | ~candidates~ | always |
| ~shop/backend:v1.1~ | ~shop/backend~ | ~to the mirror~ | always |

</details>

<details><summary>What stays: 8</summary>

| What | Decision | By | Why |
| --- | --- | --- | --- |
| ~shop/backend:keep~ | kept |  | no rule says otherwise |
| ~shop/backend:keep-me~ | kept |  | no rule says otherwise |
| ~shop/backend:main-2~ | kept | ~main~ | image 1 of the newest 1 by pushed |
| ~shop/backend:pr-3~ | kept | ~pull requests~ | pulled 16d ago \(pulled-within 20d\) |
| ~shop/backend:pr-4~ | kept | ~pull requests~ | never pulled, pushed 10d ago \(pulled-within 20d\) |
| ~shop/backend:pr-5~ | kept | ~pull requests~ | never pulled, pushed 9d ago \(pulled-within 20d\) |
| ~shop/backend:v1~ | protected | ~releases~ | selected by tag |
| ~shop/backend:v1.1~ | protected | ~releases~ | selected by tag |

</details>

</details>

<sub>commit ~0123456789~ · 2026-11-21 00:00 UTC · expires 2026-11-28 00:00 UTC · by ~harbor-dredge 0.0.0~ · [run 41](<https://github.example/shop/registry/actions/runs/41>)</sub>
`.replaceAll('~', '`'),
  )
})

/** What is told before any table: what stands between the status and the first fold or the footer. */
function opening(comment: Comment): string {
  const [, after = ''] = rendered(comment).split('<!-- /status -->\n\n')
  return (after.split(/<details|<sub>/, 1)[0] ?? '').trim()
}

function statusOf(comment: Comment): string {
  return /<!-- status -->\n(.*)\n<!-- \/status -->/.exec(rendered(comment))?.[1] ?? ''
}

const FORMER = { policy: policyOf(BEFORE), inventory: SHOP }
const RUN = { words: 'run 57', url: 'https://github.example/shop/registry/actions/runs/57' }

describe('what a pull request does to the policy', () => {
  test('changes it: kind by kind, with the bytes', () => {
    expect(opening(changed(AFTER, BEFORE)).split('\n')[0]).toBe(
      String.raw`## What this edit changes: 🔴 \+3 newly deleted \(85.8 MiB\), 🟠 1 now deleted without a copy, 🔵 1 now copied first, 🟢 −1 rescued \(4.77 MiB\), 🟡 1 for another reason, 🔵 \+1 copied, 🟡 −1 copied`,
    )
  })

  test('changes it, and today nothing comes of that', () => {
    expect(opening(changed(BEFORE, BEFORE))).toBe(
      '## This edit changes nothing today\n\nBy the policy before it the same would go and stay.',
    )
  })

  test('adds it: everything is new, and nothing stayed for a reason', () => {
    const assembled = planOf(BEFORE, SHOP)
    const { effect } = comparePlans(assembled, undefined, circumstances())
    const comment = planned(assembled, { kind: 'added', effect })
    expect(opening(comment)).toBe(
      String.raw`## What this policy does: 🔴 \+4 newly deleted \(23.8 MiB\), 🔵 \+1 copied

There was no policy before: everything is new.`,
    )
    expect(rendered(comment)).not.toContain('Why it stayed')
  })

  test('removes it: nothing is done any more', () => {
    const { effect } = comparePlans(undefined, FORMER, circumstances())
    const comment = about({ status: { state: 'idle' }, edit: { kind: 'removed', effect } })
    expect(opening(comment))
      .toBe(`## What removing the policy changes: 🟢 −4 rescued \\(23.8 MiB\\), 🟡 −1 copied

Without a policy nothing is deleted or copied.`)
    expect(rendered(comment)).not.toMatch(/Why it stays|whole plan|: plan `/)
    expect(rowsOf(rendered(comment))).toHaveLength(5)
  })

  test('changes it from what cannot be read: the plan is unfolded, since it is all that there is to see', () => {
    const why = 'the policy of `main` has 2 problems, the first in line 4'
    const comment = planned(planOf(AFTER, SHOP), { kind: 'unknown', why })
    expect(opening(comment)).toBe(
      '## What this edit changes is not known\n\nthe policy of \\`main\\` has 2 problems, the first in line 4',
    )
    expect(rendered(comment)).toContain('<details open><summary><b>The whole plan:</b>')
  })

  test('does not touch it', () => {
    const comment = planned(planOf(AFTER, SHOP), { kind: 'untouched' })
    expect(opening(comment)).toBe(
      '## The policy stays as it is\n\nThis pull request does not touch it, so merging it changes nothing about what goes.',
    )
    expect(rendered(comment)).toContain('<details><summary><b>The whole plan:</b>')
  })
})

describe('what follows from an edit is said', () => {
  const limited = (policy: string): string => policy.replace('max-delete-percent: 100', 'max-deletes: 3')

  test('the plan cannot be applied any more, and why', () => {
    const comment = changed(limited(AFTER), BEFORE)
    expect(opening(comment)).toContain('Before this edit the plan could be applied, now it cannot.')
    expect(opening(comment)).toContain(
      '> [!CAUTION]\n> **This plan cannot be applied.**\n> - 6 deletes are over limits.max-deletes, 3; narrow the rules, or raise the limit',
    )
    expect(statusOf(comment)).toBe('🚧 **Planned**, and cannot be applied as it is: what follows says why.')
    // Said once: not again in the plan as a whole.
    expect(rendered(comment).match(/over limits/g)).toHaveLength(1)
  })

  test('it can be applied now', () => {
    const comment = changed(AFTER, limited(BEFORE))
    expect(opening(comment)).toContain('Before this edit the plan could not be applied, now it can.')
  })

  test('nothing of that where it could not be applied before either', () => {
    expect(opening(changed(limited(AFTER), limited(BEFORE)))).not.toContain('Before this edit')
  })

  test('it may change more, where not everything was read', () => {
    const failing = { ...SHOP, failures: [{ where: 'shop/web', message: 'Harbor answered 500' }] }
    const comment = changed(AFTER, BEFORE, failing)
    expect(opening(comment)).toContain('Not everything was read: this edit may change more.')
    expect(opening(comment)).toContain('> - shop/web was not read: Harbor answered 500')
  })

  test.each([
    ['exact', 3_000_000, 1_000_000, 'Garbage collection then frees 2.86 MiB; before this edit 977 KiB.'],
    [
      'estimate',
      3_000_000,
      1_000_000,
      'Garbage collection then frees at most 2.86 MiB; before this edit at most 977 KiB.',
    ],
    ['exact', 5, 5, ''],
    ['off', null, null, ''],
  ] as const)('what is freed, %s: %p and %p before', (sizes, after, before, words) => {
    const [assembled, effect] = edited(AFTER, BEFORE)
    const former = effect.before && {
      ...effect.before,
      totals: { ...effect.before.totals, sizes, reclaimableBytes: before },
    }
    const totals = { ...assembled.plan.totals, sizes, reclaimableBytes: after }
    const sized = { ...assembled, plan: { ...assembled.plan, totals } }
    const said = opening(planned(sized, { kind: 'changed', effect: { ...effect, before: former } }))
    expect(/^Garbage collection.*$/m.exec(said)?.[0] ?? '').toBe(words)
  })

  test('what stays for another reason is counted, in English', () => {
    const kept = 'protect: [{ name: kept, tags: [keep-me] }]'
    const one = changed(BEFORE.replace(/protect:[^]*?rules:/, `${kept}\nrules:`), BEFORE)
    expect(opening(one)).toMatch(/^\d tags and untagged artifacts stay for another reason\.$/m)
    const other = changed(BEFORE.replace('"v*"', '"v*", keep-me'), BEFORE)
    expect(opening(other)).toMatch(/^1 tag or untagged artifact stays for another reason\.$/m)
  })
})

describe('the status', () => {
  const plan = 'sha256:0123456789abcdef0123456789abcdef'

  test.each<[status: Status, line: string]>([
    [
      { state: 'planned' },
      '📋 **Planned.** Nothing goes before this is merged, and then only what is still due.',
    ],
    [{ state: 'idle' }, '📋 **Planned.** There is nothing to do.'],
    [{ state: 'superseded' }, '🕸️ **Superseded**: what follows is out of date.'],
    [
      { state: 'superseded', by: RUN },
      `🕸️ **Superseded** by [run 57](<${RUN.url}>): what follows is out of date.`,
    ],
    [
      { state: 'waiting', planId: plan, run: RUN },
      `⏳ **Waiting for approval** in [run 57](<${RUN.url}>): plan \`0123456789ab\`, made after the merge.`,
    ],
    [
      { state: 'applying', planId: plan, run: RUN },
      `🔄 **Being applied** in [run 57](<${RUN.url}>): plan \`0123456789ab\`.`,
    ],
    [
      { state: 'applied', planId: plan, run: RUN, done: 1200, skipped: 0, failed: 0 },
      `✅ **Applied**: 1,200 of 1,200 done, in [run 57](<${RUN.url}>); plan \`0123456789ab\`.`,
    ],
    [
      { state: 'applied', planId: plan, run: RUN, done: 5, skipped: 2, failed: 1 },
      `⚠️ **Partly applied**: 5 of 8 done, 2 skipped, 1 failed, in [run 57](<${RUN.url}>); plan \`0123456789ab\`.`,
    ],
    [{ state: 'failed', why: 'Harbor answered 500' }, '❌ **Failed**: Harbor answered 500.'],
    [
      { state: 'failed', why: 'it broke!', run: RUN },
      `❌ **Failed**: it broke\\! See [run 57](<${RUN.url}>).`,
    ],
    [
      { state: 'offline', why: 'a pull request from a fork gets no secrets' },
      '🔎 **Checked offline only**: a pull request from a fork gets no secrets.',
    ],
  ])('%j', (status, line) => {
    expect(statusOf(about({ status }))).toBe(line)
    // And so it is when it takes the place of another one.
    expect(withStatus(renderComment(changed(AFTER, BEFORE)), status)).toBe(
      renderComment({ ...changed(AFTER, BEFORE), status }),
    )
  })

  test('of a plan says whether it is in the way of anything', () => {
    expect(statusOf(changed(AFTER, BEFORE))).toContain('**Planned.**')
    const nothing = 'version: 1\nrules: [{ name: a, select: { tags: [z] }, delete: always }]\n'
    expect(statusOf(changed(nothing, BEFORE))).toBe('📋 **Planned.** There is nothing to do.')
    expect(plannedStatus(undefined)).toEqual({ state: 'idle' })
  })

  test('of a plan that only copies what is at the mirror already says that there is nothing to do', () => {
    const copying = 'version: 1\nrules: [{ name: c, select: { tags: [keep-me] }, copy: always }]\n'
    const { plan: due } = planOf(copying, SHOP)
    const [copy] = due.actions
    if (copy?.kind !== 'copy') throw new Error('one copy')
    const { repository, digest, target } = copy
    const there = { repository, digest, target, state: 'same', tags: {}, bytes: 0, why: '' } as const
    expect([plannedStatus(due), plannedStatus({ ...due, targets: [there] })]).toEqual([
      { state: 'planned' },
      { state: 'idle' },
    ])
  })

  test('that somebody took out comes back, behind the marker', () => {
    const body = '<!-- harbor-dredge -->\r\n\r\nsomething else\r\n'
    expect(withStatus(body, { state: 'idle' }).split('\n').slice(0, 5)).toEqual([
      '<!-- harbor-dredge -->\r',
      '',
      '<!-- status -->',
      '📋 **Planned.** There is nothing to do.',
      '<!-- /status -->',
    ])
    for (const broken of ['', '<!-- status -->', '<!-- /status --><!-- status -->', '$& $1']) {
      expect(withStatus(broken, { state: 'idle' })).toContain('There is nothing to do.')
    }
  })
})

test('where there is no plan, the problems of the policy are told', () => {
  const comment = about({
    status: { state: 'failed', why: 'the policy has 2 problems' },
    problems: ['.github/harbor-dredge.yml, line 4: unknown key `ruels`', 'b'],
    harbor: '',
    expires: undefined,
    run: undefined,
  })
  expect(rendered(comment)).toBe(`<!-- harbor-dredge -->

### Harbor clean-up

<!-- status -->
❌ **Failed**: the policy has 2 problems.
<!-- /status -->

> [!CAUTION]
> **The policy has problems.**
> - .github/harbor-dredge.yml, line 4: unknown key \\\`ruels\\\`
> - b

<sub>commit \`0123456789\` · 2026-11-21 00:00 UTC</sub>
`)
})

describe('within the limit', () => {
  const TAG = 'pr-'.padEnd(120, 'x')
  const NONE = 'version: 1\nrules: [{ name: none, select: { tags: [none] }, delete: always }]\n'
  const RULES = `version: 1
rules:
  - { name: all, select: { tags: ["pr-*"] }, delete: always }
  - { name: few, select: { tags: ["few-*"] }, delete: always }
limits: { max-deletes: 1000000, max-delete-percent: 100, keep-per-repository: 0 }
`

  /** So many images to delete with tags of 128 characters by one rule, and three by another. */
  function large(count: number): Comment {
    const artifacts = Array.from({ length: count + 3 }, (_, index) => ({
      ...image('a', { tags: [index < 3 ? `few-${index}` : `${TAG}${String(index).padStart(8, '0')}`] }),
      digest: `sha256:${index.toString(16).padStart(64, '0')}`,
    }))
    return changed(RULES, NONE, registry({ 'shop/backend': artifacts }))
  }

  test.each([5000, 50_000])('%p deletions: by whole rows, each rule with some of its own', (count) => {
    const whole = new Set(renderComment(large(count), Number.MAX_SAFE_INTEGER).split('\n'))
    const markdown = renderComment(large(count))
    expect(byteLength(markdown)).toBeLessThanOrEqual(COMMENT_BYTES)
    expect(byteLength(markdown)).toBeGreaterThan(0.85 * COMMENT_BYTES)
    for (const line of markdown.split('\n').filter((each) => each.startsWith('| `shop'))) {
      expect(whole.has(line)).toBe(true)
    }
    // What isn't shown is counted, in the effect and again in the plan.
    const folds = markdown.split('<details').slice(1)
    const shown = folds.map((fold) => rowsOf(fold).length)
    expect(folds[0]).toContain(
      `… and ${(count - (shown[0] ?? 0)).toLocaleString('en-US')} more, in the job summary, the plan and decisions files.`,
    )
    expect(folds[1]).toContain('few-2')
    expect(shown[1]).toBe(3)
    const goes = folds.findIndex((fold) => fold.includes('What goes'))
    expect(folds[goes]).toContain(`… and ${(count + 3 - (shown[goes] ?? 0)).toLocaleString('en-US')} more,`)
    // The effect goes before the plan.
    expect(shown[0] ?? 0).toBeGreaterThan(2 * (shown[goes] ?? 0))
  })

  test.each([5000, 6000, 10_000, 20_001, 65_536])('of %p bytes, whatever the status becomes', (limit) => {
    const comment = large(2000)
    const markdown = renderComment(comment, limit)
    const why = '#1 @a '.repeat(200)
    const longest: Status = {
      state: 'failed',
      why,
      run: { words: why, url: `https://a.example/${'x'.repeat(900)}` },
    }
    expect(byteLength(renderComment({ ...comment, status: longest }, limit))).toBeLessThanOrEqual(limit)
    expect(byteLength(withStatus(markdown, longest))).toBeLessThanOrEqual(limit)
    expect(markdown.match(/<details/g) ?? []).toHaveLength(markdown.match(/<\/details>/g)?.length ?? 0)
    expect(markdown).toMatch(/<\/sub>\n$/)
  })

  test('long lists of problems and dead rules leave room for the effect', () => {
    const rules = Array.from(
      { length: 200 },
      (_, index) =>
        `  - { name: ${`rule ${index} `.padEnd(100, 'x')}, select: { tags: [none] }, delete: always }`,
    )
    const problems = Array.from({ length: 50 }, (_, index) => ({
      where: `shop/${index}`,
      message: '\u4E2D'.repeat(5000),
    }))
    const inventory = {
      ...registry({ 'shop/backend': [image('a', { tags: ['pr-1'] })] }),
      failures: problems,
    }
    const after = RULES.replace('rules:\n', `rules:\n${rules.join('\n')}\n`)
    const markdown = renderComment(changed(after, NONE, inventory))
    expect(byteLength(markdown)).toBeLessThanOrEqual(COMMENT_BYTES)
    expect(markdown).toContain('`shop/backend:pr-1`')
    expect(markdown).toMatch(/^> - shop\/0 was not read: \u4E2D{400}/m)
    expect(markdown).toMatch(/^> - … and \d\d more$/m)
  })

  test('of a hundred rules that change something those that matter most are shown', () => {
    const names = Array.from({ length: 100 }, (_, index) => String(index).padStart(2, '0'))
    const rules = names.map(
      (name) => `  - { name: r${name}, select: { tags: ["t${name}"] }, delete: always }`,
    )
    const artifacts = names.map((name, index) => ({
      ...image('a', { tags: [`t${name}`] }),
      digest: `sha256:${index.toString(16).padStart(64, '0')}`,
    }))
    const after = RULES.replace('rules:\n', `rules:\n${rules.join('\n')}\n`)
    const markdown = renderComment(changed(after, NONE, registry({ 'shop/backend': artifacts })))
    expect(markdown.match(/Newly deleted by/g)).toHaveLength(40)
    expect(markdown).toContain('… and by 60 more rules.')
  })

  test('a row of a thousand tags is one of twenty', () => {
    const tags = Array.from({ length: 1000 }, (_, index) => `pr-${index}`)
    const markdown = renderComment(changed(RULES, NONE, registry({ 'shop/backend': [image('a', { tags })] })))
    expect(markdown).toContain('`:pr-115` and 980 more |')
  })

  test('tables of ten rows are unfolded, as long as there are twenty altogether', () => {
    const artifacts = ['pr', 'few'].flatMap((kind, which) =>
      Array.from({ length: 10 }, (_, index) => image(`${which + 1}${index}`, { tags: [`${kind}-${index}`] })),
    )
    const folds = (count: number): number | undefined => {
      const inventory = registry({ 'shop/backend': artifacts.slice(0, count) })
      return renderComment(changed(RULES, NONE, inventory)).match(/<details open>/g)?.length
    }
    expect([folds(10), folds(20)]).toEqual([1, 2])
    const more = [...artifacts, image('ff', { tags: ['few-x'] })]
    expect(
      renderComment(changed(RULES, NONE, registry({ 'shop/backend': more }))).match(/<details open>/g),
    ).toHaveLength(1)
  })
})
