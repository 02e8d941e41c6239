// What the document says of Harbor's own retention is what it does: as the stand-in runs it, which is held to
// recordings of a real one.
import { readFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import type { RetentionRule, RetentionTemplate } from '../../stand-in/state/retention-policy.ts'
import { startRetention } from '../../stand-in/state/retention.ts'
import { startStandIn } from '../../stand-in/stand-in.ts'
import { fill, NOW, recipesIn, unitsOf } from './samples.ts'

const DOCUMENT = 'docs/migrating.md'
const SENTENCE =
  /^> For the repositories matching `([^`]+)`, retain (.+) with tags (matching|excluding) `([^`]+)`( with untagged artifacts)?$/

/** Harbor's words for its templates, as its pages show them. */
const TEMPLATES: Readonly<Record<string, RetentionTemplate>> = {
  'the most recently pushed # artifacts': 'latestPushedK',
  'the most recently pulled # artifacts': 'latestPulledN',
  'the artifacts pushed within the last # days': 'nDaysSinceLastPush',
  'the artifacts pulled within the last # days': 'nDaysSinceLastPull',
  always: 'always',
}

function ruleOf(sentence: string): RetentionRule {
  const [, repositories = '', what = '', how = '', tags = '', untagged] = SENTENCE.exec(sentence) ?? []
  const template = TEMPLATES[what.replace(/\d+/, '#')]
  if (template === undefined) throw new Error(`no rule of Harbor's: ${sentence}`)
  const decoration = how === 'matching' ? 'matches' : 'excludes'
  const extras = JSON.stringify({ untagged: untagged !== undefined })
  return {
    action: 'retain',
    template,
    params: { [template]: Number(/\d+/.exec(what)?.[0] ?? 0) },
    scope_selectors: {
      repository: [{ kind: 'doublestar', decoration: 'repoMatches', pattern: repositories }],
    },
    tag_selectors: [{ kind: 'doublestar', decoration, pattern: tags, extras }],
  }
}

/** The rules that stand before a policy, below its heading. */
function rulesBefore(line: number): readonly RetentionRule[] {
  const lines = readFileSync(DOCUMENT, 'utf8').split('\n').slice(0, line)
  return lines
    .slice(lines.findLastIndex((each) => each.startsWith('#')))
    .filter((each) => each.startsWith('> For'))
    .map((each) => ruleOf(each))
}

const recipes = recipesIn(DOCUMENT).filter(({ rows }) => rows[0]?.['Harbor'] !== undefined)

test('all of Harbor’s templates are there', () => {
  const used = recipes.flatMap(({ line }) => rulesBefore(line).map(({ template }) => template))
  expect(new Set(used)).toEqual(new Set(Object.values(TEMPLATES)))
})

test.each(recipes)('$heading: Harbor keeps and deletes as the table says', async ({ line, rows }) => {
  const standIn = await startStandIn({ clock: () => NOW })
  const { registry } = standIn
  fill(registry, rows)
  const rules = rulesBefore(line)
  const project = registry.project('shop')
  const artifacts = [...project.repositories.values()].flatMap((repository) => [
    ...repository.artifacts.values(),
  ])
  const scope = { level: 'project', ref: project.id } as const
  startRetention(registry, { id: 1, algorithm: 'or', rules, scope, trigger: {} }, false)
  registry.clock.settle()
  const harbor = new Map<string, string>()
  for (const artifact of artifacts) {
    const { name, artifacts: left } = artifact.repository
    const stays = left.has(artifact.digest) ? 'stays' : 'goes'
    for (const tag of artifact.tags) harbor.set(`${name}:${tag.name}`, stays)
    if (artifact.tags.length === 0) harbor.set(name, stays)
  }
  const told = rows.flatMap((row) => unitsOf(row).map((unit) => [unit, row['Harbor'] ?? ''] as const))
  expect(Object.fromEntries(harbor)).toEqual(Object.fromEntries(told))
  await standIn.close()
})
