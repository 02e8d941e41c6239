// A repository of the stand-in GitHub: commits with whole trees, branches, pull requests, comments.
import { createHash } from 'node:crypto'
import type { Account, Approval, Comment, Commit, Entry, Pull } from './model.ts'

/** What a commit changes: the new content, or null to take the file away. */
export type Changes = Readonly<Record<string, string | Buffer | Entry | null>>

export class Repository {
  readonly fullName: string
  readonly id: number
  readonly isPrivate: boolean
  readonly defaultBranch = 'main'
  archived = false
  readonly branches = new Map<string, string>()
  readonly pulls = new Map<number, Pull>()
  readonly comments: Comment[] = []
  /** By run. */
  readonly approvals = new Map<number, Approval[]>()
  readonly #commits = new Map<string, Commit>()
  readonly #clock: () => number
  #lastPull = 0
  #lastComment: number

  constructor(
    fullName: string,
    {
      id,
      isPrivate,
      clock,
    }: { readonly id: number; readonly isPrivate: boolean; readonly clock: () => number },
  ) {
    this.fullName = fullName
    this.id = id
    this.isPrivate = isPrivate
    this.#clock = clock
    // Numbers of comments are GitHub's, not the repository's.
    this.#lastComment = id * 1000
    this.branches.set(this.defaultBranch, this.#store([], new Map(), 'Begin').sha)
  }

  /** Commits to a branch, which begins at the default branch if it is new. */
  commit(branch: string, changes: Changes, message = 'Change'): string {
    const parent = this.branches.get(branch) ?? this.tip(this.defaultBranch)
    const files = new Map(this.commitAt(parent)?.files)
    for (const [path, change] of Object.entries(changes)) {
      if (change === null) files.delete(path)
      else files.set(path, entryOf(change))
    }
    const { sha } = this.#store([parent], files, message)
    this.branches.set(branch, sha)
    return sha
  }

  tip(branch: string): string {
    const sha = this.branches.get(branch)
    if (sha === undefined) throw new Error(`no branch ${branch}`)
    return sha
  }

  commitAt(sha: string): Commit | undefined {
    return this.#commits.get(sha)
  }

  /** A branch, a commit, or what GitHub keeps for a pull request. */
  resolve(ref: string): Commit | undefined {
    const branch = this.branches.get(ref.replace(/^refs\/heads\//, ''))
    if (branch !== undefined) return this.#commits.get(branch)
    const [, number, which] = /^refs\/pull\/(\d+)\/(head|merge)$/.exec(ref) ?? []
    const pull = this.pulls.get(Number(number))
    const sha = which === 'merge' ? pull?.mergeCommit : pull?.headSha
    return this.#commits.get(sha ?? ref)
  }

  openPull(
    branch: string,
    {
      author,
      from = this.fullName,
      base = this.defaultBranch,
    }: { readonly author: Account; readonly from?: string; readonly base?: string },
  ): Pull {
    this.#lastPull += 1
    const pull: Pull = {
      number: this.#lastPull,
      author,
      base,
      baseSha: this.tip(base),
      headSha: this.tip(branch),
      headBranch: branch,
      headRepository: from,
      locked: false,
      mergeCommit: null,
      mergedAt: null,
    }
    this.pulls.set(pull.number, pull)
    this.testMerge(pull.number)
    return pull
  }

  /** Makes the commit that a workflow of `pull_request` runs on: the head merged into the base branch as it is now. */
  testMerge(number: number): string {
    const pull = this.pull(number)
    const into = this.tip(pull.base)
    const merge = this.#store(
      [into, pull.headSha],
      this.#merged(into, pull.headSha),
      `Merge ${pull.headSha} into ${into}`,
    )
    pull.mergeCommit = merge.sha
    return merge.sha
  }

  merge(number: number, how: 'merge' | 'squash' = 'merge'): string {
    const pull = this.pull(number)
    const into = this.tip(pull.base)
    const parents = how === 'merge' ? [into, pull.headSha] : [into]
    const message = `Merge pull request #${number} from ${pull.headBranch}`
    const { sha } = this.#store(parents, this.#merged(into, pull.headSha), message)
    this.branches.set(pull.base, sha)
    pull.mergeCommit = sha
    pull.mergedAt = this.#clock()
    return sha
  }

  pull(number: number): Pull {
    const pull = this.pulls.get(number)
    if (pull === undefined) throw new Error(`no pull request ${number}`)
    return pull
  }

  comment(number: number, author: Account | null, body: string): Comment {
    this.#lastComment += 1
    const now = this.#clock()
    const comment = { id: this.#lastComment, number, author, body, createdAt: now, updatedAt: now }
    this.comments.push(comment)
    return comment
  }

  removeComment(id: number): void {
    const index = this.comments.findIndex((comment) => comment.id === id)
    if (index !== -1) this.comments.splice(index, 1)
  }

  /** All commits that one is made from, itself among them, the near ones first. */
  history(sha: string): readonly string[] {
    const seen = new Set<string>()
    let generation = [sha]
    while (generation.length > 0) {
      for (const one of generation) seen.add(one)
      const parents = generation.flatMap((one) => this.#commits.get(one)?.parents ?? [])
      generation = parents.filter((parent) => !seen.has(parent))
    }
    return [...seen]
  }

  mergeBase(a: string, b: string): string | undefined {
    const ofA = new Set(this.history(a))
    return this.history(b).find((sha) => ofA.has(sha))
  }

  /** File by file: what the one side changed since the merge base, else what the other has. */
  #merged(into: string, head: string): ReadonlyMap<string, Entry> {
    const ours = this.#files(into)
    const theirs = this.#files(head)
    const before = this.#files(this.mergeBase(into, head) ?? '')
    const merged = new Map<string, Entry>()
    for (const path of new Set([...ours.keys(), ...theirs.keys()])) {
      const changed = textOf(theirs.get(path)) !== textOf(before.get(path))
      const entry = changed ? theirs.get(path) : ours.get(path)
      if (entry !== undefined) merged.set(path, entry)
    }
    return merged
  }

  #files(sha: string): ReadonlyMap<string, Entry> {
    return this.#commits.get(sha)?.files ?? new Map<string, Entry>()
  }

  #store(parents: readonly string[], files: ReadonlyMap<string, Entry>, message: string): Commit {
    const tree = [...files].map(([path, entry]) => `${path} ${textOf(entry)}`)
    const nth = this.#commits.size
    const sha = createHash('sha1')
      .update([this.fullName, nth, ...parents, ...tree].join('\n'))
      .digest('hex')
    const commit = { sha, parents, files, message }
    this.#commits.set(sha, commit)
    return commit
  }
}

function entryOf(content: string | Buffer | Entry): Entry {
  if (typeof content === 'string') return { kind: 'file', bytes: Buffer.from(content) }
  return Buffer.isBuffer(content) ? { kind: 'file', bytes: content } : content
}

function textOf(entry: Entry | undefined): string {
  if (entry === undefined) return ''
  return entry.kind === 'file' ? `file ${entry.bytes.toString('latin1')}` : JSON.stringify(entry)
}
