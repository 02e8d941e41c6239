// Texts of somebody else's, in comments as they are rendered: by the parser that GitHub uses, and in a browser.
import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { COMMENT_BYTES, renderComment } from '../../src/report/comment.ts'
import { contentOf } from '../../src/report/content.ts'
import { byteLength } from '../../src/report/escape.ts'
import { renderMarkdown } from '../../src/report/markdown.ts'
import { AFTER, BEFORE, changed, comment, madeOf, numbered, type Texts } from './comments.ts'
import { inBrowser, nodesOf, type ParsedNode, type Seen } from './rendered.ts'
import { HOSTILE } from './report.ts'
import { registry } from '../plan/registry.ts'

/** More names that want to be something else, for what GitHub does and Markdown alone doesn't. */
const NAMES: readonly string[] = [
  ...HOSTILE,
  '@admin',
  '@org/team',
  'a@b.example',
  '#1',
  'GH-1',
  'gh-12',
  'org/repo#12',
  'org/repo@0123456789abcdef0123456789abcdef01234567',
  ':+1:',
  ':tada:',
  'http://evil.example',
  'ftp://evil.example',
  'www.evil.example',
  'mailto:a@b.example',
  '- item',
  '1. item',
  '1) item',
  '+ item',
  '    code',
  '> quote',
  '---',
  '===',
  '~~~',
  '| a | b |',
  '[!CAUTION]',
  '<details open><summary>',
  '</summary>',
  '</article>',
  '<img src=x onerror="document.title=1">',
  '<svg onload=document.title=1>',
  '<iframe srcdoc="<script>top.document.title=1</script>">',
  "<a href='javascript:document.title=1'>",
  '-->',
  '<!-- status -->',
  '<!-- /status -->',
  '<![CDATA[',
  '<?php',
  '&#64;admin',
  '&commat;admin',
  '::add-mask::x',
  '%0A::error::x',
  '\u200Bx',
  '\u05D0\u05D1',
]

/** The elements that a comment is made of. */
const OWN = 'a b br code details div em h2 h3 li p strong sub summary table tbody td th thead tr ul'.split(
  ' ',
)

/** What GitHub makes links, pings and pictures of, in text that isn't code. */
const TRIGGERS =
  /(?:^|[^\w`])@[\w-]|(?:^|\W)#\d|\bGH-\d|\w@\w+\.\w|\b(?:https?|ftp):\/\/|\bwww\.\w|:[\w+-]+:|^\s*::/i

function texts(name: string): Texts {
  return { repository: name, tags: [name, `${name}!`], rule: name, protection: name, said: name }
}

function expectHarmless(seen: Seen): void {
  expect(seen.elements.filter((name) => !OWN.includes(name))).toEqual([])
  const attributes = seen.attributes.filter((name) => !/^(?:href|open=|alert|align=right)$/.test(name))
  expect(attributes).toEqual([])
  expect(seen.links.filter((link) => !link.startsWith('https://github.example/'))).toEqual([])
  expect(seen.texts.filter((text) => TRIGGERS.test(text))).toEqual([])
  // Each row has as many cells as the head.
  expect(seen.tables.filter(([head, ...rows]) => rows.some((cells) => cells !== head))).toEqual([])
  expect(seen.title).toBe('unchanged')
}

describe('in a browser', () => {
  const SEEN = inBrowser(NAMES.map((name) => renderComment(madeOf(texts(name)))))

  test('every name is only text: no element, attribute, link, mention or script comes of it', () => {
    expectHarmless(SEEN)
  })

  test('every comment is the same blocks, one below the other', () => {
    const blocks = SEEN.top.map((names) => names.filter((name) => name !== 'script').join(' '))
    expect(new Set(blocks).size).toBe(1)
    expect(blocks[0]).toBe('h3 p h2 p p div div div details details details p')
  })

  test('every name can be read in code, as it is', () => {
    const codes = new Set(SEEN.codes)
    // GitHub's parser takes the spaces around code away, and a browser shows one for a line end.
    for (const name of NAMES.filter(
      (each) => !/[\p{C}\p{Zl}\p{Zp}]|^\s|\s$/u.test(each) && each.length < 60,
    )) {
      expect(codes).toContain(`shop/${name}:${name}`)
    }
  })

  test('a job summary is as harmless', () => {
    const summaries = NAMES.map((name) => {
      const { plan } = madeOf(texts(name))
      return plan === undefined ? '' : renderMarkdown(contentOf(plan, plan.asides))
    })
    const seen = inBrowser(summaries)
    expectHarmless(seen)
    expect(new Set(seen.top.map((names) => names.filter((name) => name !== 'script').join(' '))).size).toBe(1)
  })

  test('a comment that is cut is still whole', () => {
    const tags = Array.from({ length: 5000 }, (_, index) =>
      `${NAMES[index % NAMES.length] ?? ''}${index}`.padEnd(128, '|`@'),
    )
    const inventory = registry({ 'shop/backend': tags.map((tag, index) => numbered(index, [tag])) })
    const policy = (tag: string): string => `version: 1
rules: [{ name: all, select: { tags: ["${tag}"] }, delete: always }]
limits: { max-deletes: 1000000, max-delete-percent: 100 }
`
    const limits = [4900, 6000, 9000, 15_000, 30_000, COMMENT_BYTES]
    const whole = changed(policy('**'), policy('none'), inventory)
    const comments = limits.map((limit) => renderComment(whole, limit))
    comments.forEach((markdown, index) => {
      expect(byteLength(markdown)).toBeLessThanOrEqual(limits[index] ?? 0)
    })
    const seen = inBrowser(comments)
    expectHarmless(seen)
    expect(seen.tables.flat().length).toBeGreaterThan(100)
  })
})

