import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import type { Assembled } from '../../src/plan/assemble.ts'
import { decisionLines, type DecisionLine } from '../../src/report/decisions.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import { NOW } from '../oracle/arbitrary.ts'
import { planOf } from '../plan/plan-of.ts'
import { daysAgo, image, registry } from '../plan/registry.ts'
import { deletedBy, example } from './report.ts'

function written({ repositories }: Assembled, format: 'ndjson' | 'csv'): string[] {
  return [...decisionLines(repositories, NOW, format)]
}

function decisions(assembled: Assembled): DecisionLine[] {
  return written(assembled, 'ndjson').map((line) => parseJson<DecisionLine>(line))
}

/** What a reader of RFC 4180 makes of a file. */
function readCsv(text: string): string[][] {
  const rows: string[][] = []
  let row: string[] = []
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain)
    if (end === ',') continue
    rows.push(row)
    row = []
  }
  return rows
}

describe('the decisions', () => {
  test('have a line for every unit, kept ones too: by name, and what has no tag last', () => {
    const lines = decisions(example()).map(({ tag, decision, rule, code, line, copy }) => [
      tag,
      decision,
      rule,
      code,
      line,
      copy,
    ])
    expect(lines).toEqual([
      ['main-1', 'archive', 'main', 'archive', 11, 'main'],
      ['main-2', 'kept', 'main', 'keep-newest', 11, null],
      ['pr-1', 'delete', 'pull requests', 'delete', 8, null],
      ['pr-2', 'delete', 'pull requests', 'delete', 8, null],
      ['pr-3', 'delete', 'pull requests', 'delete', 8, null],
      ['pr-9', 'kept', 'pull requests', 'not-due', 8, null],
      ['v1', 'protected', 'releases', 'protect', 3, null],
      [null, 'kept', null, 'no-rule', null, null],
    ])
  })

  test('say where, which, and why with value and bound', () => {
    expect(decisions(example())[2]).toEqual({
      repository: 'team-a/web',
      tag: 'pr-1',
      digest: image('a').digest,
      decision: 'delete',
      rule: 'pull requests',
      code: 'delete',
      reason: 'pushed 20d ago (not-pushed-for 14d)',
      line: 8,
      copy: null,
    })
  })

  test('say what is copied beside it, also of what is protected', () => {
    const policy = `version: 1
protect: [{ name: p, tags: [v1] }]
rules: [{ name: to the mirror, select: { tags: ["v*"] }, copy: always }]
`
    const inventory = registry({ 'team-a/web': [image('a', { tags: ['v1'] }), image('b', { tags: ['x'] })] })
    expect(
      decisions(planOf(policy, inventory)).map(({ tag, decision, copy }) => [tag, decision, copy]),
    ).toEqual([
      ['v1', 'protected', 'to the mirror'],
      ['x', 'protected', null],
    ])
  })

  test('follow each other by repository as in the plan, and within one by digest where the name is the same', () => {
    const untagged = ['c', 'a', 'b'].map((letter) => image(letter))
    const inventory = registry({ 'a/x': untagged, 'a/w': [image('a', { tags: ['y', 'x'] })] })
    expect(
      decisions(
        planOf('version: 1\nrules: [{ name: a, select: { orphans: true }, delete: always }]\n', inventory),
      ).map(({ repository, tag, digest }) => `${repository} ${tag ?? digest.charAt(7)}`),
    ).toEqual(['a/x a', 'a/x b', 'a/x c', 'a/w x', 'a/w y'])
  })

  test('of a registry without anything are none', () => {
    expect(
      written(
        planOf(
          'version: 1\nrules: [{ name: a, select: { orphans: true }, delete: always }]\n',
          registry({ 'a/x': [] }),
        ),
        'ndjson',
      ),
    ).toEqual([])
  })
})

describe('as JSON lines', () => {
  test('each is a line of its own, whatever is in it', () => {
    const [line = '', ...others] = written(deletedBy('a "rule"\n with \u2028 lines \u{1F600}'), 'ndjson')
    expect(others).toEqual([])
    expect(line.indexOf('\n')).toBe(line.length - 1)
    expect(parseJson<DecisionLine>(line).rule).toBe('a "rule"\n with \u2028 lines \u{1F600}')
  })
})

describe('as CSV', () => {
  const HEADER = ['repository', 'tag', 'digest', 'decision', 'rule', 'code', 'reason', 'line', 'copy']

  test('they are the same as the JSON lines, under a header, with the line ends of RFC 4180', () => {
    const text = written(example(), 'csv').join('')
    expect(text).not.toMatch(/[^\r]\n/)
    const [header, ...rows] = readCsv(text)
    expect(header).toEqual(HEADER)
    const expected = decisions(example()).map(({ line, ...texts }) => {
      const fields: Record<string, string | null> = { ...texts, line: line === null ? null : `${line}` }
      return HEADER.map((field) => fields[field] ?? '')
    })
    expect(rows).toEqual(expected)
  })

  // The name of a rule, and its field as it is written.
  test.each([
    ['plain', 'plain'],
    ['a,b', '"a,b"'],
    ['say "x"', '"say ""x"""'],
    ['two\nlines', '"two\nlines"'],
    ['two\rlines', '"two\rlines"'],
    ['semi;colon', 'semi;colon'],
    // What a spreadsheet would calculate.
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['=HYPERLINK("https://evil.example","x")', '"\'=HYPERLINK(""https://evil.example"",""x"")"'],
    ['=a,b', '"\'=a,b"'],
    ["'=1", "'=1"],
    ['a=1', 'a=1'],
    ['1-1', '1-1'],
  ])('a rule named %j is written %s', (name, field) => {
    const [, line = ''] = written(deletedBy(name), 'csv')
    expect(line).toBe(`team-a/web,v1,${image('a').digest},delete,${field},delete,always,2,\r\n`)
  })

  test('every name is read back, but for what makes it harmless', () => {
    const names = fc
      .array(fc.constantFrom('a', '"', ',', '\n', '\r', '=', '-', "'", ' ', '\t', '\u{1F600}'), {
        minLength: 1,
        maxLength: 8,
      })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(names, (name) => {
        const [, row = []] = readCsv(written(deletedBy(name), 'csv').join(''))
        expect(row).toHaveLength(HEADER.length)
        expect([name, `'${name}`]).toContain(row[4])
        expect(row[4]).not.toMatch(/^[=+\-@\t\r]/)
      }),
      { numRuns: 100 },
    )
  })
})

test('a reason is about the moment that was decided for', () => {
  const { repositories } = deletedBy('a')
  const [line = ''] = decisionLines(repositories, daysAgo(-5), 'ndjson')
  expect(parseJson<DecisionLine>(line).reason).toBe('always')
  const [other = ''] = decisionLines(
    planOf(
      'version: 1\nrules: [{ name: a, select: { tags: ["**"] }, delete: { not-pushed-for: 14d } }]\nlimits: { keep-per-repository: 0 }\n',
      registry({ 'team-a/web': [image('a', { tags: ['x'], pushed: 10 })] }),
      daysAgo(-5),
    ).repositories,
    daysAgo(-5),
    'ndjson',
  )
  expect(parseJson<DecisionLine>(other).reason).toBe('pushed 15d ago (not-pushed-for 14d)')
})
