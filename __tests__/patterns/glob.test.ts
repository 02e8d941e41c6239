import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { compileGlob } from '../../src/patterns/glob.ts'
import { refusal } from './refusal.ts'

/** Which of some texts a glob matches. */
function matched(glob: string, texts: readonly string[]): string[] {
  return texts.filter(compileGlob(glob))
}

describe('a glob', () => {
  // A glob, texts that it matches, and texts that it doesn't.
  test.each<[glob: string, yes: readonly string[], no: readonly string[]]>([
    // Text stands for itself, as a whole, and case counts.
    ['', [''], ['a']],
    ['v1.0', ['v1.0'], ['v1x0', 'V1.0', 'v1.0.0', 'xv1.0', '']],
    ['a+b(c)|^$', ['a+b(c)|^$'], ['aab(c)', 'a', '']],
    ['a,b', ['a,b'], ['a', 'b']],
    ['a}', ['a}'], ['a']],
    ['a]', ['a]'], ['a']],
    ['!a', ['!a'], ['a']],
    ['\u00E9\u{1F600}\n', ['\u00E9\u{1F600}\n'], ['\u00E9']],
    // One star stays within a segment.
    ['*', ['', 'a', 'a.b-c_d', 'a\nb'], ['/', 'a/', '/a', 'a/b']],
    ['v*', ['v', 'v1'], ['v/', 'v/1', 'xv']],
    ['*-rc', ['-rc', '1-rc'], ['a/1-rc', '1-rc1']],
    ['a*b*c', ['abc', 'a1b2c', 'abcbc'], ['ab', 'a/bc', 'abcd']],
    ['*/b', ['/b', 'a/b'], ['b', 'x/a/b']],
    ['a/*', ['a/', 'a/b'], ['a', 'a/b/c']],
    ['a*/b', ['a/b', 'ax/b'], ['a/x/b']],
    // Two stars go across segments; between slashes they may stand for no segment at all.
    ['**', ['', 'a', 'a/b/c', '\n'], []],
    ['a/**', ['a/', 'a/b', 'a/b/c'], ['a', 'ab', 'b/a/c']],
    ['**/b', ['b', 'a/b', 'a/x/b'], ['xb', 'a/xb', 'b/a', 'bx']],
    ['a/**/b', ['a/b', 'a/x/b', 'a/x/y/b'], ['ab', 'a/xb', 'ax/b', 'a/b/x']],
    ['**/a/**', ['a/', 'a/x', 'x/a/y/z'], ['a', 'xa/y', 'x/a']],
    ['**/**/b', ['b', 'a/b', 'a/x/y/b'], ['ab']],
    ['a**b', ['ab', 'axb', 'a/b', 'a/x/b'], ['a', 'b', 'abx']],
    ['a**', ['a', 'ab', 'a/b'], ['b']],
    ['**a', ['a', 'ba', 'b/a', 'b/ca'], ['ab']],
    ['a**/b', ['a/b', 'ax/y/b'], ['ab', 'axb']],
    ['***', ['', 'a/b'], []],
    // One character of a segment, whatever it is.
    ['?', ['a', '\u00E9', '\u{1F600}', '\n', '*'], ['', '/', 'ab']],
    ['v?.?', ['v1.0'], ['v10.0', 'v1.', 'v/.1']],
    // Classes.
    ['[ab]', ['a', 'b'], ['c', 'ab', '', '[ab]']],
    ['[a-c]x', ['ax', 'bx', 'cx'], ['dx', '-x']],
    ['[a-c0-9]', ['b', '5'], ['-', 'd']],
    ['[!ab]', ['c', '!', '-'], ['a', 'b', '', '/']],
    ['[^ab]', ['c', '^'], ['a', '/']],
    ['x[!a]y', ['xby'], ['x/y', 'xay']],
    ['[]a]', [']', 'a'], ['[', '']],
    ['[!]a]', ['b'], [']', 'a']],
    ['[a-]', ['a', '-'], ['b']],
    ['[-a]', ['a', '-'], ['b']],
    ['[a!^]', ['a', '!', '^'], ['b']],
    [String.raw`[\]]`, [']'], ['\\']],
    [String.raw`[a\-c]`, ['a', '-', 'c'], ['b']],
    [String.raw`[\d\w]`, ['d', 'w'], ['5', 'a', '\\']],
    ['[[:alpha:]]', ['a]', ':]', '[]'], ['a', 'b]']],
    ['[.*?+(){}|$^]', ['.', '*', '|', '$', '^', '}'], ['a', '']],
    ['[&&~~-]', ['&', '~', '-'], ['a']],
    // Choices, also one in another, empty ones, ones with wildcards and slashes.
    ['{a,b}', ['a', 'b'], ['', 'ab', 'a,b', '{a,b}']],
    ['x{a,bc}y', ['xay', 'xbcy'], ['xy', 'xabcy']],
    ['{a,{b,c}d}e', ['ae', 'bde', 'cde'], ['be', 'de', 'ade']],
    ['{,v}1', ['1', 'v1'], ['', 'v']],
    ['{a}', ['a'], ['{a}', '']],
    ['{}', [''], ['{}']],
    ['{v*,rc-?}', ['v', 'v1', 'rc-1'], ['rc-', 'v/1']],
    ['{a/**,b}/c', ['a/x/c', 'a/x/y/c', 'b/c'], ['a/c/d', 'c']],
    ['{[,],a}b', [',b', 'ab'], ['b']],
    ['{a,b}{c,d}', ['ac', 'bd'], ['a', 'cd', 'abcd']],
    // A backslash takes the next character as it is.
    [String.raw`\*`, ['*'], ['a', '\\*']],
    [String.raw`\{a\,b\}`, ['{a,b}'], ['a']],
    [String.raw`{a\,b,c}`, ['a,b', 'c'], ['a', 'b']],
    [String.raw`\!a`, ['!a'], ['a', String.raw`\!a`]],
    [String.raw`\d\\`, ['d\\'], ['5\\', 'd']],
    [String.raw`\[a]`, ['[a]'], ['a']],
  ])('%j matches %j and not %j', (glob, yes, no) => {
    expect(matched(glob, [...yes, ...no])).toEqual(yes)
  })

  // Classes stay within a segment too.
  test.each(['[a/b]', 'x[.-_]y', '[--z]', '[ -~]'])('%j does not match a slash', (glob) => {
    expect(matched(glob, ['/', 'x/y'])).toEqual([])
  })

  // Labels aren't only ASCII.
  test.each([
    ['[\u00E0-\u00FC]t\u00E9', ['\u00E9t\u00E9'], ['ete']],
    ['[\u{1F600}\u{1F601}]', ['\u{1F600}'], ['a']],
  ])('%j matches %j and not %j', (glob, yes, no) => {
    expect(matched(glob, [...yes, ...no])).toEqual(yes)
  })

  // A glob that can't be read, and why.
  test.each([
    ['[a', 'has a `[` that is not closed'],
    ['[', 'has a `[` that is not closed'],
    ['[]', 'has a `[` that is not closed'],
    ['[!]', 'has a `[` that is not closed'],
    ['[^]', 'has a `[` that is not closed'],
    [String.raw`[a\]`, 'has a `[` that is not closed'],
    ['{a', 'has a `{` that is not closed'],
    ['{a,{b}', 'has a `{` that is not closed'],
    ['{[}]', 'has a `{` that is not closed'],
    ['a\\', 'ends in a backslash'],
  ])('%j is refused, since it %s', (glob, why) => {
    expect(refusal(() => compileGlob(glob))).toBe(why)
  })
})

