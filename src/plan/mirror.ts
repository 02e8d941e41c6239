import type { Mirror } from '../policy/types.ts'

// The grammar of repository names in the OCI distribution specification 1.1, "Pulling manifests".
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const LONGEST = 255

/** Where a repository's images are copied to: its name under the mirror's host and prefix. */
export function targetRepository(mirror: Mirror, repository: string): string {
  const slash = repository.indexOf('/')
  const name = mirror.repository
    .replaceAll('{project}', repository.slice(0, slash))
    .replaceAll('{repository}', repository.slice(slash + 1))
  return mirror.replace.reduce((renamed, { from, to }) => from.replaceAll(renamed, to), name)
}

/** Whether registries take this as the name of a repository. */
export function isRepositoryName(name: string): boolean {
  return name.length <= LONGEST && NAME.test(name)
}
