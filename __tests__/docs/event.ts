// What starts a workflow, with as much of its payload as anything asks for.
import type { Pull } from '../../stand-in/github/model.ts'

export const REPOSITORY = 'example/registry'

export interface Event {
  readonly name: string
  readonly payload?: Readonly<Record<string, unknown>>
  readonly ref?: string
  /** The tip of main unless given. */
  readonly sha?: string
  readonly inputs?: Readonly<Record<string, string | boolean>>
  /** Of a pull request: the tip of its branch, and whose that is. */
  readonly head?: string
  readonly from?: string
}

export const SCHEDULE: Event = { name: 'schedule' }

export function dispatch(inputs: Readonly<Record<string, string | boolean>>): Event {
  return { name: 'workflow_dispatch', inputs }
}

/** Of a merge, too. */
export function push(sha: string, before: string): Event {
  return { name: 'push', sha, payload: { before, after: sha, ref: 'refs/heads/main' } }
}

export function pullRequest(pull: Pull): Event {
  const { number, mergeCommit, headSha, headBranch, headRepository, base, baseSha } = pull
  const from = headRepository ?? REPOSITORY
  return {
    name: 'pull_request',
    sha: mergeCommit ?? '',
    ref: `refs/pull/${number}/merge`,
    head: headSha,
    from,
    payload: {
      action: 'synchronize',
      number,
      pull_request: {
        number,
        html_url: `https://github.com/${REPOSITORY}/pull/${number}`,
        merged: false,
        merge_commit_sha: mergeCommit,
        base: { ref: base, sha: baseSha, repo: { full_name: REPOSITORY } },
        head: { ref: headBranch, sha: headSha, repo: { full_name: from } },
      },
    },
  }
}
