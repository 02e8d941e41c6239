import { describe, expect, test } from '@jest/globals'
import { stripVTControlCharacters } from 'node:util'
import { contentOf } from '../../src/report/content.ts'
import { COLOURED, PLAIN } from '../../src/report/style.ts'
import type { Cell } from '../../src/report/table.ts'
import { renderText } from '../../src/report/text.ts'
import { AFTER, BEFORE, edited } from './comments.ts'
import { content, example, HOSTILE, table } from './report.ts'

test('a report as a terminal gets it, every character of it', () => {
  const { plan } = example()
  expect(renderText(contentOf(example(), { proxyCaches: ['cache'] }), { style: PLAIN, rows: 100 }))
    .toBe(`Harbor clean-up plan for harbor.example

Would delete 2 artifacts with 3 tags and 1 tag of artifacts that stay; copy 1 image to the mirror.

At most 1000 B is sent to the mirror.
Read 1 repository in 1 project: 3 tags and untagged artifacts kept, 1 protected.

Rules that match nothing; is a pattern misspelt, or out of scope? dead (line 15)

Protections that match nothing; is a pattern misspelt, or out of scope? nothing (line 5)

Proxy caches, left alone: cache

By rule: 3
Rule           Line  In its family  Kept by it  Acted on
pull requests     8              4           0         3
main             11              2           1         1
dead             15              0           0         0

By protection: 2
Protection  Line  Protects
releases       3         1
nothing        5         0

By repository: 1
Repository  Artifacts go  Tags go  Copied  Kept  Protected  Listed size
team-a/web             2        1       1     3          1     4.77 MiB

What goes: 3
What                       Size  Pushed  Pulled  Rule           Why
team-a/web:main-1        1000 B     30d   never  main           not among the newest 1 by pushed; once it is copied and verified
team-a/web:pr-1 :pr-2  4.77 MiB     20d     16d  pull requests  pushed 20d ago (not-pushed-for 14d)
team-a/web:pr-3        tag only                  pull requests  pushed 100d ago (not-pushed-for 14d)

What is copied: 1
What               To          Rule  Why
team-a/web:main-1  team-a/web  main  not among the newest 1 by pushed

What stays: 4
What                     Decision   By             Why
team-a/web:main-2        kept       main           image 1 of the newest 1 by pushed
team-a/web:pr-9          kept       pull requests  not due: pushed 3d ago (not-pushed-for 14d)
team-a/web:v1            protected  releases       selected by tag
team-a/web@eeeeeeeeeeee  kept                      no rule says otherwise

plan ${plan.id}
policy .github/harbor-dredge.yml
Harbor https://harbor.example v2.15.1
decided for 2026-11-21T00:00:00.000Z
by harbor-dredge 0.0.0

`)
})

test('what an edit changes is told first', () => {
  const [assembled, effect] = edited(AFTER, BEFORE)
  const report = contentOf(assembled, { edit: { kind: 'changed', effect } })
  const [told = ''] = renderText(report, { style: PLAIN, rows: 100 }).split('The whole plan')
  expect(told).toBe(`Harbor clean-up plan for harbor.example

What this edit changes: +3 newly deleted (85.8 MiB), 1 now deleted without a copy, 1 now copied first, \u22121 rescued (4.77 MiB), 1 for another reason, +1 copied, \u22121 copied.

2 tags and untagged artifacts stay for another reason.

Since this edit these match nothing; is a pattern misspelt, or out of scope? stable (line 5)

Newly deleted by old versions (line 8): 3 tags, 85.8 MiB
What                               Size  Pulled  Why it goes                          Why it stayed
shop/backend:v2 :v2.0 :v2.0.0  85.8 MiB     45d  pulled 45d ago (not-pulled-for 30d)  releases: selected by tag

No longer copied before they are deleted by main (line 15): 1 tag
What                 Pulled  Why it goes
shop/backend:main-1   never  not among the newest 1 by pushed

From now on copied before they are deleted by candidates (line 19): 1 tag
What               Pulled  Why it goes
shop/backend:rc-1   never  always; once it is copied and verified

Rescued from pull requests (line 6 before the edit): 1 tag, 4.77 MiB
What                   Size  Pulled  Why it stays
shop/backend:pr-3  4.77 MiB     16d  pull requests: pulled 16d ago (pulled-within 20d)

Deleted by builds (line 22) instead of nightlies: 1 tag
What                    Pulled  Why it goes                         Why it went
shop/backend:nightly-1   never  pushed 30d ago (not-pushed-for 7d)  always

Copied from now on: 1
What               To            Rule           Why
shop/backend:v1.1  shop/backend  to the mirror  always

No longer copied: 1
What             To            Rule           Why
shop/backend:v1  shop/backend  to the mirror  always

`)
})

