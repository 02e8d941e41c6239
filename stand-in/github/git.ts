// Commits, and the pull requests that they are from.
import type { Reply } from '../http/reply.ts'
import { json, notFound, Refusal } from './errors.ts'
import type { Pull } from './model.ts'
import { paged } from './pages.ts'
import { need, pullOf, type Asked } from './request.ts'
import { approvalJson, commitJson, pullJson } from './show.ts'

/** https://docs.github.com/en/rest/git/commits#get-a-commit-object */
export function showCommit(asked: Asked): Reply {
  need(asked, 'read', 'contents')
  const commit = asked.repository.commitAt(asked.params[0] ?? '')
  if (commit === undefined) throw notFound()
  return json(commitJson(asked.repository, commit, asked.api))
}

/** https://docs.github.com/en/rest/commits/commits#compare-two-commits: only the first page has files. */
export function compare(asked: Asked): Reply {
  need(asked, 'read', 'contents')
  const { repository, params, api, query } = asked
  const [base, head] = (params[0] ?? '').split('...').map((ref) => repository.resolve(ref))
  if (base === undefined || head === undefined) throw notFound()
  const before = repository.commitAt(repository.mergeBase(base.sha, head.sha) ?? '')
  if (before === undefined) throw new Refusal(404, `No common ancestor between ${params[0] ?? ''}.`)
  const behind = new Set(repository.history(base.sha))
  const commits = repository.history(head.sha).filter((sha) => !behind.has(sha))
  return json({
    base_commit: commitJson(repository, base, api),
    merge_base_commit: commitJson(repository, before, api),
    status: base.sha === before.sha ? 'ahead' : 'diverged',
    ahead_by: commits.length,
    total_commits: commits.length,
    commits: [],
    ...((query.get('page') ?? '1') === '1' ? { files: [{ filename: 'all of them', patch: 'long' }] } : {}),
  })
}

/**
 * https://docs.github.com/en/rest/commits/commits#list-pull-requests-associated-with-a-commit: the merged one that
 * brought the commit to the default branch; of a commit that isn't there, those that have it, open or merged.
 */
export function listPullsOf(asked: Asked): Reply {
  need(asked, 'read', 'contents', 'pull_requests')
  const { repository, params, api } = asked
  const sha = params[0] ?? ''
  if (repository.commitAt(sha) === undefined) throw new Refusal(422, `No commit found for SHA: ${sha}`)
  const isIn = ({ headSha, mergeCommit, mergedAt, baseSha }: Pull): boolean => {
    if (mergedAt !== null && mergeCommit === sha) return true
    const before = new Set(repository.history(baseSha))
    return repository.history(headSha).some((one) => one === sha && !before.has(one))
  }
  return paged(asked, [...repository.pulls.values()].filter(isIn), (pull) =>
    pullJson(repository, pull, api, false),
  )
}

/** https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request */
export function showPull(asked: Asked): Reply {
  need(asked, 'read', 'pull_requests')
  return json(pullJson(asked.repository, pullOf(asked, asked.params[0]), asked.api, true))
}

/** https://docs.github.com/en/rest/actions/workflow-runs#get-the-review-history-for-a-workflow-run */
export function listApprovals(asked: Asked): Reply {
  need(asked, 'read', 'actions')
  const approvals = asked.repository.approvals.get(Number(asked.params[0]))
  if (approvals === undefined) throw notFound()
  return json(approvals.map((approval) => approvalJson(approval, asked.api)))
}
