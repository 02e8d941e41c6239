import { GitHubError } from '../github/errors.ts'
import type { Approved } from '../report/applied.ts'
import type { Host } from '../shells/host.ts'
import type { OnGitHub } from './on-github.ts'

/** The approvals that a run was given; none where nobody had to, or where that can't be found out, which is said. */
export async function approvalsOf(on: OnGitHub | undefined, host: Host): Promise<readonly Approved[]> {
  if (on === undefined) return []
  try {
    const all = await on.github.approvalsOf(on.run.id)
    return all
      .filter(({ state }) => state === 'approved')
      .map(({ by, words, environments }) => ({ by, words, environments }))
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error
    host.say(`who approved this is not known: ${error.message}`)
    return []
  }
}
