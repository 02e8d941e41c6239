// What is wrong with a policy file as a file, before it is a policy.
import { describe, expect, test } from '@jest/globals'
import { ALL_TAGS, problemsOf, withMore, withRule } from './problems.ts'

const VALID = withRule(ALL_TAGS)

describe('a file without a policy in it', () => {
  // What it has, and where it is said to be empty.
  test.each([
    ['nothing', '', '1:1'],
    ['nothing but white space', '  \n\n', '1:1'],
    ['nothing but a comment', '# later\n', '1:1'],
    ['nothing but a byte order mark', '\uFEFF', '1:1'],
    ['an empty document', '---\n', '1:4'],
    ['null', 'null\n', '1:1'],
    ['a tilde', '~', '1:1'],
  ])('with %s: %j, at %s', (_, text, place) => {
    expect(problemsOf(text)).toEqual([`${place} the policy is empty`])
  })

  // What stands in the place of the mapping.
  test.each([
    ['foo\n', '1:1 the policy should be a mapping (version, rules, …), not "foo"'],
    ['42\n', '1:1 the policy should be a mapping (version, rules, …), not 42'],
    ['"a: b"', '1:1 the policy should be a mapping (version, rules, …), not "a: b"'],
    ['{}', ['1:1 `version` is missing', '1:1 `rules` is missing']],
  ])('but %j: %j', (text, problems) => {
    expect(problemsOf(text)).toEqual([problems].flat())
  })

  test('over 1 MiB is not read at all, and just under it is', () => {
    const [under, over] = [2 ** 20, 2 ** 20 + 1].map(
      (length) => `${VALID}#${'x'.repeat(length - VALID.length - 1)}`,
    )
    expect(problemsOf(over ?? '')).toEqual(['1:1 the file is over 1 MiB; is it a policy?'])
    expect(problemsOf(under ?? '')).toEqual([])
    expect(problemsOf('['.repeat(2 ** 20 + 1))).toEqual(['1:1 the file is over 1 MiB; is it a policy?'])
  })
})

