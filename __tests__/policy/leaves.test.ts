// Each value that a policy can have, badly written: where that is told, and how.
import { describe, expect, test } from '@jest/globals'
import { ALL_TAGS, problemsOf, withMore, withRule } from './problems.ts'

/** A place and a message each; one that isn't there is a policy that is right. */
type Row = readonly [written: string, ...problems: readonly string[]]

// What a rule selects, from column 13 of line 4 on.
describe('select', () => {
  test.each<Row>([
    // Pattern lists.
    ['{ tags: v* }', '4:21 `tags` should be a list: ["v*"], not "v*"'],
    ['{ tags: "!v*" }', '4:21 `tags` should be a list: ["!v*"], not "!v*"'],
    ['{ tags: }', '4:21 `tags` has no value; expected a list'],
    ['{ tags: 5 }', '4:21 `tags` should be a list, not 5'],
    ['{ tags: { a: b } }', '4:21 `tags` should be a list, not a mapping'],
    ['{ tags: [] }', '4:21 an empty list matches nothing; leave the key out, or write a pattern'],
    ['{ tags: [""] }', '4:22 `` is an empty pattern, which matches nothing'],
    ['{ tags: ["*", "!"] }', '4:27 `!` is an empty pattern, which matches nothing'],
    [
      '{ tags: ["!v*", "!x"] }',
      '4:21 a list with only `!` patterns matches nothing; add what they take away from, for example "**"',
    ],
    [
      '{ projects: ["!a"] }',
      '4:25 a list with only `!` patterns matches nothing; add what they take away from, for example "**"',
    ],
    ['{ tags: ["[a"] }', '4:22 `[a` has a `[` that is not closed'],
    ['{ tags: ["*", "!{a"] }', '4:27 `!{a` has a `{` that is not closed'],
    ["{ tags: ['a\\'] }", '4:22 `a\\` ends in a backslash'],
    ['{ tags: ["/v"] }', '4:22 `/v` starts with `/` like a regular expression but does not end with `/`'],
    ['{ tags: ["/v/i"] }', '4:22 `/v/i` starts with `/` like a regular expression but does not end with `/`'],
    ['{ tags: ["//"] }', '4:22 `//` is an empty regular expression, which everything matches'],
    ['{ tags: ["/(/"] }', '4:22 `/(/` is not a regular expression in RE2 syntax: missing closing ): `(`'],
    [
      '{ tags: ["*", "!/[z-a]/"] }',
      '4:27 `!/[z-a]/` is not a regular expression in RE2 syntax: invalid character class range: `z-a`',
    ],
    [
      '{ tags: ["/(?!x)/"] }',
      '4:22 `/(?!x)/` is not a regular expression in RE2 syntax: invalid or unsupported Perl syntax: `(?!`',
    ],
    [
      "{ tags: ['/(a)\\1/'] }",
      '4:22 `/(a)\\1/` is not a regular expression in RE2 syntax: invalid escape sequence: `\\1`',
    ],
    // Each pattern of a list for itself, and the lists of a select for themselves.
    [
      '{ tags: ["[a", "v*", "/(/"], labels: [""] }',
      '4:22 `[a` has a `[` that is not closed',
      '4:34 `/(/` is not a regular expression in RE2 syntax: missing closing ): `(`',
      '4:51 `` is an empty pattern, which matches nothing',
    ],
    // Ranges of versions.
    ['{ semver: latest }', '4:23 `latest` is not a version range'],
    ['{ semver: ">=1, <2" }', '4:23 `>=1, <2` is not a version range'],
    ['{ semver: 1.2 }', '4:23 `semver` should be a text, not 1.2; put it in quotes'],
    ['{ semver: [1.x] }', '4:23 `semver` should be a text, not a list'],
    ['{ semver: }', '4:23 `semver` has no value; expected a text'],
    // True and false.
    ['{ prerelease: "true" }', '4:27 `prerelease` should be true or false, not "true"'],
    ['{ signed: yes }', '4:23 `signed` should be true or false, not "yes"'],
    ['{ untagged: 1 }', '4:25 `untagged` should be true or false, not 1'],
    ['{ orphans: [] }', '4:24 `orphans` should be true or false, not a list'],
    ['{ untagged: }', '4:25 `untagged` has no value; expected true or false'],
    // Sizes.
    ['{ size: 500MiB }', '4:21 `500MiB` is not a size like ">500MiB" or "<= 2GB"'],
    ['{ size: "=5MB" }', '4:21 `=5MB` is not a size like ">500MiB" or "<= 2GB"'],
    ['{ size: ">5" }', '4:21 `>5` is not a size like ">500MiB" or "<= 2GB"'],
    ['{ size: ">5gb" }', '4:21 `>5gb` is not a size like ">500MiB" or "<= 2GB"'],
    ['{ size: ">-5MB" }', '4:21 `>-5MB` is not a size like ">500MiB" or "<= 2GB"'],
    ['{ size: "> 5 MB <9MB" }', '4:21 `> 5 MB <9MB` is not a size like ">500MiB" or "<= 2GB"'],
    ['{ size: 5000 }', '4:21 `size` should be a text, not 5000; with a comparison and its unit: ">500MiB"'],
    // Select as a whole.
    ['{}', '4:13 an empty mapping says nothing; write `tags: ["**"]` for every tag'],
    ['', '4:13 `select` has no value; expected a mapping'],
    ['all', '4:13 `select` should be a mapping, not "all"'],
    ['always', '4:13 `select` should be a mapping, not "always"'],
  ])('%s', (select, ...problems) => {
    expect(problemsOf(withRule(select))).toEqual(problems)
  })

  // Units that there aren't: taken for no bytes at all, `>` would select everything.
  test.each<Row>([
    ['{ size: ">500kiB" }', '4:21 `>500kiB` is not a size like ">500MiB" or "<= 2GB"'],
    ['{ size: ">=5iB" }', '4:21 `>=5iB` is not a size like ">500MiB" or "<= 2GB"'],
  ])('%s', (select, ...problems) => {
    expect(problemsOf(withRule(select))).toEqual(problems)
  })

  // To node-semver nothing is everything.
  test.each(['""', '" "', '"||"', '">=1.0.0 <2.0.0 ||"', '"|| 1.x"', '"1.x || || 2.x"'])(
    'the range %s is refused',
    (range) => {
      expect(problemsOf(withRule(`{ semver: ${range} }`))).toEqual([
        '4:23 an empty range is every version; write "*" if that is meant',
      ])
    },
  )

  // An item of a list is named as one, and so is what is in the way of it.
  test.each<Row>([
    ['{ tags: [1.10] }', '4:22 `tags[0]` should be a text, not 1.1; put it in quotes'],
    ['{ tags: [v*, [x]] }', '4:26 `tags[1]` should be a text, not a list'],
    ['{ tags: [v*, ] , labels: [~] }', '4:39 `labels[0]` has no value; expected a text'],
  ])('%s', (select, ...problems) => {
    expect(problemsOf(withRule(select))).toEqual(problems)
  })
})

