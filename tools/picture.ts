// `npm run picture`: draws docs/summary.png, what a pull request and a job's summary show of an edit of the demo's
// policy, as GitHub shows it. Look at it before committing it: it isn't compared with anything.
import { spawnSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { readForBoth } from '../src/commands/both.ts'
import { connectHarbor } from '../src/commands/connect.ts'
import { withSizesOfBoth } from '../src/commands/sizes.ts'
import { crawl } from '../src/crawl/crawl.ts'
import { parseSettings } from '../src/inputs/settings.ts'
import { assemblePlan, type Circumstances } from '../src/plan/assemble.ts'
import { comparePlans } from '../src/plan/compare.ts'
import { sha256 } from '../src/plan/id.ts'
import { needsOf, unionOf } from '../src/policy/needs.ts'
import { parsePolicy } from '../src/policy/parse.ts'
import type { Policy } from '../src/policy/types.ts'
import { renderComment, type Comment } from '../src/report/comment.ts'
import { contentOf } from '../src/report/content.ts'
import { renderMarkdown } from '../src/report/markdown.ts'
import { plannedStatus } from '../src/report/status.ts'
import type { Host } from '../src/shells/host.ts'
import { VERSION } from '../src/version.ts'
import { fillRegistry } from '../demo/registry.ts'
import { startStandIn } from '../stand-in/stand-in.ts'
import { takePicture } from './browser.ts'
import { debianPackages } from './debian.ts'
import { page, renderGfm } from './gfm.ts'

const FILE = 'docs/summary.png'
const NOW = Date.UTC(2026, 10, 21, 3, 17)
const DAY = 86_400_000
const BEFORE = readFileSync('demo/policy.yml', 'utf8')
/** A pull request that does what it is meant to, and something that it isn't: it misspells a label that protects. */
const AFTER = BEFORE.replace('newest: 5, pushed-within: 14d', 'newest: 4')
  .replace('not-pushed-for: 21d', 'not-pushed-for: 14d')
  .replace('labels: [keep]', 'labels: [kept]')
  .replace('keep: { newest: 10 }', 'keep: { newest: 14 }')

/** Fonts that look like GitHub's, and the packages that have them. */
const FONTS = { 'Liberation Sans': 'fonts-liberation', 'Noto Color Emoji': 'fonts-noto-color-emoji' }

const SILENT: Host = {
  say: ignore,
  warn: ignore,
  complain: ignore,
  progress: ignore,
  output: ignore,
  report: ignore,
}

function ignore(): void {
  // The picture is all there is to see.
}

function policyOf(text: string): Policy {
  const parsed = parsePolicy(text)
  if ('policy' in parsed) return parsed.policy
  throw new Error(parsed.problems.map(({ message }) => message).join('\n'))
}

/** The comment on a pull request that edits the demo's policy. */
async function commentOf(url: string): Promise<Comment> {
  const given = { 'harbor-url': url, 'harbor-username': 'admin', 'harbor-password': 'Harbor12345' }
  const parsed = parseSettings(given, NOW)
  if (!('settings' in parsed)) throw new Error(parsed.problems.join('\n'))
  const { settings } = parsed
  const { harbor, account, close } = await connectHarbor(settings, SILENT)
  try {
    const { version } = account
    const policies = { after: policyOf(AFTER), before: policyOf(BEFORE) }
    const circumstances: Circumstances = {
      tool: `harbor-dredge ${VERSION}`,
      harbor: { url: 'https://harbor.example.com', version },
      policyFile: { path: settings.policy, digest: sha256(AFTER) },
      createdAt: NOW,
      now: NOW,
      otherTime: false,
      mirrorPrefix: 'mirror.example.com/harbor/',
    }
    const needs = unionOf(needsOf(policies.after), needsOf(policies.before))
    const crawled = await crawl(harbor, needs, { version, concurrency: settings.concurrency })
    const inventories = await readForBoth(crawled, policies, circumstances, settings.concurrency)
    const assembled = assemblePlan(policies.after, inventories.after, circumstances)
    const former = { policy: policies.before, inventory: inventories.before }
    const compared = comparePlans(assembled, former, circumstances)
    const counting = { harbor, version, settings, host: SILENT }
    const { plan, effect } = await withSizesOfBoth(assembled.plan, compared, inventories, counting)
    const edit = { kind: 'changed', effect } as const
    return {
      marker: '<!-- harbor-dredge -->',
      status: plannedStatus(plan),
      harbor: 'harbor.example.com',
      edit,
      plan: { ...assembled, plan, asides: { edit } },
      problems: [],
      now: NOW,
      expires: NOW + policies.after.limits.maxPlanAge,
      commit: '9f3c1a2b4d5e',
      run: { words: 'job summary', url: 'https://github.com/example/registry/actions/runs/41' },
    }
  } finally {
    await close()
  }
}

const STYLES = `
body { margin: 0; padding: 20px; width: 900px; background: #fff }
article { display: contents }
.card { border: 1px solid #d1d9e0; border-radius: 6px; margin-bottom: 24px; overflow: hidden }
.head { background: #f6f8fa; border-bottom: 1px solid #d1d9e0; padding: 8px 16px; color: #59636e; font-size: 14px }
.head b { color: #1f2328 }
.bot { border: 1px solid #d1d9e0; border-radius: 2em; padding: 0 6px; font-size: 12px; margin: 0 4px }
.body { padding: 16px; font-size: 14px }
.body > :last-child { margin-bottom: 0 }
.cut { max-height: 640px; overflow: hidden; -webkit-mask-image: linear-gradient(#000 80%, transparent) }
`

function card(head: string, markdown: string, more = ''): string {
  return `<div class="card"><div class="head">${head}</div><div class="body markdown-body ${more}">${renderGfm(markdown)}</div></div>`
}

debianPackages({
  chromium: 'chromium',
  'cmark-gfm': 'cmark-gfm',
  'fc-list': 'fontconfig',
  pngquant: 'pngquant',
})
for (const [family, fonts] of Object.entries(FONTS)) {
  if (spawnSync('fc-list', [family], { encoding: 'utf8' }).stdout === '') {
    throw new Error(`there is no ${family}; install Debian's ${fonts}`)
  }
}
const standIn = await startStandIn({ clock: () => NOW + DAY })
fillRegistry(standIn.registry, NOW)
const comment = await commentOf(standIn.url)
await standIn.close()
const summary = comment.plan === undefined ? '' : renderMarkdown(contentOf(comment.plan, {}))
const body = [
  card('<b>github-actions</b> <span class="bot">bot</span> commented', renderComment(comment)),
  card('<b>plan</b> summary', summary, 'cut'),
].join('\n')
takePicture(page(body, STYLES), FILE, 942, 1680)
spawnSync('pngquant', ['--force', '--output', FILE, '--', FILE], { stdio: 'inherit' })
console.log(`${FILE} ${statSync(FILE).size.toLocaleString('en-US')} bytes`)
