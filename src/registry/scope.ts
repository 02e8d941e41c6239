/**
 * What a bearer token is good for: `repository:team-a/app:pull,push`, one entry for each resource, entries and their
 * actions in order. The grammar is that of the Docker Registry v2 token authentication, "Token scope".
 */
export type Scopes = readonly string[]

export function pullOf(...repositories: readonly string[]): Scopes {
  return union(repositories.map((repository) => `repository:${repository}:pull`))
}

export function pushOf(repository: string): Scopes {
  return [`repository:${repository}:pull,push`]
}

/** The scopes in a challenge, separated by spaces. */
export function scopesOf(text: string): Scopes {
  return union(text.split(' ').filter((scope) => scope !== ''))
}

export function union(...all: readonly (readonly string[])[]): Scopes {
  const resources = new Map<string, Set<string>>()
  for (const scope of all.flat()) {
    // A repository's name may have a colon before it: the last one is in front of the actions.
    const colon = scope.lastIndexOf(':')
    const [resource, actions] = [scope.slice(0, colon), scope.slice(colon + 1).split(',')]
    resources.set(resource, new Set([...(resources.get(resource) ?? []), ...actions]))
  }
  return [...resources]
    .map(([resource, actions]) => `${resource}:${[...actions].toSorted().join(',')}`)
    .toSorted()
}

export function covers(all: Scopes, some: Scopes): boolean {
  return union(all, some).join(' ') === all.join(' ')
}