// Durations, in each place that takes one.
describe('durations', () => {
  const LIKE = 'is not a duration like 90m, 36h, 14d or 6w'
  const MONTHS = `${LIKE}; months and years have no fixed length, write days`

  test.each([
    ['pushed-within: 6', '`pushed-within` should be a text, not 6; with its unit: 6d'],
    ['not-pushed-for: 1.5d', `\`1.5d\` ${LIKE}`],
    ['pulled-within: -1d', `\`-1d\` ${LIKE}`],
    ['not-pulled-for: 30D', `\`30D\` ${LIKE}`],
    ['not-pulled-for: 6M', `\`6M\` ${LIKE}`],
    ['created-within: 1mo', `\`1mo\` ${MONTHS}`],
    ['created-within: 3 months', `\`3 months\` ${MONTHS}`],
    ['not-created-for: 1y', `\`1y\` ${MONTHS}`],
    ['not-created-for: 2 Years', `\`2 Years\` ${MONTHS}`],
    ['not-created-for: ""', `\`\` ${LIKE}`],
    ['not-created-for: always', `\`always\` ${LIKE}`],
    ['not-created-for: [14d]', '`not-created-for` should be a text, not a list'],
    ['not-created-for:', '`not-created-for` has no value; expected a text'],
  ])('%s', (condition, message) => {
    const column = 11 + condition.indexOf(':') + (condition.endsWith(':') ? 1 : 2)
    for (const block of ['keep', 'delete', 'archive', 'copy']) {
      const rule = withRule(
        ALL_TAGS,
        `${block}:`,
        `  ${condition}`,
        ...(block === 'keep' ? ['copy: always'] : []),
      )
      expect(problemsOf(rule)).toEqual([`6:${column - 4} ${message}`])
    }
    expect(problemsOf(withMore('protect:', '  - name: p', `    ${condition}`))).toEqual([
      `8:${column - 6} ${message}`,
    ])
  })
})

