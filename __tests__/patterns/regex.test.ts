import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { compileRegex, PatternError } from '../../src/patterns/regex.ts'
import { refusal } from './refusal.ts'

describe('an expression', () => {
  // An expression, texts that it is found in, and texts that it isn't.
  test.each<[source: string, yes: readonly string[], no: readonly string[]]>([
    ['b', ['b', 'abc'], ['a', 'B', '']],
    ['^b', ['bc'], ['abc', 'a\nb']],
    ['b$', ['ab'], ['abc', 'b\n', 'b\nc']],
    ['^a$', ['a'], ['a\n', 'ba', '']],
    ['', ['', 'a'], []],
    ['^$', [''], ['a', '\n']],
    ['a|b', ['xa', 'bx'], ['x']],
    ['^(?:a|b)$', ['a', 'b'], ['ab']],
    ['.', ['a', '/', '\u{1F600}'], ['', '\n']],
    [String.raw`^\d+$`, ['12'], ['', '1a', '\u0661']],
    [String.raw`\bfoo\b`, ['a foo', 'foo-bar'], ['food']],
    ['(?i)pr', ['PR', 'Pr'], ['p']],
    ['^a{2,3}$', ['aa', 'aaa'], ['a', 'aaaa']],
    [String.raw`^\pL+$`, ['a\u00E9'], ['1']],
    ['[[:digit:]]', ['a1'], ['a']],
    [String.raw`\Qa.b\E`, ['a.b'], ['axb']],
    ['(?:a*)*b', ['aab'], ['aaa']],
  ])('%j is found in %j and not in %j', (source, yes, no) => {
    const regex = compileRegex(source)
    expect([...yes, ...no].filter((text) => regex.test(text))).toEqual(yes)
    expect(regex.source).toBe(source)
  })

  // An expression, a text, and what the first match captures.
  test.each<[source: string, text: string, captures: readonly string[] | undefined]>([
    [String.raw`^pr-(\d+)`, 'pr-12-fix', ['12']],
    [String.raw`^pr-(\d+)`, 'main-12', undefined],
    ['(a)|(b)', 'b', ['', 'b']],
    ['(a)?b', 'b', ['']],
    ['(a*)(b*)', 'aab', ['aa', 'b']],
    ['(a+?)(a*)', 'aaa', ['a', 'aa']],
    ['((a)(?:b))c', 'abc', ['ab', 'a']],
    ['(?<name>a)(?P<other>b)', 'ab', ['a', 'b']],
    ['a', 'a', []],
  ])('%j captures from %j: %j', (source, text, captures) => {
    const regex = compileRegex(source)
    expect(regex.captures(text)).toEqual(captures)
    expect(regex.captureCount).toBe(captures?.length ?? regex.captureCount)
  })

  // An expression, a replacement, and what becomes of a text.
  test.each([
    ['^team-a/', 'backup/team-a/', 'team-a/team-a/x', 'backup/team-a/team-a/x'],
    ['a', '', 'banana', 'bnn'],
    ['(b)(a)', '$2$1', 'banana', 'abnana'],
    ['^([^/]+)/', 'mirror-$1/', 'team/x', 'mirror-team/x'],
    ['x', 'y', 'banana', 'banana'],
    ['$', '-end', 'a', 'a-end'],
  ])('%j replaced by %j turns %j into %j', (source, replacement, text, replaced) => {
    expect(compileRegex(source).replaceAll(text, replacement)).toBe(replaced)
  })

  // Syntax that RE2 doesn't have since it can't be matched in linear time, or that isn't an expression at all; and why.
  test.each([
    ['(', 'missing closing ): `(`'],
    [')', 'unexpected ): `)`'],
    ['[a', 'missing closing ]: `[a`'],
    ['[z-a]', 'invalid character class range: `z-a`'],
    ['*', 'missing argument to repetition operator: `*`'],
    ['a**', 'invalid nested repetition operator: `**`'],
    ['a++', 'invalid nested repetition operator: `++`'],
    ['a\\', 'trailing backslash at end of expression'],
    ['(?=a)', 'invalid or unsupported Perl syntax: `(?=`'],
    ['(?!a)', 'invalid or unsupported Perl syntax: `(?!`'],
    ['(?<=a)b', 'invalid named capture: `(?<=a)b`'],
    ['(?<!a)b', 'invalid named capture: `(?<!a)b`'],
    ['(?>a)', 'invalid or unsupported Perl syntax: `(?>`'],
    [String.raw`(a)\1`, String.raw`invalid escape sequence: ${'`'}\1${'`'}`],
    [String.raw`\Z`, String.raw`invalid escape sequence: ${'`'}\Z${'`'}`],
    ['a{1001}', 'invalid repeat count: `{1001}`'],
    ['((a{100}){100}){100}', 'invalid repeat count: `{100}`'],
  ])('%j is refused: %s', (source, why) => {
    expect(refusal(() => compileRegex(source))).toBe(`is not a regular expression in RE2 syntax: ${why}`)
  })

  test('nested deeper than anybody writes, it is refused instead of exhausting the stack', () => {
    expect(() => compileRegex(`${'('.repeat(20_000)}a${')'.repeat(20_000)}`)).toThrow(PatternError)
  })
})

// An expression, and a text over which a matcher that goes back would sit for ages.
test.each([
  ['(a*)*b', 'a'.repeat(100_000)],
  ['(a|aa)+$', `${'a'.repeat(100_000)}b`],
  ['(x+x+)+y', 'x'.repeat(100_000)],
  ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a'.repeat(100_000)],
])('%j takes time linear in the text', (source, text) => {
  const regex = compileRegex(source)
  const started = performance.now()
  expect([regex.test(text), regex.captures(text)]).toEqual([false, undefined])
  expect(performance.now() - started).toBeLessThan(5000)
})

/** Expressions that mean the same to JavaScript. */
const { expressions } = fc.letrec<{ expressions: string; parts: string }>((tie) => ({
  parts: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('a', 'b', '-', '.', '[ab]', '[^a]', String.raw`\d`, String.raw`\w`, String.raw`\.`),
    fc.tuple(tie('expressions'), fc.constantFrom('', '*', '+', '?', '{2}', '*?')).map(([part, times]) => {
      return `(?:${part})${times}`
    }),
    fc.tuple(tie('expressions'), tie('expressions')).map(([one, other]) => `(?:${one}|${other})`),
  ),
  expressions: fc
    .tuple(fc.constantFrom('', '^'), fc.array(tie('parts'), { maxLength: 3 }), fc.constantFrom('', '$'))
    .map(([start, parts, end]) => start + parts.join('') + end),
}))

test('finds what JavaScript finds, whether or not it is asked for captures', () => {
  const texts = fc
    .array(fc.constantFrom('a', 'b', '1', '-', '.', '\n'), { maxLength: 8 })
    .map((chars) => chars.join(''))
  fc.assert(
    fc.property(expressions, texts, (source, text) => {
      const regex = compileRegex(source)
      expect(regex.test(text)).toBe(new RegExp(source).test(text))
      expect(regex.captures(text) !== undefined).toBe(regex.test(text))
    }),
    { numRuns: 1000 },
  )
})
