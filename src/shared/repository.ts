/** The project that a repository is in, by its full name: `project/repository`. */
export function projectOf(repository: string): string {
  return repository.slice(0, repository.indexOf('/'))
}
