import { describe, expect, test } from '@jest/globals'
import { contentOf } from '../../src/report/content.ts'
import { byteLength } from '../../src/report/escape.ts'
import { renderMarkdown, SUMMARY_BYTES } from '../../src/report/markdown.ts'
import type { Cell } from '../../src/report/table.ts'
import { cellsOf, outsideCode, rowsOf } from './gfm.ts'
import { content, example, HOSTILE, table } from './report.ts'

test('a report as GitHub gets it, every character of it', () => {
  const { plan } = example()
  expect(renderMarkdown(contentOf(example(), { proxyCaches: ['cache'] }))).toBe(
    String.raw`## Harbor clean-up plan for harbor.example

**Would delete 2 artifacts with 3 tags and 1 tag of artifacts that stay; copy 1 image to the mirror.**

At most 1000 B is sent to the mirror.

Read 1 repository in 1 project: 3 tags and untagged artifacts kept, 1 protected.

> [!NOTE]
> Rules that match nothing; is a pattern misspelt, or out of scope? ~dead (line 15)~

> [!NOTE]
> Protections that match nothing; is a pattern misspelt, or out of scope? ~nothing (line 5)~

> [!NOTE]
> Proxy caches, left alone: ~cache~

### By rule

| Rule | Line | In its family | Kept by it | Acted on |
| --- | --: | --: | --: | --: |
| ~pull requests~ | 8 | 4 | 0 | 3 |
| ~main~ | 11 | 2 | 1 | 1 |
| ~dead~ | 15 | 0 | 0 | 0 |

### By protection

| Protection | Line | Protects |
| --- | --: | --: |
| ~releases~ | 3 | 1 |
| ~nothing~ | 5 | 0 |

### By repository

| Repository | Artifacts go | Tags go | Copied | Kept | Protected | Listed size |
| --- | --: | --: | --: | --: | --: | --: |
| ~team-a/web~ | 2 | 1 | 1 | 3 | 1 | 4.77 MiB |

<details><summary>What goes: 3</summary>

| What | Size | Pushed | Pulled | Rule | Why |
| --- | --: | --: | --: | --- | --- |
| ~team-a/web:main-1~ | 1000 B | 30d | never | ~main~ | not among the newest 1 by pushed; once it is copied and verified |
| ~team-a/web:pr-1~ ~:pr-2~ | 4.77 MiB | 20d | 16d | ~pull requests~ | pushed 20d ago \(not-pushed-for 14d\) |
| ~team-a/web:pr-3~ | tag only |  |  | ~pull requests~ | pushed 100d ago \(not-pushed-for 14d\) |

</details>

<details><summary>What is copied: 1</summary>

| What | To | Rule | Why |
| --- | --- | --- | --- |
| ~team-a/web:main-1~ | ~team-a/web~ | ~main~ | not among the newest 1 by pushed |

</details>

<details><summary>What stays: 4</summary>

| What | Decision | By | Why |
| --- | --- | --- | --- |
| ~team-a/web:main-2~ | kept | ~main~ | image 1 of the newest 1 by pushed |
| ~team-a/web:pr-9~ | kept | ~pull requests~ | not due: pushed 3d ago \(not-pushed-for 14d\) |
| ~team-a/web:v1~ | protected | ~releases~ | selected by tag |
| ~team-a/web@eeeeeeeeeeee~ | kept |  | no rule says otherwise |

</details>

<sub>plan ~${plan.id}~ · policy ~.github/harbor-dredge.yml~ · Harbor ~https://harbor.example v2.15.1~ · decided for ~2026-11-21T00:00:00.000Z~ · by ~harbor-dredge 0.0.0~</sub>
`.replaceAll('~', '`'),
  )
})

test('a report can be rendered again and again', () => {
  const report = contentOf(example())
  expect(renderMarkdown(report)).toBe(renderMarkdown(report))
})

