import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** What GitHub's Markdown has beyond CommonMark. */
export const EXTENSIONS = ['table', 'strikethrough', 'autolink', 'tagfilter', 'tasklist'].flatMap((name) => [
  '-e',
  name,
])
const STYLES = 'node_modules/github-markdown-css/github-markdown-light.css'

/**
 * Markdown as GitHub renders it in a comment: by its own parser (cmark-gfm) with every line end a line end, and with
 * its alerts, which GitHub makes of quotes afterwards.
 */
export function renderGfm(markdown: string): string {
  const { status, stdout, stderr } = spawnSync('cmark-gfm', ['--unsafe', '--hardbreaks', ...EXTENSIONS], {
    input: markdown,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  if (status !== 0) throw new Error(`cmark-gfm failed: ${stderr}`)
  return stdout.replaceAll(
    /<blockquote>\n<p>\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]<br \/>([^]*?)<\/blockquote>/g,
    (_, kind: string, body: string) => {
      const name = kind.charAt(0) + kind.slice(1).toLowerCase()
      return `<div class="markdown-alert markdown-alert-${name.toLowerCase()}"><p class="markdown-alert-title">${name}</p><p>${body}</div>`
    },
  )
}

/** A page with something rendered in it, in GitHub's looks. */
export function page(body: string, styles = ''): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>unchanged</title>
<style>${readFileSync(STYLES, 'utf8')}</style>
<style>${styles}</style>
<article class="markdown-body">
${body}
</article>
</html>
`
}