describe('a file that is no YAML, or more than a policy may be', () => {
  // A file, and what is wrong with it. The words after the colon are those of the YAML library.
  test.each<[text: string, problems: readonly string[]]>([
    [
      'version: 1\nrules: [\n',
      ['3:1 Flow sequence in block collection must be sufficiently indented and end with a ]'],
    ],
    ['version: 1\nversion: 1\nrules: []\n', ['2:1 Map keys must be unique']],
    [withRule('{ tags: ["**"], tags: ["v*"] }'), ['4:29 Map keys must be unique']],
    [withRule(ALL_TAGS, 'delete: always', 'delete: always'), ['6:5 Map keys must be unique']],
    ['version: 1\nrules:\n\t- name: a\n', ['3:1 Tabs are not allowed as indentation']],
    [VALID.replace('    select', '\tselect'), ['4:1 Tabs are not allowed as indentation']],
    [`${VALID.trimEnd()}\n\tcopy: always\n`, ['6:1 Tabs are not allowed as indentation']],
    [withMore('scope: { projects: ["*", ! archive] }'), []],
    ['%YAML 2.0\n---\nversion: 1\n', ['1:7 Unsupported YAML version 2.0']],
  ])('%j', (text, problems) => {
    expect(problemsOf(text)).toEqual(
      problems.map((problem) => problem.replace(' ', ' this is not valid YAML: ')),
    )
  })

  // A pattern without quotes is an alias, or a tag; and tags make something run elsewhere.
  test.each<[text: string, place: string, written: string]>([
    [withMore('scope: { projects: ["*", !archive] }'), '6:26', '!archive'],
    [withRule('!!js/function "x"'), '4:13', '!!js/function'],
    [withRule('{ tags: [!!js/regexp /x/] }'), '4:22', '!!js/regexp'],
    [withRule('{ tags: [!!python/object:os.system x] }'), '4:22', '!!python/object:os.system'],
    [withMore('scope: !Ref x'), '6:8', '!Ref'],
  ])('%j: no tags', (text, place, written) => {
    expect(problemsOf(text)).toEqual([
      `${place} \`${written}\` is a tag in YAML, and policies have none; if it is a pattern, put it in quotes`,
    ])
  })

  test('a star alone is told to be no alias', () => {
    expect(problemsOf(withMore('scope: { projects: [*] }'))).toEqual([
      '6:21 `*` starts an alias in YAML; if it is a pattern, put it in quotes',
    ])
  })

  // Several documents.
  test.each([['---'], ['...']])('%s and another policy: told where that begins', (separator) => {
    const [problem, ...others] = problemsOf(`${VALID}${separator}\n${VALID}`)
    expect(problem).toMatch(/^[67]:1 a policy is one YAML document; take out the `---` and what follows$/)
    expect(others).toEqual([])
  })

  test('several documents: told what to do, not which function of a library to call', () => {
    expect(problemsOf(`${VALID}---\n${VALID}`).join('\n')).not.toMatch(/YAML\.parse/)
  })

  test('a stray bracket is told once, not with every word that follows', () => {
    expect(problemsOf(`version: 1\n]\n${VALID}`).length).toBeLessThan(4)
  })

  test('a stray bracket before a text over two lines: places are in their lines', () => {
    const text = `version: 1\n]\nname: releases\n  tags: [a]\nrules: []\n`
    const widths = text.split('\n').map(({ length }) => length)
    for (const problem of problemsOf(text)) {
      const [line = 0, column = 0] = problem.split(/[: ]/).map(Number)
      expect(column).toBeLessThanOrEqual((widths[line - 1] ?? 0) + 1)
    }
  })

  test('with line ends of Windows has its lines and columns told as an editor shows them', () => {
    const text = withMore('limits: { grace: 24 }', 'nope: 1').replaceAll('\n', '\r\n')
    expect(problemsOf(text)).toEqual([
      '6:18 `grace` should be a text, not 24; with its unit: 24d',
      '7:1 a policy has no key `nope`; it knows version, scope, protect, rules, mirror, limits, gc, trash, tests',
    ])
  })

  // A byte order mark is no column.
  test('with a byte order mark has the columns of its first line told as an editor shows them', () => {
    expect(problemsOf('\uFEFFversion: 2\nrules: []\n')[0]).toBe('1:10 `version` should be 1, not 2')
  })
})

describe('aliases', () => {
  test('that explode are refused', () => {
    const letters = 'bcdefghi'.split('')
    const lines = letters.map((letter, index) => {
      const before = index === 0 ? 'x' : `*${letters[index - 1] ?? ''}`
      return `${letter}: &${letter} [${Array.from({ length: 9 }, () => before).join(', ')}]`
    })
    expect(problemsOf(lines.join('\n'))).toEqual([
      '1:1 the aliases in this file are refused: Excessive alias count indicates a resource exhaustion attack',
    ])
  })

  test('have the problems told of what they stand for, and of where they stand', () => {
    const text = `version: 1
protect:
  - &p
    name: p
    tag: x
    labels: &l ["/(/"]
rules:
  - *p
  - name: r
    select: { labels: *l }
    copy: always
`
    expect(problemsOf(text)).toEqual([
      '4:11 the name `p` is taken already; reports name rules by it',
      '5:5 `protect[0]` has no key `tag`; did you mean `tags`?',
      '5:5 `rules[0]` has no key `tag`; it knows name, select, keep, delete, archive, copy',
      '6:5 `rules[0]` has no key `labels`; it belongs under `protect` or `select`',
      '6:17 `/(/` is not a regular expression in RE2 syntax: missing closing ): `(`',
      '6:17 `/(/` is not a regular expression in RE2 syntax: missing closing ): `(`',
      '8:5 `select` is missing',
      '8:5 a rule needs an action: add `delete`, `archive` or `copy`',
    ])
  })

  test('that are used as they are meant make a policy', () => {
    const text = `version: 1
rules:
  - name: a
    select: &main { tags: ["main-*"] }
    delete: &old { not-pushed-for: 14d }
  - name: b
    select: *main
    archive: *old
`
    expect(problemsOf(text)).toEqual([])
  })

  // A pattern that nobody put in quotes: `tags: [*-rc]`.
  test('of what is not there are told where they stand', () => {
    expect(problemsOf(withRule('{ tags: [*-rc] }'))[0]).toMatch(/^4:22 /)
  })

  test.each([
    'version: 1\nrules: &r [*r]\n',
    'version: 1\nrules: &r\n  - name: x\n    select: *r\n    delete: always\n',
    `${VALID}limits: &l { max-deletes: *l }\n`,
    `${VALID}protect: &p [{ name: p, tags: *p }]\n`,
  ])('that contain themselves are refused: %j', (text) => {
    expect(problemsOf(text)).not.toEqual([])
    expect(problemsOf(text)).not.toEqual(['refused without a problem'])
  })

  test('that contain themselves are refused in a test, too', () => {
    expect(problemsOf(withMore('tests: [&t { name: t, images: *t }]'))).toEqual([
      '1:1 the aliases in this file are refused: one stands within what it names',
    ])
  })
})