describe('names that want to be something else', () => {
  const ROWS = HOSTILE.map((name): Cell[] => [{ code: name }, { text: name }, { codes: [name, 'v1', name] }])

  test('leave a row a row, of as many cells as the table has columns', () => {
    const rows = rowsOf(renderMarkdown(content({ overview: [table(ROWS)] })))
    expect(rows.map((cells) => cells.length)).toEqual(HOSTILE.map(() => 3))
  })

  test('are nothing but code, each in its cell', () => {
    for (const [code = '', , codes = ''] of rowsOf(renderMarkdown(content({ overview: [table(ROWS)] })))) {
      expect(outsideCode(code)).toBe('')
      expect(outsideCode(codes).trim()).toBe('')
    }
  })

  test('are words without markup where they are among words', () => {
    for (const [, words = ''] of rowsOf(renderMarkdown(content({ overview: [table(ROWS)] })))) {
      // Every character that starts markup has a backslash before it, and every mention and link is broken.
      expect(words.replaceAll(/\\[!-/:-@[-`{-~]/g, '')).not.toMatch(
        /[\\`*_{}[\]()<>#!|~&$]|@(?!\u200B)|:\/\//,
      )
    }
  })

  test('stay on their line in titles, facts, problems, notices and the footer', () => {
    for (const name of HOSTILE) {
      const report = content({
        title: name,
        verdict: name,
        facts: [name],
        problems: [name],
        notices: [{ words: name, names: [name] }],
        footer: [['plan', name]],
      })
      const lines = renderMarkdown(report).trimEnd().split('\n')
      expect(lines).toHaveLength(14)
      expect(lines.slice(0, 5).map((line) => line.slice(0, 3))).toEqual([
        '## ',
        '',
        expect.stringMatching(/^\*\*/),
        '',
        expect.anything(),
      ])
      const own = new Set(['', '> [!CAUTION]', '> **This plan cannot be applied.**', '> [!NOTE]'])
      for (const line of lines.slice(1).filter((each) => !own.has(each))) {
        const plain = outsideCode(line).replaceAll(/\\[!-/:-@[-`{-~]|<\/?sub>|^\*\*|\*\*$|^> (?:- )?/g, '')
        expect(plain).not.toMatch(/[\\`*_{}[\]<>#!|~&$]|@(?!\u200B)|:\/\//)
      }
    }
  })

  // Outside tables a pipe is a pipe, and a backslash before it would be shown.
  test('are shown as they are outside tables', () => {
    const markdown = renderMarkdown(content({ notices: [{ words: 'Dead:', names: ['a|b'] }] }))
    expect(markdown).toContain('`a|b`')
  })
})

describe('no more than is needed', () => {
  test('of HTML there are only folds and a footer, of pictures and diagrams none', () => {
    const markdown = renderMarkdown(contentOf(example(), { proxyCaches: ['cache'] }))
    const tags = [...markdown.matchAll(/<[^>]*>/g)].map(([tag]) => tag)
    expect(new Set(tags)).toEqual(
      new Set(['<details>', '<summary>', '</summary>', '</details>', '<sub>', '</sub>']),
    )
    expect(markdown).not.toMatch(/```|mermaid|!\[/)
  })

  test('Markdown inside a fold has blank lines around it', () => {
    const markdown = renderMarkdown(contentOf(example()))
    expect(markdown.match(/<\/summary>\n\n\| /g)).toHaveLength(3)
    expect(markdown.match(/ \|\n\n<\/details>\n\n/g)).toHaveLength(3)
  })
})

describe('problems', () => {
  const PROBLEMS = Array.from({ length: 25 }, (_, index) => `problem ${index + 1}`)

  test('are told first, and said to be in the way', () => {
    expect(renderMarkdown(content({ problems: PROBLEMS.slice(0, 2) }))).toContain(
      '> [!CAUTION]\n> **This plan cannot be applied.**\n> - problem 1\n> - problem 2\n\n',
    )
  })

  test('are twenty at most', () => {
    const markdown = renderMarkdown(content({ problems: PROBLEMS }))
    expect(markdown.match(/^> - problem/gm)).toHaveLength(20)
    expect(markdown).toMatch(/^> - … and 5 more/m)
  })

  test('that are left out are counted in English', () => {
    expect(renderMarkdown(content({ problems: PROBLEMS }))).not.toContain('mores')
  })
})

test('of names in a notice twenty are shown, and the others counted', () => {
  const names = Array.from({ length: 23 }, (_, index) => `n${index}`)
  const markdown = renderMarkdown(content({ notices: [{ words: 'Dead:', names }] }))
  expect(markdown).toContain('> Dead: `n0`, `n1`')
  expect(markdown).toContain('`n19` and 3 more\n')
})

test('of a table in the overview two hundred rows are shown, and the others counted', () => {
  const rows = Array.from({ length: 1234 }, (_, index): Cell[] => [{ code: `r${index}` }])
  const markdown = renderMarkdown(content({ overview: [table(rows)] }))
  expect(rowsOf(markdown)).toHaveLength(200)
  expect(markdown).toContain('| `r199` |\n\n… and 1,034 more, in the plan and decisions files.\n')
})

describe('within a budget', () => {
  /** Removals with tags of 128 characters in many bytes. */
  const REMOVALS = Array.from({ length: 5000 }, (_, index): Cell[] => [
    { codes: [`team-a/web:${index}`, `:${'\u{1F600}|`'.repeat(42)}`.slice(0, 128)] },
    { text: `pushed ${index}d ago (not-pushed-for 14d)` },
  ])
  const LISTS = [
    table(REMOVALS, { title: 'What goes' }),
    table(REMOVALS, { title: 'What is copied' }),
    table(REMOVALS, { title: 'What stays' }),
  ]
  const WHOLE = new Set(renderMarkdown(content({ lists: LISTS }), Number.MAX_SAFE_INTEGER).split('\n'))

  test('five thousand removals are cut by whole rows, and the others counted', () => {
    const markdown = renderMarkdown(content({ lists: LISTS }))
    expect(byteLength(markdown)).toBeLessThanOrEqual(SUMMARY_BYTES)
    const shown = [...markdown.matchAll(/… and ([\d,]+) more, in the plan and decisions files\./g)].map(
      ([, more = '']) => 5000 - Number(more.replace(',', '')),
    )
    expect(shown.reduce((sum, rows) => sum + rows, 0)).toBe(rowsOf(markdown).length)
    // What goes matters most, and gets most.
    const [goes = 0, copied = 0, stays = 0] = shown
    expect(goes).toBeGreaterThan(copied)
    expect(copied + stays).toBeGreaterThan(0)
  })

  // A budget in bytes.
  test.each([3000, 5000, 10_000, 20_001, 65_536, 250_000, 999_999, 1_048_576])(
    'of %p it is kept, to the byte',
    (budget) => {
      const markdown = renderMarkdown(content({ lists: LISTS }), budget)
      expect(byteLength(markdown)).toBeLessThanOrEqual(budget)
      for (const row of markdown.split('\n').filter((line) => line.startsWith('| '))) {
        expect(cellsOf(row)).toHaveLength(2)
        expect(WHOLE.has(row)).toBe(true)
      }
      expect(markdown.endsWith('</sub>\n')).toBe(true)
      expect(markdown.match(/<details>/g)).toHaveLength(markdown.match(/<\/details>/g)?.length ?? -1)
    },
  )

  test('what one list leaves goes to the next', () => {
    const lists = [table(REMOVALS.slice(0, 5)), table(REMOVALS.slice(0, 5)), table(REMOVALS)]
    const markdown = renderMarkdown(content({ lists }), 100_000)
    expect(byteLength(markdown)).toBeGreaterThan(95_000)
    expect(byteLength(markdown)).toBeLessThanOrEqual(100_000)
  })

  test('everything is shown that has room', () => {
    const markdown = renderMarkdown(content({ lists: [table(REMOVALS.slice(0, 100))] }))
    expect(rowsOf(markdown)).toHaveLength(100)
    expect(markdown).not.toContain('more')
  })

  test('a list of which no row has room says how many there are', () => {
    const markdown = renderMarkdown(content({ lists: [table(REMOVALS)] }), 500)
    expect(rowsOf(markdown)).toHaveLength(0)
    expect(markdown).toContain('… and 5,000 more, in the plan and decisions files.')
  })

  // Two hundred rules of a hundred characters each are more than a comment on a pull request holds.
  test('a long overview is cut too', () => {
    const rules = Array.from({ length: 300 }, (_, index): Cell[] => [
      { code: `${index} ${'\u4E2D'.repeat(95)}` },
    ])
    const markdown = renderMarkdown(content({ overview: [table(rules)] }), 20_000)
    expect(byteLength(markdown)).toBeLessThanOrEqual(20_000)
  })
})
