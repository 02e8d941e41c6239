// What has to be at a mirror for an image to be there whole: found out from what was pushed, not by what copies it.
import { bytesOf } from '../../stand-in/state/content.ts'
import { parseJson } from '../../stand-in/state/json.ts'
import type { Registry } from '../../stand-in/state/registry.ts'
import type { Storage } from './storage.ts'

interface Descriptor {
  readonly digest: string
  readonly urls?: readonly string[]
}

interface Content {
  readonly config?: Descriptor
  readonly layers?: readonly Descriptor[]
  readonly manifests?: readonly Descriptor[]
  readonly subject?: Descriptor
}

export interface Image {
  readonly repository: string
  readonly digest: string
  readonly tags: readonly string[]
}

export interface Whole {
  readonly manifests: ReadonlySet<string>
  readonly blobs: ReadonlySet<string>
  /** What each tag stands on: the image's that go along, and cosign's. */
  readonly tags: ReadonlyMap<string, string>
  /** What refers to something, by what that is. */
  readonly referrers: ReadonlyMap<string, ReadonlySet<string>>
}

/** Everything that belongs to an image, with what hangs on it and on its children, directly or not. */
export function wholeOf(registry: Registry, { repository: name, digest: image, tags }: Image): Whole {
  const repository = registry.repository(name)
  const manifests = new Set<string>()
  const blobs = new Set<string>()
  const all = new Map(tags.map((tag) => [tag, image]))
  const referrers = new Map<string, Set<string>>()
  const visit = (digest: string): void => {
    if (manifests.has(digest)) return
    manifests.add(digest)
    const { manifest, accessories } = registry.artifact(name, digest)
    const content = parseJson<Content>(bytesOf(manifest.content).toString('utf8'))
    const { config, layers = [], manifests: children = [], subject } = content
    for (const layer of config === undefined ? layers : [config, ...layers]) {
      if (layer.urls === undefined) blobs.add(layer.digest)
    }
    for (const child of children) visit(child.digest)
    for (const { artifact } of accessories) visit(artifact.digest)
    for (const kind of ['sig', 'att', 'sbom']) {
      const tag = `${digest.replace(':', '-')}.${kind}`
      const attached = repository.tags.get(tag)?.artifact
      if (attached === undefined) continue
      all.set(tag, attached.digest)
      visit(attached.digest)
    }
    if (subject !== undefined) {
      referrers.set(subject.digest, (referrers.get(subject.digest) ?? new Set<string>()).add(digest))
    }
  }
  visit(image)
  return { manifests, blobs, tags: all, referrers }
}

/** What of it a docker-registry doesn't have in a repository. */
export function lackingAt(
  storage: Storage,
  repository: string,
  { manifests, blobs, tags, referrers }: Whole,
): readonly string[] {
  return [
    ...[...manifests].filter((digest) => storage.manifest(repository, digest) === undefined),
    ...[...blobs].filter((digest) => storage.blob(repository, digest) === undefined),
    ...[...tags].filter(([tag, digest]) => storage.tag(repository, tag) !== digest).map(([tag]) => tag),
    ...[...referrers].flatMap(([subject, digests]) => {
      const listed = listedAt(storage, repository, subject)
      return [...digests]
        .filter((digest) => !listed.includes(digest))
        .map((digest) => `${digest} among the referrers of ${subject}`)
    }),
  ]
}

/** In the index that clients keep for a registry without referrers (OCI distribution specification 1.1). */
export function listedAt(storage: Storage, repository: string, subject: string): readonly string[] {
  const tag = storage.tag(repository, subject.replace(':', '-'))
  const index = tag === undefined ? undefined : storage.manifest(repository, tag)
  if (index === undefined) return []
  return (parseJson<Content>(index.toString('utf8')).manifests ?? []).map(({ digest }) => digest)
}