// What a rule keeps and does, from column 5 of line 5 on.
describe('keep', () => {
  const NO_GROUPING = String.raw`is not a grouping: write major, minor, or an expression like "/^pr-(\\d+)/"`

  test.each<Row>([
    ['newest: 0', '5:21 `newest` is less than 1'],
    ['newest: 1.5', '5:21 `newest` is not a whole number'],
    ['newest: -1.5', '5:21 `newest` is not a whole number', '5:21 `newest` is less than 1'],
    ['newest: "3"', '5:21 `newest` should be a number, not "3"'],
    ['newest: all', '5:21 `newest` should be a number, not "all"'],
    ['newest: .inf', '5:21 `newest` is not a whole number'],
    ['newest: 0x10'],
    ['newest: 9007199254740993'],
    ['newest:', '5:21 `newest` has no value; expected a number'],
    [
      'newest: 3, by: push',
      '5:28 `by` should be `pushed` or `created` or `pulled` or `semver` or `name`, not "push"',
    ],
    [
      'newest: 3, by: Pushed',
      '5:28 `by` should be `pushed` or `created` or `pulled` or `semver` or `name`, not "Pushed"',
    ],
    ['newest: 3, per: week', `5:29 \`week\` ${NO_GROUPING}`],
    ['newest: 3, per: "//"', `5:29 \`//\` ${NO_GROUPING}`],
    ['newest: 3, per: "/^pr-/"', '5:29 `/^pr-/` has no ( ) that captures the name of a group'],
    ['newest: 3, per: "/(?:a)/"', '5:29 `/(?:a)/` has no ( ) that captures the name of a group'],
    ['newest: 3, per: "/(/"', '5:29 `/(/` is not a regular expression in RE2 syntax: missing closing ): `(`'],
    ['newest: 3, per: [major]', '5:29 `per` should be a text, not a list'],
    ['by: pushed', '5:17 `by` says nothing without `newest`'],
    [
      'by: semver, per: major',
      '5:17 `by` says nothing without `newest`',
      '5:30 `per` says nothing without `newest`',
    ],
    [
      'severity-at-least: high',
      '5:32 `severity-at-least` should be `Negligible` or `Low` or `Medium` or `High` or `Critical`, not "high"',
    ],
  ])('{ %s }', (keep, ...problems) => {
    expect(problemsOf(withRule(ALL_TAGS, `keep: { ${keep} }`, 'delete: always'))).toEqual(problems)
  })

  test.each<Row>([
    ['{}', '5:11 an empty mapping says nothing; leave `keep` out to exempt nothing'],
    ['', '5:11 `keep` has no value; expected a mapping'],
    ['always', '5:11 `keep` should be a mapping, not "always"'],
    ['3', '5:11 `keep` should be a mapping, not 3'],
  ])('%s', (keep, ...problems) => {
    expect(problemsOf(withRule(ALL_TAGS, `keep: ${keep}`, 'delete: always'))).toEqual(problems)
  })

  test('a number that is none is shown as what it is', () => {
    expect(problemsOf(withRule(ALL_TAGS, 'keep: { newest: .nan }', 'delete: always'))[0]).not.toContain(
      'null',
    )
  })
})

describe('delete, archive and copy', () => {
  test.each<Row>([
    ['{}', 'an empty mapping says nothing; write `always` for no condition'],
    ['', '`#` has no value; expected `always` or a mapping of conditions'],
    ['true', '`#` should be `always` or a mapping of conditions, not true'],
    ['alway', '`#` should be `always` or a mapping of conditions, not "alway"'],
    ['Always', '`#` should be `always` or a mapping of conditions, not "Always"'],
    ['14d', '`#` should be `always` or a mapping of conditions, not "14d"'],
    ['always'],
    ['{ not-pushed-for: 14d }'],
  ])('%s', (written, ...messages) => {
    for (const action of ['delete', 'archive', 'copy']) {
      const column = 5 + action.length + (written === '' ? 1 : 2)
      const problems = messages.map((message) => `5:${column} ${message.replace('#', action)}`)
      expect(problemsOf(withRule(ALL_TAGS, `${action}: ${written}`.trim()))).toEqual(problems)
    }
  })
})

