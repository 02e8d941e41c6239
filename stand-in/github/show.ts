// How GitHub's answers tell of what there is (https://github.com/github/rest-api-description, api.github.com).
import type { Account, Approval, Comment, Commit, Pull } from './model.ts'
import type { Repository } from './repository.ts'

const WEB = 'https://github.com'

export function userJson(account: Account | null, api: string): unknown {
  if (account === null) return null
  const { login, id, type } = account
  const url = `${api}/users/${encodeURIComponent(login)}`
  return {
    login,
    id,
    node_id: `U_${id}`,
    avatar_url: `https://avatars.githubusercontent.com/u/${id}?v=4`,
    gravatar_id: '',
    url,
    html_url: `${WEB}/${login}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type,
    user_view_type: 'public',
    site_admin: false,
  }
}

export function commentJson(repository: Repository, comment: Comment, api: string): unknown {
  const { id, number, author, body } = comment
  const url = `${api}/repos/${repository.fullName}/issues/comments/${id}`
  return {
    url,
    html_url: `${WEB}/${repository.fullName}/pull/${number}#issuecomment-${id}`,
    issue_url: `${api}/repos/${repository.fullName}/issues/${number}`,
    id,
    node_id: `IC_${id}`,
    user: userJson(author, api),
    created_at: timeOf(comment.createdAt),
    updated_at: timeOf(comment.updatedAt),
    body,
    author_association: author?.type === 'Bot' ? 'NONE' : 'CONTRIBUTOR',
    pin: null,
    reactions: { url: `${url}/reactions`, total_count: 0, '+1': 0, '-1': 0 },
    performed_via_github_app:
      author?.type === 'Bot' ? { id: 1, slug: author.login.replace('[bot]', '') } : null,
  }
}

export function pullJson(repository: Repository, pull: Pull, api: string, whole: boolean): unknown {
  const url = `${api}/repos/${repository.fullName}/pulls/${pull.number}`
  const [owner = ''] = repository.fullName.split('/')
  const merged = pull.mergedAt !== null
  const head = pull.headRepository
  return {
    url,
    id: repository.id * 100 + pull.number,
    node_id: `PR_${pull.number}`,
    html_url: `${WEB}/${repository.fullName}/pull/${pull.number}`,
    issue_url: `${api}/repos/${repository.fullName}/issues/${pull.number}`,
    number: pull.number,
    state: merged ? 'closed' : 'open',
    locked: pull.locked,
    title: `Change ${pull.headBranch}`,
    user: userJson(pull.author, api),
    body: null,
    closed_at: merged ? timeOf(pull.mergedAt ?? 0) : null,
    merged_at: merged ? timeOf(pull.mergedAt ?? 0) : null,
    merge_commit_sha: pull.mergeCommit,
    draft: false,
    head: {
      label: `${head?.split('/')[0] ?? 'unknown repository'}:${pull.headBranch}`,
      ref: pull.headBranch,
      sha: pull.headSha,
      user: head === null ? null : userJson(pull.author, api),
      repo: head === null ? null : { id: repository.id, full_name: head, fork: head !== repository.fullName },
    },
    base: {
      label: `${owner}:${pull.base}`,
      ref: pull.base,
      sha: pull.baseSha,
      repo: { id: repository.id, full_name: repository.fullName, fork: false },
    },
    ...(whole ? { merged, mergeable: merged ? null : true, comments: 0, commits: 1 } : {}),
  }
}

export function commitJson(repository: Repository, { sha, parents, message }: Commit, api: string): unknown {
  const url = (id: string): string => `${api}/repos/${repository.fullName}/git/commits/${id}`
  const page = (id: string): string => `${WEB}/${repository.fullName}/commit/${id}`
  const by = { name: 'Jo', email: 'jo@example.com', date: '2026-11-21T08:00:00Z' }
  return {
    sha,
    node_id: `C_${sha}`,
    url: url(sha),
    html_url: page(sha),
    author: by,
    committer: by,
    tree: { sha, url: `${api}/repos/${repository.fullName}/git/trees/${sha}` },
    message,
    parents: parents.map((parent) => ({ sha: parent, url: url(parent), html_url: page(parent) })),
    verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
  }
}

export function approvalJson({ environments, state, by, comment }: Approval, api: string): unknown {
  return {
    state,
    comment,
    environments: environments.map((name, index) => ({
      id: index + 1,
      node_id: `EN_${index + 1}`,
      name,
      created_at: '2026-11-21T08:00:00Z',
      updated_at: '2026-11-21T08:00:00Z',
    })),
    user: userJson(by, api),
  }
}

/** GitHub's times have no fractions of a second. */
function timeOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z')
}