describe('colours', () => {
  const REPORT = content({
    problems: ['a problem'],
    notices: [{ words: 'Look:', names: ['x'] }],
    overview: [table([[{ code: 'a' }, { text: '1' }]], { count: 3 })],
  })

  test('are there when they are on', () => {
    const text = renderText(REPORT, { style: COLOURED, rows: 100 })
    expect(text).toContain('\u001B[1mA plan\u001B[22m')
    expect(text).toContain('\u001B[31m\u001B[1mThis plan cannot be applied.\u001B[22m\u001B[39m')
    expect(text).toContain('\u001B[33mLook: x\u001B[39m')
    expect(text).toContain('\u001B[2m… and 2 more\u001B[22m')
  })

  test('are each ended, and are all that the two ways differ in', () => {
    const [coloured, plain] = [COLOURED, PLAIN].map((style) => renderText(REPORT, { style, rows: 100 }))
    expect(stripVTControlCharacters(coloured ?? '')).toBe(plain)
    const codes = (coloured ?? '').split('\u001B[').map((after) => Number.parseInt(after, 10))
    const count = (code: number): number => codes.filter((each) => each === code).length
    expect([count(1) + count(2), count(31), count(33)]).toEqual([count(22), 1, 1])
    expect(count(39)).toBe(2)
  })
})

describe('tables', () => {
  const ROWS = Array.from({ length: 50 }, (_, index): Cell[] => [{ code: `r${index}` }])

  test('have so many rows at most, and the others counted', () => {
    const text = renderText(content({ lists: [table(ROWS, { count: 1234 })] }), { style: PLAIN, rows: 2 })
    expect(text).toContain('Things: 1,234\nC0\nr0\nr1\n… and 1,232 more\n')
  })

  test('that want fewer rows have fewer', () => {
    const lists = [table(ROWS, { textRows: 3 })]
    expect(renderText(content({ lists }), { style: PLAIN, rows: 10 })).toContain('r2\n… and 47 more\n')
    expect(renderText(content({ lists }), { style: PLAIN, rows: 1 })).toContain('r0\n… and 49 more\n')
  })

  test('can be rendered again and again', () => {
    const report = contentOf(example())
    const options = { style: PLAIN, rows: 100 }
    expect(renderText(report, options)).toBe(renderText(report, options))
  })

  test('have cells of eighty characters at most before the last, which says why', () => {
    const text = renderText(
      content({ lists: [table([[{ code: 'x'.repeat(128) }], [{ code: 'y'.repeat(80) }]])] }),
      { style: PLAIN, rows: 9 },
    )
    expect(text).toContain(`${'x'.repeat(79)}\u2026\n${'y'.repeat(80)}\n`)
    const why = renderText(content({ lists: [table([[{ code: 'a' }, { text: 'z'.repeat(128) }]])] }), {
      style: PLAIN,
      rows: 9,
    })
    expect(why).toContain(`\na   ${'z'.repeat(128)}\n`)
  })

  test('have numbers to the right, and no white space at the end of lines', () => {
    const text = renderText(
      content({
        lists: [
          table([], {
            columns: [{ name: 'Name' }, { name: 'Count', align: 'right' }, { name: 'Why' }],
            rows: [
              [{ code: 'a' }, { text: '5' }, { text: '' }],
              [{ code: 'abcdef' }, { text: '1,000,000' }, { text: 'x' }],
            ],
            count: 2,
          }),
        ],
      }),
      { style: PLAIN, rows: 9 },
    )
    expect(text).toContain('Name        Count  Why\na               5\nabcdef  1,000,000  x\n')
    expect(text).not.toMatch(/[^\S\n]+$/m)
  })
})

test('names that want to be something else stay on their line, and do nothing to a terminal', () => {
  for (const name of HOSTILE) {
    const report = content({
      title: name,
      problems: [name],
      notices: [{ words: 'Look:', names: [name] }],
      overview: [table([[{ code: name }, { text: name }, { codes: [name, name] }]])],
      footer: [['plan', name]],
    })
    const text = renderText(report, { style: PLAIN, rows: 9 })
    expect(text.trimEnd().split('\n')).toHaveLength(14)
    expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  }
})

test('problems are twenty at most, and the others counted', () => {
  const problems = Array.from({ length: 25 }, (_, index) => `problem ${index + 1}`)
  const text = renderText(content({ problems }), { style: PLAIN, rows: 9 })
  expect(text.match(/^ {2}- problem/gm)).toHaveLength(20)
  expect(text).toContain('  - … and 5 more\n')
})

// A terminal's output can be a workflow's log, and that takes commands at the start of a line.
test('no line is a command to the runner of a workflow', () => {
  const text = renderText(
    content({ overview: [table([[{ code: '::error::x' }]])], title: '::add-mask::a' }),
    { style: PLAIN, rows: 9 },
  )
  expect(text).not.toMatch(/^\s*::/m)
})

// The log of a run with a thousand misspelt rules.
test('of names in a notice some are shown, and the others counted', () => {
  const names = Array.from({ length: 1000 }, (_, index) => `n${index}`)
  const text = renderText(content({ notices: [{ words: 'Dead:', names }] }), { style: PLAIN, rows: 9 })
  expect(text).toMatch(/more/)
})