describe('by GitHub’s parser', () => {
  const part = fc.constantFrom(
    ...NAMES,
    '`',
    '``',
    '|',
    '\\',
    '\n',
    ' ',
    '*',
    '_',
    '<',
    '>',
    '[',
    ']',
    '(',
    ')',
    '!',
    '#',
    '@',
    ':',
    '&',
    'a',
    '1',
    '-',
    '~',
    '$',
    '\u{1F600}',
  )
  const hostile = fc.array(part, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''))
  const allTexts: fc.Arbitrary<Texts> = fc.record({
    repository: hostile,
    tags: fc.uniqueArray(hostile, { minLength: 1, maxLength: 4 }),
    rule: hostile,
    protection: hostile,
    said: hostile,
  })

  /** Kinds of nodes, without those that are parts of a line. */
  function shape(nodes: readonly ParsedNode[]): string {
    const kinds = nodes.map(({ kind }) => kind)
    return kinds.filter((kind) => !/^(?:text|code|softbreak|html_inline|link)$/.test(kind)).join(' ')
  }

  const plain = [0, 1, 2, 3, 4].map((count) => {
    const tags = Array.from({ length: count }, (_, index) => `t${index}`)
    const made = madeOf({ repository: 'r', tags, rule: 'r', protection: 'p', said: 's' })
    return shape(nodesOf(renderComment(made)))
  })

  test('whatever the texts are, a comment has the nodes that it has with plain ones', () => {
    fc.assert(
      fc.property(allTexts, (made) => {
        const markdown = renderComment(madeOf(made))
        const nodes = nodesOf(markdown)
        expect(shape(nodes)).toBe(plain[made.tags.length])
        expect(byteLength(markdown)).toBeLessThanOrEqual(COMMENT_BYTES)
        for (const { kind, text } of nodes) {
          if (kind === 'text') expect(text).not.toMatch(TRIGGERS)
          if (kind === 'link') expect(text).toMatch(/^https:\/\/github\.example\//)
          if (kind === 'html_inline') expect(text).toMatch(/^<\/?sub>$/)
          if (kind === 'html_block') expect(text).toMatch(OWN_HTML)
        }
      }),
      { numRuns: 150 },
    )
  })

  const OWN_HTML =
    /^(?:<!-- [^>]*-->\s*|<\/details>\s*|<details(?: open)?><summary>(?:[^<]|<\/?b>|<code>[^<]*<\/code>)*<\/summary>\s*)$/
})

test('a comment in all its kinds is harmless too, and has no more than it needs', () => {
  const seen = inBrowser([
    renderComment(changed(AFTER, BEFORE)),
    renderComment(comment({ status: { state: 'offline', why: 'x' }, problems: ['a', 'b'] })),
  ])
  expectHarmless(seen)
  expect(seen.links).toEqual(['https://github.example/shop/registry/actions/runs/41'])
  expect(seen.tables.map((rows) => rows.length)).toEqual([2, 2, 2, 2, 2, 2, 2, 7, 3, 2, 5, 3, 9])
})
