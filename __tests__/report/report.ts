// A plan with a bit of everything, and reports of rows alone.
import { assemblePlan, type Assembled } from '../../src/plan/assemble.ts'
import type { Content } from '../../src/report/content.ts'
import type { Cell, Table } from '../../src/report/table.ts'
import { NOW } from '../oracle/arbitrary.ts'
import { planOf, policyOf } from '../plan/plan-of.ts'
import { image, registry } from '../plan/registry.ts'

const POLICY = `version: 1
protect:
  - name: releases
    tags: ["v*"]
  - name: nothing
    labels: [never]
rules:
  - name: pull requests
    select: { tags: ["pr-*"] }
    delete: { not-pushed-for: 14d }
  - name: main
    select: { tags: ["main-*"] }
    keep: { newest: 1 }
    archive: always
  - name: dead
    select: { tags: ["x-*"] }
    delete: always
limits: { keep-per-repository: 0, max-delete-percent: 100 }
`

/** Artifacts and tags that go, one that is copied, and of what stays each kind. */
export function example(): Assembled {
  return planOf(
    POLICY,
    registry({
      'team-a/web': [
        image('a', { tags: ['pr-1', 'pr-2'], pushed: 20, pulled: 16, size: 5_000_000 }),
        image('b', { tags: ['pr-3', 'v1'] }),
        image('c', { tags: ['main-1'], pushed: 30 }),
        image('d', { tags: ['main-2'], pushed: 20 }),
        image('e'),
        image('f', { tags: ['pr-9'], pushed: 3 }),
      ],
    }),
  )
}

/** A tag that a rule of any name deletes, also of one that no policy file would be allowed to have. */
export function deletedBy(name: string): Assembled {
  const policy = policyOf(`version: 1
rules: [{ name: a, select: { tags: ["**"] }, delete: always }]
limits: { keep-per-repository: 0, max-delete-percent: 100 }
`)
  const inventory = registry({ 'team-a/web': [image('a', { tags: ['v1'] })] })
  return assemblePlan({ ...policy, rules: policy.rules.map((rule) => ({ ...rule, name })) }, inventory, {
    tool: 'harbor-dredge 0.0.0',
    harbor: { url: 'https://harbor.example', version: 'v2.15.1' },
    policyFile: { path: '.github/harbor-dredge.yml', digest: `sha256:${'0'.repeat(64)}` },
    createdAt: NOW,
    now: NOW,
    otherTime: false,
    mirrorPrefix: '',
  })
}

/** A report with nothing in it, but for some parts. */
export function content(parts: Partial<Content> = {}): Content {
  return {
    title: 'A plan',
    verdict: 'Would do nothing.',
    facts: [],
    problemsTitle: 'This plan cannot be applied.',
    problems: [],
    notices: [],
    overview: [],
    lists: [],
    elsewhere: 'in the plan and decisions files',
    footer: [['plan', 'sha256:0']],
    ...parts,
  }
}

export function table(rows: readonly (readonly Cell[])[], others: Partial<Table> = {}): Table {
  return {
    title: 'Things',
    columns: (rows[0] ?? [{ text: '' }]).map((_, index) => ({ name: `C${index}` })),
    rows,
    count: rows.length,
    ...others,
  }
}

/** Names that want to be something else: markup, cells, commands, mentions, other lines, other directions. */
export const HOSTILE = [
  'a|b',
  String.raw`a\|b`,
  String.raw`trailing\ `.trim(),
  '`code`',
  '```',
  '` | `',
  '<script>alert(1)</script>',
  '<!-- x',
  '</details>',
  '&lt;b&gt;',
  '**bold** _it_ ~~gone~~',
  '[x](https://evil.example)',
  '![x](https://evil.example/x.png)',
  '@org/team',
  '#123 GH-1',
  'https://evil.example',
  '::error::x',
  '##[error]x',
  'a\nb\r\n| c | d |',
  'a\u2028b\u2029c',
  '\u202Egnp.exe\u2066',
  '\u001B[31mred\u0007',
  '$x$ $$y$$',
  '- item',
  '# title',
  '=formula',
  '\u0000',
  ' ',
  'x'.repeat(128),
  '\u4E2D'.repeat(100),
  '\u{1F600}'.repeat(50),
] as const
