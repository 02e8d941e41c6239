// What a comment is rendered as: by the parser that GitHub uses, and in a browser.
import { spawnSync } from 'node:child_process'
import { parseJson } from '../../stand-in/state/json.ts'
import { domOf } from '../../tools/browser.ts'
import { EXTENSIONS, page, renderGfm } from '../../tools/gfm.ts'

/** What is in a page, of everything that it was made to be of. */
export interface Seen {
  /** Names of the elements in it. */
  readonly elements: readonly string[]
  /** Attributes, but for what GitHub makes of alerts and alignment. */
  readonly attributes: readonly string[]
  readonly links: readonly string[]
  /** Of each table, how many cells each of its rows has. */
  readonly tables: readonly (readonly number[])[]
  /** What is not in code: there GitHub looks for mentions and references. */
  readonly texts: readonly string[]
  readonly codes: readonly string[]
  /** Of each article, how many elements it is one below the other. */
  readonly top: readonly (readonly string[])[]
  readonly title: string
}

/** Runs in the browser, once everything else there has, and leaves what it saw at the end of the page. */
const LOOK = `
const all = (selector) => [...document.querySelectorAll(selector)]
const unique = (items) => [...new Set(items)].sort()
const inside = all('article *')
const attribute = ({ name, value }) =>
  name === 'href' ? name : name === 'class' && value.startsWith('markdown-alert') ? 'alert' : name + '=' + value
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
const texts = []
while (walker.nextNode()) {
  const { currentNode: node } = walker
  if (node.parentElement.closest('code, pre, a, style, script, title') === null) texts.push(node.data)
}
const seen = {
  elements: unique(inside.map(({ localName }) => localName)),
  attributes: unique(inside.flatMap(({ attributes }) => [...attributes].map(attribute))),
  links: unique(all('article a').map((a) => a.getAttribute('href'))),
  tables: all('article table').map(({ rows }) => [...rows].map(({ cells }) => cells.length)),
  texts: texts.filter((text) => text.trim() !== ''),
  codes: all('article code').map(({ textContent }) => textContent),
  top: all('article').map(({ children }) => [...children].map(({ localName }) => localName)),
  title: document.title,
}
const pre = document.createElement('pre')
pre.id = 'seen'
pre.textContent = encodeURIComponent(JSON.stringify(seen))
document.body.append(pre)
`

/** Looks at what a browser makes of some comments, each in an article of its own. */
export function inBrowser(comments: readonly string[]): Seen {
  const articles = comments.map((markdown) => renderGfm(markdown))
  const dom = domOf(
    page(articles.join('</article>\n<article>\n')).replace(
      '</html>',
      () => `<script>${LOOK}</script></html>`,
    ),
  )
  const [, json = ''] = /<pre id="seen">([^]*?)<\/pre>/.exec(dom) ?? []
  return parseJson<Seen>(decodeURIComponent(json))
}

/** Something that GitHub's parser made of Markdown. */
export interface ParsedNode {
  readonly kind: string
  /** What it says, or where it leads. */
  readonly text: string
}

/** What GitHub's parser makes of a comment, in its order. */
export function nodesOf(markdown: string): readonly ParsedNode[] {
  const { stdout } = spawnSync('cmark-gfm', ['-t', 'xml', '--unsafe', ...EXTENSIONS], {
    input: markdown,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  const nodes = stdout.matchAll(/<(\w+)(?: destination="([^"]*)")?[^>]*?(?:\/>|>(?:([^<]*)<\/\1>)?)/g)
  return [...nodes].map(([, kind = '', destination, text = '']) => ({
    kind,
    text: unescaped(destination ?? text),
  }))
}

function unescaped(xml: string): string {
  return xml
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
}
