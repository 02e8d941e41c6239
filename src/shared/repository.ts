// The grammar of repository names in the OCI distribution specification 1.1, "Pulling manifests".
const NAME = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const LONGEST = 255

/** The project that a repository is in, by its full name: `project/repository`. */
export function projectOf(repository: string): string {
  return repository.slice(0, repository.indexOf('/'))
}

/** Whether registries take this as the name of a repository. */
export function isRepositoryName(name: string): boolean {
  return name.length <= LONGEST && NAME.test(name)
}
