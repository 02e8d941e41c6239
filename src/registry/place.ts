/** Where images are copied to: a registry, and what goes in front of the names of repositories there. */
export interface Place {
  /** Scheme, host and port: registries have their API at the root (OCI distribution specification 1.1, "Endpoints"). */
  readonly origin: string
  /** As it is in references to images: `mirror.example:5000/backup/`. */
  readonly prefix: string
  /** A repository's name for the API, by the name that it has under the prefix. */
  readonly nameOf: (repository: string) => string
}

/** @param url `mirror-registry`, without a slash at the end: the path is the prefix, not a part of the API's address */
export function placeOf(url: string): Place {
  const { origin, host, pathname } = new URL(url)
  const folders = pathname.split('/').filter((folder) => folder !== '')
  const folder = folders.map((name) => `${name}/`).join('')
  return { origin, prefix: `${host}/${folder}`, nameOf: (repository) => folder + repository }
}
