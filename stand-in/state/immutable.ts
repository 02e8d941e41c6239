// Immutable tags. Of a rule, the first repository selector and the first tag selector count (recordings-2 has both
// kinds); what a selector looks at is said by its decoration, not by its place. A rule that can't be evaluated ends
// the asking: the tag isn't immutable, whatever later rules say.
import { matches } from './doublestar.ts'
import { precondition } from './error.ts'
import type { ImmutableRule, Repository, Selector, Tag } from './model.ts'
import { withinProject } from './registry.ts'

interface Candidate {
  readonly repository: string
  readonly tag: string
}

export function isImmutable(repository: Repository, tag: string): boolean {
  const candidate = { repository: withinProject(repository), tag }
  try {
    return repository.project.immutableRules.some((rule) => applies(rule, candidate))
  } catch {
    return false
  }
}

function applies({ disabled, repositories, tags }: ImmutableRule, candidate: Candidate): boolean {
  const [repository] = repositories
  const [tag] = tags
  if (disabled || repository === undefined) return false
  return selects(repository, candidate) && tag !== undefined && selects(tag, candidate)
}

/** @throws {Error} when Harbor knows no such selector, or can't read the pattern */
function selects({ kind, decoration, pattern }: Selector, { repository, tag }: Candidate): boolean {
  if (kind !== 'doublestar') throw new Error(`selector ${kind} is not registered`)
  switch (decoration) {
    case 'matches':
      return matches(pattern, tag)
    case 'excludes':
      return !matches(pattern, tag)
    case 'repoMatches':
      return matches(pattern, repository)
    case 'repoExcludes':
      return !matches(pattern, repository)
    case 'nsMatches':
    case 'nsExcludes':
      return false
    default:
      throw new Error(`decoration ${decoration} of selector ${kind} is not supported`)
  }
}

export function refuseImmutable(repository: Repository, tags: readonly Tag[], verb: string): void {
  const immutable = tags.find((tag) => isImmutable(repository, tag.name))
  if (immutable !== undefined) {
    throw precondition(`the tag ${immutable.name} configured as immutable, cannot be ${verb}`)
  }
}