test('a list of conditions is told once', () => {
  expect(problemsOf(withRule(ALL_TAGS, 'delete: [not-pushed-for: 14d]'))).toEqual([
    '5:13 `delete` should be `always` or a mapping of conditions, not a list',
  ])
})

describe('names', () => {
  test.each<Row>([
    ['', '3:10 `name` has no value; expected a text'],
    ['""', '3:11 a name must not be empty'],
    ['"  "', '3:11 a name must not be empty'],
    ['[a]', '3:11 `name` should be a text, not a list'],
    ['x'.repeat(100)],
  ])('%j', (name, ...problems) => {
    expect(problemsOf(withRule(ALL_TAGS).replace('name: a', `name: ${name}`.trim()))).toEqual(problems)
  })

  // A number is a name that lacks quotes, and no unit.
  test.each<Row>([['5', '3:11 `name` should be a text, not 5; put it in quotes']])(
    '%j',
    (name, ...problems) => {
      expect(problemsOf(withRule(ALL_TAGS).replace('name: a', `name: ${name}`))).toEqual(problems)
    },
  )

  test('of more than 100 characters: what is too long is named', () => {
    expect(problemsOf(withRule(ALL_TAGS).replace('name: a', `name: ${'x'.repeat(101)}`))[0]).toContain('name')
  })
})

