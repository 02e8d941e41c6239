import * as v from 'valibot'
import { readEvent, type Event, type Payload } from './event.ts'
import type { PullRequest } from './pull-request.ts'
import { fullName, ref, sha } from './values.ts'

/** A run of a workflow of GitHub Actions, on github.com or a GitHub Enterprise Server. */
export interface Run {
  /** `owner/name`. */
  readonly repository: string
  /** What the workflow runs on; for `pull_request` the test merge of the pull request with its base. */
  readonly sha: string
  readonly ref: string
  readonly id: number
  /** From 1; more when it was run again. */
  readonly attempt: number
  /** Its page. */
  readonly url: string
  /** Who started this attempt. */
  readonly actor: string
  /** Where the API is, without a slash at the end. */
  readonly apiUrl: string
  /** The folder that repositories are checked out to. */
  readonly workspace: string
  readonly event: Event
}

/** Where a run was started: not by GitHub Actions; by it, or by something that isn't quite like it. */
export type ParsedRun = { readonly run: Run } | { readonly problem: string } | undefined

type Variables = Readonly<Record<string, string | undefined>>

/**
 * What the runner says of the run (https://docs.github.com/en/actions/reference/workflows-and-actions/variables).
 *
 * @param payload what is in the file that GITHUB_EVENT_PATH names
 * @returns undefined where this isn't GitHub Actions; the variable that is wrong where it only says so
 */
export function parseRun(variables: Variables, payload: Payload): ParsedRun {
  if (variables['GITHUB_ACTIONS'] !== 'true') return undefined
  const parsed = v.safeParse(VARIABLES, variables, { abortEarly: true })
  if (!parsed.success) {
    const [issue] = parsed.issues
    const variable = v.getDotPath(issue) ?? ''
    const is = variables[variable] === undefined ? 'is not set' : `is ${issue.message}`
    return { problem: `${variable} ${is}, though GITHUB_ACTIONS says that this is a workflow of GitHub’s` }
  }
  const known = parsed.output
  const { GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id, GITHUB_RUN_ATTEMPT: attempt } = known
  const page = `${known.GITHUB_SERVER_URL}/${repository}/actions/runs/${id}`
  return {
    run: {
      repository,
      sha: known.GITHUB_SHA,
      ref: known.GITHUB_REF,
      id,
      attempt,
      url: attempt === 1 ? page : `${page}/attempts/${attempt}`,
      actor: known.GITHUB_TRIGGERING_ACTOR || known.GITHUB_ACTOR,
      apiUrl: known.GITHUB_API_URL,
      workspace: known.GITHUB_WORKSPACE,
      event: readEvent(known.GITHUB_EVENT_NAME, known.GITHUB_REF, payload),
    },
  }
}

/** The pull request that a run is for. */
export function pullRequestOf({ event }: Run): PullRequest | undefined {
  return event.name === 'pull_request' || event.name === 'pull_request_target' ? event.pull : undefined
}

const count = v.pipe(
  v.string(),
  v.regex(/^[1-9]\d{0,15}$/, 'no number'),
  v.transform(Number),
  v.safeInteger('no number'),
)

/** The token goes there: scheme, host and path, and nothing that would end up in messages. */
const address = v.pipe(
  v.string(),
  v.check((text) => {
    if (!URL.canParse(text)) return false
    const { protocol, username, password, search, hash } = new URL(text)
    return /^https?:$/.test(protocol) && username + password + search + hash === ''
  }, 'no address of a server'),
  v.transform((text) => text.replace(/\/+$/, '')),
)

const VARIABLES = v.object({
  GITHUB_REPOSITORY: fullName,
  GITHUB_SHA: sha,
  GITHUB_REF: ref,
  GITHUB_RUN_ID: count,
  GITHUB_RUN_ATTEMPT: v.optional(count, '1'),
  GITHUB_EVENT_NAME: v.pipe(v.string(), v.regex(/^\w+$/, 'no name of an event')),
  GITHUB_ACTOR: v.optional(v.string(), ''),
  GITHUB_TRIGGERING_ACTOR: v.optional(v.string(), ''),
  GITHUB_WORKSPACE: v.optional(v.string(), ''),
  GITHUB_SERVER_URL: address,
  GITHUB_API_URL: address,
})
