import { pathInRepository } from '../github/path.ts'
import type { PullRequest } from '../github/pull-request.ts'
import { pullRequestOf } from '../github/run.ts'
import { putComment } from '../github/sticky.ts'
import type { Settings } from '../inputs/settings.ts'
import { renderComment, type Comment } from '../report/comment.ts'
import { commentKey, isLater, markerLine, readMarker, type Marker } from '../report/marker.ts'
import type { Instant } from '../shared/instant.ts'
import type { Host } from '../shells/host.ts'
import type { OnGitHub } from './on-github.ts'
import { proposalOf, type Proposal } from './proposal.ts'

/** What a comment says that isn't known beforehand. */
export type Said = Pick<Comment, 'status' | 'edit' | 'plan' | 'problems' | 'expires'>

/** The comment on the pull request that a plan is made for. */
export class Discussion {
  readonly proposal: Proposal
  readonly #pull: PullRequest
  readonly #github: OnGitHub
  readonly #settings: Settings
  readonly #host: Host

  private constructor(
    { pull, proposal }: { readonly pull: PullRequest; readonly proposal: Proposal },
    github: OnGitHub,
    settings: Settings,
    host: Host,
  ) {
    this.#pull = pull
    this.proposal = proposal
    this.#github = github
    this.#settings = settings
    this.#host = host
  }

  /** Undefined where there is none to take part in: no pull request, no token, or no comment is wanted. */
  static async begin(
    github: OnGitHub | undefined,
    settings: Settings,
    host: Host,
  ): Promise<Discussion | undefined> {
    if (settings.comment === 'never') return undefined
    const { run } = host
    if (run?.event.name === 'unreadable') host.warn(`no pull request is told of this plan: ${run.event.why}`)
    const pull = run && pullRequestOf(run)
    if (pull === undefined) return undefined
    if (github === undefined) {
      host.warn('the pull request is not told what it changes: `github-token` is empty')
      return undefined
    }
    const proposal = await proposalOf(github, settings)
    return new Discussion({ pull, proposal }, github, settings, host)
  }

  /** Has the comment say it, or warns why it can't: nothing else depends on it. */
  async say(said: Said, now: Instant): Promise<void> {
    const { harbor, comment } = this.#settings
    const { run, github } = this.#github
    const marker = await this.#marker(said)
    const body = renderComment({
      marker: markerLine(marker),
      harbor: URL.canParse(harbor.url) ? new URL(harbor.url).host : '',
      now,
      commit: this.#pull.head.sha,
      run: { words: `run ${run.id}`, url: run.url },
      ...said,
    })
    const isWanted = comment === 'always' || this.proposal.kind !== 'untouched'
    const put = await putComment(github, this.#pull.number, {
      isIt: (text) => readMarker(text)?.key === marker.key,
      text: (text) => {
        if (text === undefined) return isWanted ? body : undefined
        const there = readMarker(text)
        return there !== undefined && isLater(there, marker) ? undefined : body
      },
    })
    if (put.kind === 'failed') {
      this.#host.warn(
        `the comment on ${this.#pull.url} could not be written; the job summary has all of it: ${put.why}`,
      )
    } else if (put.kind !== 'left') {
      this.#host.say(`comment ${put.kind}: ${put.url}`)
      for (const note of put.notes) this.#host.say(note)
    }
  }

  async #marker({ status, plan }: Said): Promise<Marker> {
    const { policy, harbor } = this.#settings
    const { run } = this.#github
    return {
      key: commentKey((await pathInRepository(policy, run.workspace)) ?? policy, harbor.url),
      state: status.state,
      plan: plan?.plan.id ?? null,
      head: this.#pull.head.sha,
      base: this.proposal.commit,
      run: run.id,
      attempt: run.attempt,
    }
  }
}
