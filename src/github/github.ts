import * as v from 'valibot'
import type { Api } from './api.ts'
import { GitHubError } from './errors.ts'
import { pullRequest, type PullRequest } from './pull-request.ts'
import {
  approval,
  comment,
  commit,
  comparison,
  content,
  viewer,
  type Approval,
  type Comment,
} from './schemas.ts'

/** Permissions of a token, as a workflow writes them. */
const CONTENTS = 'contents: read'
const PULL_REQUESTS = 'pull-requests: read'
const COMMENTS = 'pull-requests: write'
const ACTIONS = 'actions: read'

/** What is asked of GitHub about one repository. Every method throws GitHubError. */
export class GitHub {
  readonly #api: Api
  readonly #repository: string

  /** @param repository `owner/name` */
  constructor(api: Api, repository: string) {
    this.#api = api
    this.#repository = `/repos/${repository}`
  }

  /**
   * Whose token it is, by the name that comments of it have: `github-actions[bot]` for a job's own, `name[bot]` for
   * an app's, a user. Asked of GraphQL: `GET /user` answers 403 to the tokens of apps, of which a job's is one.
   */
  async whoami(): Promise<string> {
    const { data, errors } = await this.#api.query('query { viewer { login } }', viewer)
    if (data !== null) return data.viewer.login
    const message = `does not say whose token it is (${errors.map((error) => error.message).join(': ')})`
    throw new GitHubError('unexpected', message, { method: 'POST', path: 'graphql', status: 200 })
  }

  /** All comments of a pull request's conversation, the oldest first. */
  async comments(number: number): Promise<readonly Comment[]> {
    const path = `${this.#repository}/issues/${number}/comments?per_page=100`
    const all = await this.#api.readAll(path, v.array(comment), COMMENTS)
    return all.toSorted((a, b) => a.id - b.id)
  }

  /** Sent once: after an error that isn't clear (`isUnclear`), look whether it is there. */
  addComment(number: number, text: string): Promise<Comment> {
    const path = `${this.#repository}/issues/${number}/comments`
    const body = { body: text }
    return this.#api.change({ method: 'POST', path, body, needs: COMMENTS, again: false }, comment)
  }

  editComment(id: number, text: string): Promise<Comment> {
    const path = `${this.#repository}/issues/comments/${id}`
    const body = { body: text }
    return this.#api.change({ method: 'PATCH', path, body, needs: COMMENTS, again: true }, comment)
  }

  /** Does nothing where there is none any more. */
  async removeComment(id: number): Promise<void> {
    try {
      await this.#api.remove(`${this.#repository}/issues/comments/${id}`, COMMENTS)
    } catch (error) {
      if (!(error instanceof GitHubError) || error.trouble !== 'absent') throw error
    }
  }

  /**
   * A file's bytes at a commit (https://docs.github.com/en/rest/repos/contents): up to 1 MB as base64, up to 100 MB
   * raw. A symbolic link to a file is that file.
   *
   * @param path in the repository, by slashes
   * @param at a commit's id
   * @returns undefined where there is no such file at that commit: GitHub answers 404 to who may not see it, too, so
   * that the commit is asked for then
   */
  async fileAt(path: string, at: string): Promise<Buffer | undefined> {
    const encoded = path
      .split('/')
      .map((part) => encodeURIComponent(part))
      .join('/')
    const where = `${this.#repository}/contents/${encoded}?ref=${encodeURIComponent(at)}`
    try {
      const found = await this.#api.read(where, content, CONTENTS)
      if (!('content' in found)) throw odd(where, `is a ${found.type} at ${at}, no file`)
      if (found.encoding !== 'base64') return await this.#api.readRaw(where, CONTENTS)
      const bytes = Buffer.from(found.content, 'base64')
      if (bytes.length === found.size) return bytes
      throw odd(where, `came with ${bytes.length} bytes instead of ${found.size}`)
    } catch (error) {
      if (!(error instanceof GitHubError) || error.trouble !== 'absent') throw error
      await this.parentsOf(at)
      return undefined
    }
  }

  /** The commits that a commit was made from: the first is what a merge was made into. */
  async parentsOf(id: string): Promise<readonly string[]> {
    const { parents } = await this.#api.read(`${this.#repository}/git/commits/${id}`, commit, CONTENTS)
    return parents.map((parent) => parent.sha)
  }

  /** Where a commit left a branch. */
  async mergeBase(branch: string, id: string): Promise<string> {
    const range = `${encodeURIComponent(branch)}...${encodeURIComponent(id)}`
    // The first page alone has the files with their changes, which nobody asks for here.
    const path = `${this.#repository}/compare/${range}?per_page=1&page=2`
    const { merge_base_commit: base } = await this.#api.read(path, comparison, CONTENTS)
    return base.sha
  }

  /** Who said what when a run waited for an approval, in every attempt of it. */
  approvalsOf(runId: number): Promise<readonly Approval[]> {
    const path = `${this.#repository}/actions/runs/${runId}/approvals`
    return this.#api.read(path, v.array(approval), ACTIONS)
  }

  /**
   * The pull request that a branch has a commit from.
   *
   * @param id what was pushed
   * @param branch what it was pushed to
   * @returns undefined when it was pushed by itself, or with several
   */
  async mergedBy(id: string, branch: string): Promise<PullRequest | undefined> {
    const path = `${this.#repository}/commits/${id}/pulls?per_page=100`
    const all = await this.#api.readAll(path, v.array(pullRequest), PULL_REQUESTS)
    const merged = all.filter((pull) => pull.merged && pull.base.ref === branch)
    const [only, ...others] = merged.filter(({ mergeCommit }) => mergeCommit === id)
    if (only !== undefined && others.length === 0) return only
    return merged.length === 1 ? merged[0] : undefined
  }
}

function odd(path: string, message: string): GitHubError {
  return new GitHubError('unexpected', message, { method: 'GET', path, status: 200 })
}
