import type { Instant } from '../shared/instant.ts'

/** A content digest as registries write it: `sha256:` and 64 hexadecimal digits. */
export type Digest = string

/** What a crawl read of a Harbor. */
export interface Inventory {
  /** The projects in scope, by name. */
  readonly projects: readonly Project[]
  /** The repositories that were read to their end, by name. */
  readonly repositories: readonly Repository[]
  /** What could not be read. With any, nothing may be deleted by this inventory. */
  readonly failures: readonly Failure[]
}

export interface Project {
  readonly name: string
  /** A cache of another registry; nothing of it is read. */
  readonly proxyCache: boolean
}

export interface Failure {
  /** What was being read: a project, a repository. */
  readonly where: string
  /** What happened and what to do about it. */
  readonly message: string
}

export interface Repository {
  /** The full name: `project/repository`. */
  readonly name: string
  readonly project: string
  /** Every artifact but accessories, an index's children too, by digest. */
  readonly artifacts: readonly Artifact[]
  /** Digests that cosign's tags or indexes name, and that Harbor says it doesn't have. */
  readonly absent: ReadonlySet<Digest>
  /** Of the artifacts, those that no list of Harbor's has: only who looks for orphans knows of them. */
  readonly unlisted?: ReadonlySet<Digest>
}

/** A manifest in a repository. Fields are null where the crawl didn't read or Harbor didn't say: unknown. */
export interface Artifact {
  readonly digest: Digest
  /** IMAGE, CHART, …: Harbor's word. */
  readonly type: string
  /** Bytes of the manifest and what it references; of an index, the sum over its children. */
  readonly size: number
  readonly pushed: Instant
  /** The last pull of it or, for an index, of one of its children; null: never pulled. */
  readonly pulled: Instant | null
  /** When it was built. */
  readonly created: Instant | null
  /** `os/architecture[/variant]`; of an index, its children's. `/?` stands for a variant that isn't known. */
  readonly platforms: readonly string[] | null
  readonly labels: readonly string[] | null
  readonly tags: readonly Tag[]
  /** Digests of an index's children; empty for anything else. */
  readonly children: readonly Digest[]
  readonly accessories: readonly Accessory[] | null
}

export interface Tag {
  readonly name: string
  /** When it came to stand on this artifact. */
  readonly pushed: Instant
  readonly pulled: Instant | null
  /** Matched by an immutable rule of its project; null: unknown. */
  readonly immutable: boolean | null
}

/** A signature, SBOM or other referrer that Harbor keeps with its subject and deletes with it. */
export interface Accessory {
  readonly digest: Digest
  /** What it is about: an artifact, or another accessory. */
  readonly subject: Digest
  /**
   * `signature.cosign`, `signature.notation`, `sbom.harbor`, `subject.accessory`, …: Harbor's word; null where this
   * Harbor has the same word for signatures and others.
   */
  readonly type: string | null
  readonly size: number
  /** Tags that stand on it; null where they weren't read. */
  readonly tags: readonly Tag[] | null
  /** Digests of its children: it can be an index. Null where they weren't read. */
  readonly children: readonly Digest[] | null
}

/**
 * What is to be read of an artifact before it is touched: `again`: all of it, and what hangs on it; `hanging`: what hangs
 * on its accessories, which no list has.
 */
export type Question = 'again' | 'hanging'

/** What a manifest takes up: itself, and the blobs that it references. */
export interface ManifestContent {
  readonly size: number
  readonly blobs: readonly { readonly digest: Digest; readonly size: number }[]
}
