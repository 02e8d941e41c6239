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
    !(platformMatches(select.platforms, artifact.platforms) ?? ifUnknown)
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

/** None at all, which most have, those that are about, and two that stand for any other. */
const VARIANTS = ['', 'v5', 'v6', 'v7', 'v8', 'v9', 'v6l', 'v8.1']

/**
 * Whether a platform matches. It goes by its name with and without the variant, since `linux/arm64` means any. Where
 * the variant isn't known, undefined if it makes a difference.
 */
function platformMatches(patterns: PatternList, platforms: readonly string[] | null): boolean | undefined {
  if (platforms === null) return undefined
  if (platforms.every((platform) => !platform.endsWith('?'))) {
    return patterns.matchesSome(namesOf(platforms, ''))
  }
  const answers = VARIANTS.map((variant) => patterns.matchesSome(namesOf(platforms, variant)))
  return answers.every((answer) => answer === answers[0]) ? answers[0] : undefined
}

function namesOf(platforms: readonly string[], variant: string): readonly string[] {
  return platforms.flatMap((platform) => {
    const [os = '', architecture = ''] = platform.split('/')
    return [platform.replace(/\/?\?$/, variant === '' ? '' : `/${variant}`), `${os}/${architecture}`]
  })
}

/**
 * Undefined where the accessories weren't read, or one of them may be a signature. What hangs on an accessory is among
 * them once it was read: a signature of an SBOM is none of the image.
 */
function isSigned(artifact: Artifact, tree: FamilyTree): boolean | undefined {
  if (tree.attached.get(artifact.digest)?.some(({ tag }) => isCosignSignature(tag.name)) === true) return true
  const own = artifact.accessories?.filter(({ subject }) => subject === artifact.digest)
  const types = own?.map(({ type }) => type)
  if (types?.some((type) => type !== null && type.startsWith('signature.')) === true) return true
  return types?.includes(null) === false ? false : undefined
}
