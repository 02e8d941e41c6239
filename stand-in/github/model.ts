// What the stand-in GitHub knows of.

export interface Account {
  readonly login: string
  readonly id: number
  readonly type: 'User' | 'Bot' | 'Organization'
}

/** Permissions that a job or an app can have, named as GitHub's headers do. */
export type Permission = 'contents' | 'issues' | 'pull_requests' | 'actions'
export type Rights = Readonly<Partial<Record<Permission, 'read' | 'write'>>>

export interface Token {
  readonly owner: Account
  /** An app's, of which a job's own is one, or a user's (fine-grained). */
  readonly kind: 'app' | 'user'
  readonly rights: Rights
  /** Full names, in lower case: others aren't seen unless they are public. */
  readonly repositories: ReadonlySet<string>
  readonly limit: Limit
}

/** The primary limit on requests; `resetAt` is in seconds since 1970. */
export interface Limit {
  most: number
  left: number
  resetAt: number
}

export interface Comment {
  readonly id: number
  readonly number: number
  readonly author: Account | null
  body: string
  readonly createdAt: number
  updatedAt: number
}

export type Entry =
  | { readonly kind: 'file'; readonly bytes: Buffer }
  | { readonly kind: 'symlink'; readonly target: string }
  | { readonly kind: 'submodule'; readonly commit: string }

export interface Commit {
  readonly sha: string
  readonly parents: readonly string[]
  readonly files: ReadonlyMap<string, Entry>
  readonly message: string
}

export interface Pull {
  readonly number: number
  readonly author: Account
  readonly base: string
  /** What the base branch was when it was opened or pushed to: GitHub doesn't keep it up. */
  baseSha: string
  headSha: string
  readonly headBranch: string
  /** Null when the repository was deleted. */
  headRepository: string | null
  locked: boolean
  /** The test merge, or what merged it. */
  mergeCommit: string | null
  mergedAt: number | null
}

export interface Approval {
  readonly environments: readonly string[]
  readonly state: 'approved' | 'rejected' | 'pending'
  readonly by: Account | null
  readonly comment: string
}
