import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import {
  byteLength,
  codeCell,
  codeHtml,
  codeSpan,
  cut,
  htmlText,
  logLine,
  markdownText,
  oneLine,
} from '../../src/report/escape.ts'
import { outsideCode } from './gfm.ts'

describe('oneLine', () => {
  // Text, and what is shown of it.
  test.each([
    ['plain text', 'plain text'],
    ['a\nb\r\nc', 'a\u00B7b\u00B7\u00B7c'],
    ['tab\tbell\u0007', 'tab\u00B7bell\u00B7'],
    ['\u001B[31mred', '\u00B7[31mred'],
    ['\u0085\u2028\u2029', '\u00B7\u00B7\u00B7'],
    // What reorders or hides text.
    ['a\u202Egnp.exe', 'a\u00B7gnp.exe'],
    ['\u2066a\u2069\u200F', '\u00B7a\u00B7\u00B7'],
    ['\u200Bzero\u200Dwidth\uFEFF\u00AD', '\u00B7zero\u00B7width\u00B7\u00B7'],
    ['\u{E0041}', '\u00B7'],
    ['a\uD800b\uDC00', 'a\u00B7b\u00B7'],
    ['\u00E9\u{1F600}\u4E2D', '\u00E9\u{1F600}\u4E2D'],
    ['', ''],
  ])('%j becomes %j', (text, line) => {
    expect(oneLine(text)).toBe(line)
  })
})

describe('codeSpan', () => {
  // Text, and its Markdown.
  test.each([
    ['v1.0', '`v1.0`'],
    ['', '`  `'],
    [' ', '`   `'],
    [' a', '`  a `'],
    ['a ', '` a  `'],
    ['`', '`` ` ``'],
    ['a`b', '``a`b``'],
    ['a``b`c', '```a``b`c```'],
    ['`a`', '`` `a` ``'],
    ['a|b', '`a|b`'],
    ['<b>&amp;@x', '`<b>&amp;@x`'],
    ['a\nb', '`a\u00B7b`'],
  ])('of %j is %j', (text, markdown) => {
    expect(codeSpan(text)).toBe(markdown)
  })

  test.each([
    ['a|b', String.raw`${'`'}a\|b${'`'}`],
    [String.raw`a\|b`, String.raw`${'`'}a\\|b${'`'}`],
  ])('of %j in a table is %j', (text, markdown) => {
    expect(codeCell(text)).toBe(markdown)
  })

  test('leaves nothing of any text outside the code', () => {
    const texts = fc.array(fc.constantFrom('`', '``', ' ', '|', '\\', 'a', '*', '\n', '<', '@x'), {
      maxLength: 8,
    })
    fc.assert(
      fc.property(texts, texts, (one, other) => {
        expect(outsideCode(`${codeSpan(one.join(''))}, ${codeSpan(other.join(''))}`)).toBe(', ')
      }),
      { numRuns: 500 },
    )
  })
})

describe('markdownText', () => {
  // Words, and their Markdown.
  test.each([
    ['pushed 20d ago (not-pushed-for 14d)', String.raw`pushed 20d ago \(not-pushed-for 14d\)`],
    ['**bold** _it_ ~gone~', String.raw`\*\*bold\*\* \_it\_ \~gone\~`],
    ['`code`', '\\`code\\`'],
    ['[x](javascript:y)', String.raw`\[x\]\(javascript:y\)`],
    ['<img src=x> &lt;', String.raw`\<img src=x\> \&lt;`],
    ['a|b', String.raw`a\|b`],
    ['# 1', String.raw`\# 1`],
    ['$x$', String.raw`\$x\$`],
    ['a\\b', String.raw`a\\b`],
    ['@admin', '@\u200Badmin'],
    ['#12 #a', '\\#\u200B12 \\#a'],
    ['org/repo#12', 'org/repo\\#\u200B12'],
    ['GH-1 gh-2 GHx', 'GH-\u200B1 gh-\u200B2 GHx'],
    ['::error::x', ':\u200B:\u200Berror:\u200B:x'],
    [':+1:', ':\u200B\\+1:'],
    ['- item', String.raw`\- item`],
    ['1. item', String.raw`1\. item`],
    ['1.5 GiB', '1.5 GiB'],
    ['    code', '\u00A0\u00A0\u00A0\u00A0code'],
    [' and more', ' and more'],
    ['https://evil.example', 'https:\u200B//evil.example'],
    ['a\nb', 'a\u00B7b'],
  ])('of %j is %j', (text, markdown) => {
    expect(markdownText(text)).toBe(markdown)
  })

  // GitHub makes links of these too, and pictures of these.
  test.each(['www.evil.example', 'see www.evil.example now', ':tada:'])('of %j is no %j any more', (text) => {
    expect(markdownText(text)).not.toBe(text)
  })
})

test.each([
  ['v1', '<code>v1</code>'],
  ['<b>&amp;"\'', '<code>&#60;b&#62;&#38;amp;&#34;&#39;</code>'],
  ['@admin #1\n', '<code>@admin #1\u00B7</code>'],
])('codeHtml of %j is %j', (text, html) => {
  expect(codeHtml(text)).toBe(html)
})

test.each([
  ['a <b> & c', 'a &#60;b&#62; &#38; c'],
  ['@admin #1', '@\u200Badmin #\u200B1'],
])('htmlText of %j is %j', (text, html) => {
  expect(htmlText(text)).toBe(html)
})

test.each([
  ['', 3, ''],
  ['abc', 3, 'abc'],
  ['abcd', 3, 'ab\u2026'],
  ['\u{1F600}\u{1F600}\u{1F600}', 3, '\u{1F600}\u{1F600}\u{1F600}'],
  ['\u{1F600}\u{1F600}\u{1F600}\u{1F600}', 3, '\u{1F600}\u{1F600}\u2026'],
  ['a'.repeat(1_000_000), 2, 'a\u2026'],
])('cut keeps whole characters', (text, most, shorter) => {
  expect(cut(text, most)).toBe(shorter)
})

describe('logLine', () => {
  // A line, and what goes to the log. A workflow's runner takes commands at the start of a line, and `##[` anywhere.
  test.each([
    ['plain', 'plain'],
    ['::error::x', '\u200B::error::x'],
    ['  ::set-output name=x::y', '\u200B::set-output name=x::y'],
    ['a ::error::x', 'a ::error::x'],
    ['##[error]x', '##\u200B[error]x'],
    ['a ##[group]##[endgroup]', 'a ##\u200B[group]##\u200B[endgroup]'],
    ['\u200B::error::', '\u00B7::error::'],
    ['\r\n::error::', '\u00B7\u00B7::error::'],
    ['\u00A0::error::', '\u200B::error::'],
    [': :error::', ': :error::'],
  ])('of %j is %j', (text, line) => {
    expect(logLine(text)).toBe(line)
  })

  test('is never a command, whatever it is made of', () => {
    const parts = fc.array(
      fc.constantFrom(':', '::', ' ', '\t', '\n', '#', '##', '[', 'error', 'add-mask', '\u00A0'),
      {
        maxLength: 8,
      },
    )
    fc.assert(
      fc.property(parts, (text) => {
        const line = logLine(text.join(''))
        expect(line).not.toMatch(/\n|\r|^\s*::|##\[/)
      }),
    )
  })
})

test('byteLength counts the bytes of UTF-8', () => {
  expect(['', 'a', '\u00E9', '\u4E2D', '\u{1F600}', '\u{1F600}\u00E9a'].map(byteLength)).toEqual([
    0, 1, 2, 3, 4, 7,
  ])
})
