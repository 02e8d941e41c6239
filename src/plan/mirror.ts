import type { Mirror } from '../policy/types.ts'

/** Where a repository's images are copied to: its name under the mirror's host and prefix. */
export function targetRepository(mirror: Mirror, repository: string): string {
  const slash = repository.indexOf('/')
  const name = mirror.repository
    .replaceAll('{project}', repository.slice(0, slash))
    .replaceAll('{repository}', repository.slice(slash + 1))
  return mirror.replace.reduce((renamed, { from, to }) => from.replaceAll(renamed, to), name)
}
