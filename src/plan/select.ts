import { isCosignSignature } from '../inventory/cosign.ts'
import type { Artifact } from '../inventory/types.ts'
import type { PatternList } from '../patterns/list.ts'
import type { Select, SizeBound } from '../policy/types.ts'
import type { FamilyTree } from './family-tree.ts'
import type { Unit } from './unit.ts'

/**
 * Whether a select holds for a unit of a repository that it can hold in.
 *
 * @param ifUnknown the answer where what it asks isn't known: false where belonging may delete, true where it keeps
 */
export function selectsUnit(select: Select, unit: Unit, tree: FamilyTree, ifUnknown: boolean): boolean {
  if (select.family !== undefined && select.family !== unit.family) return false
  if (select.tags !== undefined && !(unit.tag !== null && select.tags.matches(unit.tag.name))) return false
  if (select.semver !== undefined && !(unit.version !== null && select.semver.includes(unit.version))) {
    return false
  }
  if (select.prerelease !== undefined && isPrerelease(unit) !== select.prerelease) return false
  return selectsArtifact(select, unit.artifact, tree, ifUnknown)
}

function selectsArtifact(select: Select, artifact: Artifact, tree: FamilyTree, ifUnknown: boolean): boolean {
  if (select.types !== undefined && !select.types.matches(artifact.type)) return false
  if (select.size !== undefined && !isWithin(select.size, artifact.size)) return false
  if (select.labels !== undefined && !(someMatch(select.labels, artifact.labels) ?? ifUnknown)) return false
  if (
    select.platforms !== undefined &&
    !(someMatch(select.platforms, namesOf(artifact.platforms)) ?? ifUnknown)
  ) {
    return false
  }
  if (select.signed === undefined) return true
  const signed = isSigned(artifact, tree)
  return signed === undefined ? ifUnknown : signed === select.signed
}

/** Undefined for a tag that isn't a version: it is neither. */
function isPrerelease(unit: Unit): boolean | undefined {
  return unit.version === null ? undefined : unit.version.prerelease.length > 0
}

function isWithin({ operator, bytes }: SizeBound, size: number): boolean {
  switch (operator) {
    case '>': {
      return size > bytes
    }
    case '>=': {
      return size >= bytes
    }
    case '<': {
      return size < bytes
    }
    case '<=': {
      return size <= bytes
    }
  }
}

function someMatch(patterns: PatternList, texts: readonly string[] | null): boolean | undefined {
  return texts === null ? undefined : patterns.matchesSome(texts)
}

/** A platform goes by its name with and without the variant: `linux/arm64` means any. */
function namesOf(platforms: readonly string[] | null): readonly string[] | null {
  return platforms?.flatMap((platform) => [platform, platform.split('/').slice(0, 2).join('/')]) ?? null
}

/** Undefined where the accessories weren't read. */
function isSigned(artifact: Artifact, tree: FamilyTree): boolean | undefined {
  if (tree.attached.get(artifact.digest)?.some(({ tag }) => isCosignSignature(tag.name)) === true) return true
  return artifact.accessories?.some(({ type }) => type.startsWith('signature.'))
}