/** Stands where a choice begins and ends, so that a star before it and one in it are two stars and not one `**`. */
const EDGE = '\0'

/** A glob's choices one by one. */
function expanded(glob: string): string[] {
  const [whole, before = '', choices = '', after = ''] = /^(.*)\{([^{}]*)\}(.*)$/.exec(glob) ?? []
  if (whole === undefined) return [glob]
  return choices.split(',').flatMap((choice) => expanded(before + EDGE + choice + EDGE + after))
}

/** What a glob without choices means, tried out in every way. */
function means(glob: string, text: string, startsSegment = true): boolean {
  if (glob === '') return text === ''
  if (glob.startsWith(EDGE)) return means(glob.slice(1), text, startsSegment)
  const rests = Array.from({ length: text.length + 1 }, (_, at) => text.slice(at))
  if (startsSegment && glob.startsWith('**/')) {
    const starts = rests.filter((_, at) => at === 0 || text.charAt(at - 1) === '/')
    return starts.some((rest) => means(glob.slice(3), rest))
  }
  if (glob.startsWith('**')) return rests.some((rest) => means(glob.slice(2), rest, false))
  if (glob.startsWith('*')) {
    const within = rests.filter((_, at) => !text.slice(0, at).includes('/'))
    return within.some((rest) => means(glob.slice(1), rest, false))
  }
  const [char = ''] = text
  if (char === '' || (glob.startsWith('?') ? char === '/' : !glob.startsWith(char))) return false
  return means(glob.slice(1), text.slice(1), char === '/')
}

test('a glob matches just what its parts mean, one after the other', () => {
  const part = fc.constantFrom('a', 'b', '/', '*', '**', '?', '{a,b}', '{a,{b,/}b}', '{,a}', '{a/b,*}')
  const globs = fc
    .array(part, { maxLength: 6 })
    .map((parts) => parts.join(''))
    .filter((glob) => !/\}\*\*|\*\*\{/.test(glob))
  const texts = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 7 }).map((chars) => chars.join(''))
  fc.assert(
    fc.property(globs, texts, (glob, text) => {
      expect(compileGlob(glob)(text)).toBe(expanded(glob).some((plain) => means(plain, text)))
    }),
    { numRuns: 2000 },
  )
})

const SPECIAL = String.raw`*?[]{}\,!/^-.+$()|~&#ab`.split('')

test('every text is matched by itself with its special characters behind backslashes', () => {
  const special = fc.constantFrom(...SPECIAL, '\u00E9', '\u{1F600}', '\n')
  fc.assert(
    fc.property(fc.array(special, { maxLength: 8 }), (chars) => {
      const [text, glob] = [chars.join(''), chars.map((char) => `\\${char}`).join('')]
      expect(matched(glob, [text, `${text}x`, ''])).toEqual(text === '' ? [text, ''] : [text])
    }),
  )
})

// A glob, and a text over which a matcher that goes back would sit for ages.
test.each([
  [`${'*a'.repeat(40)}b`, 'a'.repeat(20_000)],
  [`${'**/'.repeat(20)}b`, 'a/'.repeat(10_000)],
  [`${'{a,aa}'.repeat(20)}b`, 'a'.repeat(20_000)],
])('takes time linear in the text: %s', (glob, text) => {
  const matches = compileGlob(glob)
  const started = performance.now()
  expect(matches(text)).toBe(false)
  expect(performance.now() - started).toBeLessThan(5000)
})