// From line 6 on.
describe('everything else', () => {
  test.each<Row>([
    ['scope:', '6:7 `scope` has no value; expected a mapping'],
    ['scope: {}', '6:8 an empty mapping says nothing; leave `scope` out to read everything'],
    ['scope: team-*', '6:8 `scope` should be a mapping, not "team-*"'],
    ['scope: { projects: team-* }', '6:20 `projects` should be a list: ["team-*"], not "team-*"'],
    [
      'scope: { projects: ["!a"], repositories: [] }',
      '6:20 a list with only `!` patterns matches nothing; add what they take away from, for example "**"',
      '6:42 an empty list matches nothing; leave the key out, or write a pattern',
    ],
    ['protect: v*', '6:10 `protect` should be a list: ["v*"], not "v*"'],
    ['protect: { name: a }', '6:10 `protect` should be a list, not a mapping'],
    ['protect: []'],
    ['limits:', '6:8 `limits` has no value; expected a mapping'],
    ['limits: none', '6:9 `limits` should be a mapping, not "none"'],
    ['limits: {}'],
    ['limits: { max-deletes: -1 }', '6:24 `max-deletes` is less than 0'],
    ['limits: { max-deletes: 5.5 }', '6:24 `max-deletes` is not a whole number'],
    ['limits: { max-deletes: "5" }', '6:24 `max-deletes` should be a number, not "5"'],
    ['limits: { max-deletes: none }', '6:24 `max-deletes` should be a number, not "none"'],
    ['limits: { max-deletes: .inf }', '6:24 `max-deletes` is not a whole number'],
    ['limits: { max-delete-percent: 101 }', '6:31 `max-delete-percent` is over 100'],
    ['limits: { max-delete-percent: -0.1 }', '6:31 `max-delete-percent` is below 0'],
    ['limits: { max-delete-percent: 50% }', '6:31 `max-delete-percent` should be a number, not "50%"'],
    ['limits: { keep-per-repository: -1 }', '6:32 `keep-per-repository` is less than 0'],
    ['limits: { grace: 24 }', '6:18 `grace` should be a text, not 24; with its unit: 24d'],
    ['limits: { grace: none }', '6:18 `none` is not a duration like 90m, 36h, 14d or 6w'],
    ['limits: { max-plan-age: 1 week }', '6:25 `1 week` is not a duration like 90m, 36h, 14d or 6w'],
    [
      'mirror: { repository: "{projects}/x" }',
      '6:23 `{projects}/x` has more in braces than {project} and {repository}',
    ],
    [
      'mirror: { repository: "{project" }',
      '6:23 `{project` has more in braces than {project} and {repository}',
    ],
    ['mirror: { repository: [x] }', '6:23 `repository` should be a text, not a list'],
    ['mirror: { replace: { from: a, to: b } }', '6:20 `replace` should be a list, not a mapping'],
    [
      'mirror: { replace: [{ from: "(", to: b }] }',
      '6:29 `(` is not a regular expression in RE2 syntax: missing closing ): `(`',
    ],
    ['mirror: { replace: [{ from: "", to: b }] }', '6:29 an empty expression matches everywhere'],
    ['mirror: { replace: [{ from: a }] }', '6:21 `to` is missing'],
    ['mirror: { replace: [{ to: a }] }', '6:21 `from` is missing'],
    ['gc: { run: yes }', '6:12 `run` should be true or false, not "yes"'],
    [
      'gc: { wait: 1mo }',
      '6:13 `1mo` is not a duration like 90m, 36h, 14d or 6w; months and years have no fixed length, write days',
    ],
    ['trash: { keep: 7 }', '6:16 `keep` should be a text, not 7; with its unit: 7d'],
    [
      'tests: [{ name: t, now: 2026-02-30 }]',
      '6:25 `2026-02-30` is not an instant like 2026-11-21T08:00:00Z',
    ],
    [
      'tests: [{ name: t, now: 2026-11-21T08:00:00 }]',
      '6:25 `2026-11-21T08:00:00` is not an instant like 2026-11-21T08:00:00Z',
    ],
    ['tests: [{ now: 2026-11-21 }]', '6:9 `name` is missing'],
    ['tests: [{ name: t, now: 2026-11-21, images: [], whatever: { a: b } }]'],
  ])('%s', (more, ...problems) => {
    expect(problemsOf(withMore(more))).toEqual(problems)
  })

  test.each<Row>([
    ['version: "1"', '1:10 `version` should be 1, not "1"'],
    ['version: 2', '1:10 `version` should be 1, not 2'],
    ['version: 1.0'],
    ['version:', '1:9 `version` has no value; expected 1'],
    ['version: [1]', '1:10 `version` should be 1, not a list'],
    ['# no version', '2:1 `version` is missing'],
  ])('%s', (version, ...problems) => {
    expect(problemsOf(withRule(ALL_TAGS).replace('version: 1', version))).toEqual(problems)
  })

  test.each<Row>([
    ['', '1:1 `rules` is missing'],
    ['rules:', '2:7 `rules` has no value; expected a list'],
    ['rules: []', '2:8 a policy without a rule does nothing'],
    ['rules: {}', '2:8 `rules` should be a list, not a mapping'],
    ['rules: none', '2:8 `rules` should be a list: ["none"], not "none"'],
  ])('rules: %j', (rules, ...problems) => {
    expect(problemsOf(`version: 1\n${rules}\n`)).toEqual(problems)
  })

  // An item of a list is named as one.
  test.each<Row>([
    ['rules: [foo]', '2:9 `rules[0]` should be a mapping, not "foo"'],
    ['rules: [~]', '2:9 `rules[0]` has no value; expected a mapping'],
  ])('rules: %j', (rules, ...problems) => {
    expect(problemsOf(`version: 1\n${rules}\n`)).toEqual(problems)
  })

  // A list is no mapping, and an empty one says no less than one that isn't.
  test.each<Row>([
    ['scope: [projects: [a]]', '6:8 `scope` should be a mapping, not a list'],
    ['limits: []', '6:9 `limits` should be a mapping, not a list'],
    ['limits: [max-deletes: 5]', '6:9 `limits` should be a mapping, not a list'],
    ['mirror: []', '6:9 `mirror` should be a mapping, not a list'],
    ['gc: []', '6:5 `gc` should be a mapping, not a list'],
    ['trash: [keep: 7d]', '6:8 `trash` should be a mapping, not a list'],
  ])('%s', (more, ...problems) => {
    expect(problemsOf(withMore(more))).toEqual(problems)
  })

  test('select: [tags: ["*"]]', () => {
    expect(problemsOf(withRule('[tags: ["*"]]'))).toEqual(['4:13 `select` should be a mapping, not a list'])
  })

  // Told once, and an item of a list by what it is an item of.
  test.each<Row>([
    ['scope: []', '6:8 `scope` should be a mapping, not a list'],
    ['protect: [[]]', '6:11 `protect[0]` should be a mapping, not a list'],
    ['tests: [[]]', '6:9 `tests[0]` should be a mapping, not a list'],
    ['mirror: { replace: [[a, b]] }', '6:21 `replace[0]` should be a mapping, not a list'],
  ])('%s', (more, ...problems) => {
    expect(problemsOf(withMore(more))).toEqual(problems)
  })

  test('a file that is a list is said to be one', () => {
    expect(problemsOf('- version: 1\n')).toEqual([
      '1:1 the policy should be a mapping (version, rules, …), not a list',
    ])
  })
})
