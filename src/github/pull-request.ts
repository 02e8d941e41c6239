import * as v from 'valibot'
import { fullName, number, ref, sha, url } from './values.ts'

/** A pull request, as an event or the API tells of it. */
export interface PullRequest {
  readonly number: number
  /** Its page. */
  readonly url: string
  readonly merged: boolean
  /** The commit that merged it, or would as a test; null where GitHub hasn't made one. */
  readonly mergeCommit: string | null
  readonly base: { readonly repository: string; readonly ref: string; readonly sha: string }
  /** What it wants to have merged. The repository, `owner/name`, is null when it was deleted. */
  readonly head: { readonly repository: string | null; readonly ref: string; readonly sha: string }
}

/** The API's lists have no `merged`, but `merged_at`. */
export const pullRequest = v.pipe(
  v.object({
    number,
    html_url: url,
    merged: v.nullish(v.boolean()),
    merged_at: v.nullish(v.string()),
    merge_commit_sha: v.nullish(sha, null),
    base: v.object({ ref, sha, repo: v.object({ full_name: fullName }) }),
    head: v.object({ ref, sha, repo: v.nullish(v.object({ full_name: fullName }), null) }),
  }),
  v.transform((pull): PullRequest => ({
    number: pull.number,
    url: pull.html_url,
    merged: pull.merged ?? (pull.merged_at ?? '') !== '',
    mergeCommit: pull.merge_commit_sha,
    base: { repository: pull.base.repo.full_name, ref: pull.base.ref, sha: pull.base.sha },
    head: { repository: pull.head.repo?.full_name ?? null, ref: pull.head.ref, sha: pull.head.sha },
  })),
)

/** Whether it comes from another repository, where others may push; nobody knows of one that was deleted. */
export function isFromFork({ base, head }: PullRequest): boolean {
  return head.repository?.toLowerCase() !== base.repository.toLowerCase()
}