describe('names that every JavaScript object has', () => {
  const KNOWN =
    'it knows projects, repositories, tags, labels, types, platforms, semver, prerelease, signed, size, untagged, orphans'

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])('%s is no key', (key) => {
    expect(problemsOf(withRule(`{ ${key}: [a], tags: ["**"] }`))).toEqual([
      `4:15 \`rules[0].select\` has no key \`${key}\`; ${KNOWN}`,
    ])
    expect(problemsOf(withMore(`${key}: { max-deletes: 5 }`))).toEqual([
      `6:1 a policy has no key \`${key}\`; it knows version, scope, protect, rules, mirror, limits, gc, trash, tests`,
    ])
  })

  test('as a key of a test is nothing to anybody else', () => {
    const text = withMore('tests: [{ name: t, __proto__: { polluted: 1 } }]')
    expect(problemsOf(text)).toEqual([])
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })
})

describe('keys that are no texts', () => {
  // A key as it is written, how it is named, and the column where it is told.
  test.each([
    ['1', '1', 15],
    ['true', 'true', 15],
    ['1.50', '1.5', 15],
    ['null', '', 13],
    ['? [a, b] ', '[ a, b ]', 13],
  ])('%s is no key', (written, name, column) => {
    expect(problemsOf(withRule(`{ ${written}: x, tags: ["**"] }`))).toEqual([expect.stringMatching(/^4:/)])
    expect(problemsOf(withRule(`{ ${written}: x, tags: ["**"] }`))[0]).toContain(
      `4:${column} \`rules[0].select\` has no key \`${name}\`; it knows projects`,
    )
  })

  test('as keys of YAML 1.1 merges are no keys', () => {
    expect(problemsOf(withMore('limits: { <<: { max-deletes: 7 } }'))).toEqual([
      '6:11 `limits` has no key `<<`; it knows max-deletes, max-delete-percent, keep-per-repository, grace, max-plan-age, remove-empty-repositories',
    ])
  })
})

// YAML has types that are neither mapping nor list; nothing of a policy is one of them.
describe('types that no policy has', () => {
  test.each([
    ['!!omap [ max-deletes: 5 ]', 'omap'],
    ['!!set { max-deletes }', 'set'],
    ['!!pairs [ max-deletes: 5 ]', 'pairs'],
    ['!!binary aGFyYm9y', 'binary'],
    ['!!timestamp 2026-11-21', 'timestamp'],
  ])('limits of %s are refused, not ignored', (limits, tag) => {
    expect(problemsOf(withMore(`limits: ${limits}`))).toEqual([
      `6:9 \`!!${tag}\` is a tag in YAML, and policies have none; if it is a pattern, put it in quotes`,
    ])
  })

  test('what would be of its type anyway may be said to be of it', () => {
    expect(problemsOf(withMore('limits: !!map { max-deletes: !!int 5 }'))).toEqual([])
    expect(problemsOf(withRule('{ tags: !!seq [!!str 1.10] }'))).toEqual([])
  })

  // YAML 1.1 has them without asking.
  test.each(['!!omap [ max-deletes: 5 ]', '!!set { max-deletes }'])(
    'limits of %s under %%YAML 1.1 are refused, not ignored',
    (limits) => {
      expect(problemsOf(`%YAML 1.1\n---\n${withMore(`limits: ${limits}`)}`)).not.toEqual([])
    },
  )
})
