/** The API path of a project. */
export function projectPath(project: string): string {
  return `/api/v2.0/projects/${encodeURIComponent(project)}`
}

/**
 * The API path of a repository by its full name. The slashes in its name are encoded twice: Harbor's router decodes
 * once, its handlers again (src/server/v2.0/handler, unescapePathParams).
 */
export function repositoryPath(repository: string): string {
  const slash = repository.indexOf('/')
  const name = encodeURIComponent(encodeURIComponent(repository.slice(slash + 1)))
  return `${projectPath(repository.slice(0, slash))}/repositories/${name}`
}
