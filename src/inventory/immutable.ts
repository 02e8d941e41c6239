import { compileDoublestar } from '../patterns/doublestar.ts'

/** A project's rule that makes tags immutable, as Harbor keeps it. */
export interface ImmutableRule {
  readonly disabled: boolean
  readonly scope_selectors: Readonly<Record<string, readonly Selector[]>>
  readonly tag_selectors: readonly Selector[]
}

interface Selector {
  readonly decoration: string
  readonly kind: string
  readonly pattern: string
}

/** Whether a project's rules make a tag immutable; null: that can't be told, so it may be. */
export type Immutability = (repository: string, tag: string) => boolean | null

/**
 * Evaluates immutable rules as Harbor does (src/pkg/immutable/match/rule): rules that aren't disabled, of each the
 * first selector of repositories and the first of tags, on the repository's name without its project.
 */
export function compileImmutability(rules: readonly ImmutableRule[]): Immutability {
  const compiled = rules
    .filter(({ disabled }) => !disabled)
    .map((rule) => ({
      repositories: compileSelector(rule.scope_selectors['repository']?.[0], 'repoMatches', 'repoExcludes'),
      tags: compileSelector(rule.tag_selectors[0], 'matches', 'excludes'),
    }))
  return (repository, tag) => {
    const name = repository.slice(repository.indexOf('/') + 1)
    let answer: boolean | null = false
    for (const { repositories, tags } of compiled) {
      const both = and(repositories(name), tags(tag))
      if (both === true) return true
      if (both === null) answer = null
    }
    return answer
  }
}

type Selection = (text: string) => boolean | null

function compileSelector(selector: Selector | undefined, matches: string, excludes: string): Selection {
  if (selector === undefined) return () => false
  if (selector.kind !== 'doublestar' || ![matches, excludes].includes(selector.decoration)) return () => null
  const matcher = compileDoublestar(selector.pattern)
  if (matcher === undefined) return () => null
  return selector.decoration === matches ? matcher : (text) => !matcher(text)
}

function and(a: boolean | null, b: boolean | null): boolean | null {
  if (a === false || b === false) return false
  return a === null || b === null ? null : true
}
