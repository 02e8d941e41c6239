import type { Artifact, Digest } from '../inventory/types.ts'
import type { Mirror, Rule } from '../policy/types.ts'
import type { Instant } from '../shared/instant.ts'
import { compareText } from '../shared/order.ts'
import type { FamilyTree } from './family-tree.ts'
import { targetRepository } from './mirror.ts'
import { copyReason } from './reason.ts'
import type { Copy } from './types.ts'
import type { Unit } from './unit.ts'

/** The copies of a repository's images: one per digest, with the tags that are copied or archived. */
export function copiesOf(tree: FamilyTree, mirror: Mirror, prefix: string, now: Instant): readonly Copy[] {
  const images = new Map<Digest, Unit[]>()
  for (const unit of tree.units) {
    if (copyingRule(unit) === undefined) continue
    const others = images.get(unit.artifact.digest)
    if (others === undefined) images.set(unit.artifact.digest, [unit])
    else others.push(unit)
  }
  const target = prefix + targetRepository(mirror, tree.name)
  return [...images.values()].flatMap((units) => {
    const [unit] = units.toSorted(byLine)
    const rule = unit === undefined ? undefined : copyingRule(unit)
    if (unit === undefined || rule === undefined) return []
    const copy: Copy = {
      kind: 'copy',
      repository: tree.name,
      digest: unit.artifact.digest,
      tags: tagsOf(units),
      target,
      accessories: accessoriesOf(tree, unit),
      rule: rule.name,
      reason: copyReason(rule, unit, now),
    }
    return [copy]
  })
}

/** How a delete names the copy that it waits for: there is one for each image of a repository. */
export function copyName({ repository, digest }: Pick<Copy, 'repository' | 'digest'>): string {
  return `${repository}@${digest}`
}

/** Archiving copies too. */
function copyingRule(unit: Unit): Rule | undefined {
  return unit.verdict.code === 'archive' ? unit.verdict.by : unit.copiedBy
}

function byLine(a: Unit, b: Unit): number {
  return (copyingRule(a)?.line ?? 0) - (copyingRule(b)?.line ?? 0) || compareText(a.name, b.name)
}

function tagsOf(units: readonly Unit[]): readonly string[] {
  return units.flatMap(({ tag }) => (tag === null ? [] : [tag.name])).toSorted(compareText)
}

/** What has to go along: the accessories of an image and of its children, listed by Harbor or attached by cosign. */
function accessoriesOf(tree: FamilyTree, { artifact }: Unit): readonly Digest[] {
  const accessories = new Set<Digest>()
  // A set goes on to what is added while it is gone through, each once. Of what is in no list there is only the digest.
  const whole = new Set<Artifact | Digest>([artifact])
  for (const each of whole) {
    const [digest, known] = typeof each === 'string' ? [each] : [each.digest, each]
    for (const accessory of known?.accessories ?? []) {
      accessories.add(accessory.digest)
      whole.add(accessory.digest)
    }
    for (const attached of tree.attached.get(digest) ?? []) {
      accessories.add(attached.artifact.digest)
      whole.add(attached.artifact)
    }
    for (const child of known?.children ?? []) whole.add(tree.relatives.get(child) ?? child)
  }
  accessories.delete(artifact.digest)
  return [...accessories].toSorted(compareText)
}
