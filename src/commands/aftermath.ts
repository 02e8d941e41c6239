import { GitHubError } from '../github/errors.ts'
import { pathInRepository } from '../github/path.ts'
import { putComment } from '../github/sticky.ts'
import type { Settings } from '../inputs/settings.ts'
import type { Link } from '../report/link.ts'
import { commentKey, readMarker, withMarker } from '../report/marker.ts'
import { withStatus, type Status } from '../report/status.ts'
import type { Host } from '../shells/host.ts'
import type { OnGitHub } from './on-github.ts'

/** What became of a plan after the merge. */
export type Aftermath = Extract<
  Status,
  { state: 'superseded' | 'waiting' | 'applying' | 'applied' | 'failed' }
>

/**
 * Tells the pull request whose merge a run was started by: its comment, if it has one, gets another status. Nothing
 * depends on it; what can't be done is said, and that is all.
 *
 * @param status made with a link to the run
 */
export async function tellMerged(
  on: OnGitHub | undefined,
  { policy, harbor, comment }: Settings,
  host: Host,
  status: (run: Link) => Aftermath,
): Promise<void> {
  if (on === undefined || comment === 'never') return
  const { run, github } = on
  const { event } = run
  if (event.name !== 'push' || event.branch === null || event.after === null) return
  try {
    const pull = await github.mergedBy(event.after, event.branch)
    if (pull === undefined) return
    const key = commentKey((await pathInRepository(policy, run.workspace)) ?? policy, harbor.url)
    const said = status({ words: `run ${run.id}`, url: run.url })
    const put = await putComment(github, pull.number, {
      isIt: (text) => readMarker(text)?.key === key,
      text: (text) => (text === undefined ? undefined : retold(text, said, run)),
    })
    if (put.kind === 'failed') host.say(`${pull.url} is not told: ${put.why}`)
    else if (put.kind === 'updated') host.say(`comment updated: ${put.url}`)
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error
    host.say(`the pull request that was merged is not told: ${error.message}`)
  }
}

/** The comment with another status, and with a marker that says so. */
function retold(text: string, status: Aftermath, { id, attempt }: OnGitHub['run']): string {
  const marker = readMarker(text)
  if (marker === undefined) return text
  const plan = 'planId' in status ? status.planId : marker.plan
  return withMarker(withStatus(text, status), { ...marker, state: status.state, plan, run: id, attempt })
}
