// Units and rules in few words, for the modules that decide one thing each.
import type { Artifact, Tag } from '../../src/inventory/types.ts'
import { familyTree, type FamilyTree } from '../../src/plan/family-tree.ts'
import { Unit } from '../../src/plan/unit.ts'
import type { Rule, Select } from '../../src/policy/types.ts'
import { policyOf } from './plan-of.ts'
import { daysAgo, digest, image } from './registry.ts'

/** A tag on an image: what isn't said is an old image with this one tag. */
export function taggedUnit(name: string, on: Partial<Artifact> = {}, others: Partial<Tag> = {}): Unit {
  const artifact = { ...image('a'), ...on }
  const tag = { name, pushed: artifact.pushed, pulled: null, immutable: false, ...others }
  return new Unit({ ...artifact, tags: [tag] }, tag, 'tags')
}

/** An artifact without a tag. */
export function untaggedUnit(on: Partial<Artifact> = {}): Unit {
  return new Unit({ ...image('a'), ...on }, null, 'untagged')
}

/** The tags of images, image by image: `a: v1 v2` is the image `a` with two tags, pushed so many days ago. */
export function unitsOf(images: Readonly<Record<string, readonly [tags: string, days: number]>>): Unit[] {
  return Object.entries(images).flatMap(([letter, [tags, days]]) => {
    const artifact = image(letter, { tags: tags.split(' '), pushed: days })
    return artifact.tags.map((tag) => new Unit(artifact, tag, 'tags'))
  })
}

/** What becomes of a repository's artifacts before anything is decided. */
export function treeOf(artifacts: readonly Artifact[] = []): FamilyTree {
  return familyTree({ name: 'team-a/web', project: 'team-a', artifacts, absent: new Set() })
}

/** A rule as it is written, from its `select` on. */
export function ruleOf(select: string, ...more: readonly string[]): Rule {
  const lines = [`select: ${select}`, ...(more.length > 0 ? more : ['delete: always'])]
  const [rule] = policyOf(`version: 1\nrules:\n  - name: a rule\n    ${lines.join('\n    ')}\n`).rules
  if (rule === undefined) throw new Error('a policy has a rule')
  return rule
}

export function selectOf(select: string): Select {
  return ruleOf(select).select
}

export { daysAgo, digest, image }
