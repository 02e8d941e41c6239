import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { compilePattern, compilePatternList, isNegative, regexSource } from '../../src/patterns/list.ts'
import { refusal } from './refusal.ts'

describe('a list of patterns', () => {
  // Patterns, texts that they match, and texts that they don't.
  test.each<[written: readonly string[], yes: readonly string[], no: readonly string[]]>([
    [['v*'], ['v1'], ['x', 'V1']],
    [
      ['v*', 'latest'],
      ['v1', 'latest'],
      ['x', 'latest2'],
    ],
    // A negative takes away, wherever it stands.
    [['team-*', '!team-archive'], ['team-a'], ['team-archive', 'x']],
    [['!team-archive', 'team-*'], ['team-a'], ['team-archive', 'x']],
    [
      ['**', '!**/cache'],
      ['a/b', 'cache/b'],
      ['a/cache', 'a/b/cache', 'cache'],
    ],
    [['*', '!v*', 'v1'], ['x'], ['v1', 'v2']],
    [['*', '!v*', '!x'], ['y'], ['v1', 'x']],
    // Nothing is matched without a positive one.
    [['!v*'], [], ['v1', 'x', '']],
    [[], [], ['', 'x']],
    // Expressions are found anywhere, unless they say where; `!` takes those away too.
    [['/rc/'], ['rc', '1.0-rc1', 'march'], ['r-c']],
    [['/^rc/'], ['rc1'], ['1-rc']],
    [['/^\\d+$/'], ['12'], ['12a', 'a12', '']],
    [['*', '!/rc/'], ['v1'], ['v1-rc', 'rc']],
    [['/a/b/'], ['xa/by'], ['ab']],
    [['///'], ['a/b'], ['ab']],
    // Only the first `!` is one.
    [['*', '!!keep'], ['keep', 'x'], ['!keep']],
    [['\\!keep'], ['!keep'], ['keep']],
  ])('%j matches %j and not %j', (written, yes, no) => {
    const list = compilePatternList(written)
    expect([...yes, ...no].filter((text) => list.matches(text))).toEqual(yes)
    expect(list.written).toBe(written)
  })

  // Patterns, the values of one item, and whether the item matches.
  test.each<[written: readonly string[], values: readonly string[], matches: boolean]>([
    [['keep'], ['keep'], true],
    [['keep'], ['temp', 'keep'], true],
    [['keep'], ['temp'], false],
    [['keep'], [], false],
    [['**'], [], false],
    // One value that is taken away takes the item away, whatever its others are.
    [['*', '!temp'], ['keep', 'temp'], false],
    [['*', '!temp'], ['temp'], false],
    [['*', '!temp'], ['keep'], true],
    [['keep', '!temp'], ['keep', 'other'], true],
    [['!temp'], ['keep'], false],
  ])('%j of an item with the values %j: %p', (written, values, matches) => {
    expect(compilePatternList(written).matchesSome(values)).toBe(matches)
  })

  test('an item with one value matches when the value does', () => {
    const patterns = fc.constantFrom('a', '*', 'b*', '/b$/', '!a', '!/b/', '!*b', '**')
    const texts = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 4 }).map((chars) => chars.join(''))
    fc.assert(
      fc.property(fc.array(patterns, { maxLength: 4 }), texts, (written, text) => {
        const list = compilePatternList(written)
        expect(list.matchesSome([text])).toBe(list.matches(text))
      }),
    )
  })

  test('is refused with the reason of a pattern that cannot be read, also of one that takes away', () => {
    expect(refusal(() => compilePatternList(['ok', '/(/']))).toBe(
      'is not a regular expression in RE2 syntax: missing closing ): `(`',
    )
    expect(refusal(() => compilePatternList(['ok', '![a']))).toBe('has a `[` that is not closed')
  })
})

describe('one pattern', () => {
  // A pattern that starts like an expression and isn't one, and why.
  test.each([
    ['/', 'starts with `/` like a regular expression but does not end with `/`'],
    ['/a', 'starts with `/` like a regular expression but does not end with `/`'],
    ['/a/i', 'starts with `/` like a regular expression but does not end with `/`'],
    ['//', 'is an empty regular expression, which everything matches'],
  ])('%j is refused, since it %s', (pattern, why) => {
    expect(refusal(() => compilePattern(pattern))).toBe(why)
    expect(refusal(() => regexSource(pattern))).toBe(why)
  })

  test('only ends like an expression: then it is a glob', () => {
    expect(compilePattern('a/')('a/')).toBe(true)
    expect(compilePattern('a/')('xa')).toBe(false)
  })

  test('is negative when it starts with an exclamation mark', () => {
    expect(['!a', '!', 'a!', String.raw`\!a`, '', '/!/'].map(isNegative)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ])
  })
})
