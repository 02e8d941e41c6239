import * as v from 'valibot'
import { pullRequest, type PullRequest } from './pull-request.ts'
import { number, ref, sha } from './values.ts'

/** What a workflow was started by. */
export type Event =
  | {
      readonly name: 'pull_request' | 'pull_request_target'
      /** `opened`, `synchronize`, `closed`, … */
      readonly action: string
      readonly pull: PullRequest
    }
  | {
      readonly name: 'push'
      /** Null for a tag. */
      readonly branch: string | null
      /** What the branch was before; null for a new one. */
      readonly before: string | null
      /** What it is now; null for one that was deleted. */
      readonly after: string | null
    }
  | {
      readonly name: 'merge_group'
      readonly action: string
      readonly base: { readonly ref: string; readonly sha: string }
      readonly head: { readonly ref: string; readonly sha: string }
    }
  | {
      readonly name: 'issue_comment'
      readonly action: string
      readonly number: number
      readonly onPullRequest: boolean
    }
  | {
      readonly name: 'schedule'
      /** The line of cron; empty where GitHub doesn't say it. */ readonly cron: string
    }
  | { readonly name: 'workflow_dispatch' }
  /** Of which nothing is asked here. */
  | { readonly name: 'other'; readonly called: string }
  /** One of the above whose payload isn't there, or isn't what it should be. */
  | { readonly name: 'unreadable'; readonly called: string; readonly why: string }

/** What is in the file of the event's payload, or why it can't be read. */
export type Payload = { readonly text: string } | { readonly missing: string }

/**
 * The event of a run, from its payload: of what anybody can have written into a pull request only names and numbers
 * are taken, and each is checked.
 *
 * @param runRef what the workflow runs on, where the payload doesn't say it
 */
export function readEvent(called: string, runRef: string, payload: Payload): Event {
  switch (called) {
    case 'pull_request':
    case 'pull_request_target': {
      return from(called, payload, PULL_REQUEST, ({ action, pull_request: pull }) => ({
        name: called,
        action,
        pull,
      }))
    }
    case 'push': {
      return from(called, payload, PUSH, ({ before, after, ref: pushed }) => {
        const [, branch] = /^refs\/heads\/(.+)$/.exec(pushed ?? runRef) ?? []
        return { name: 'push', branch: branch ?? null, before: commit(before), after: commit(after) }
      })
    }
    case 'merge_group': {
      return from(called, payload, MERGE_GROUP, ({ action, merge_group: group }) => ({
        name: 'merge_group',
        action,
        base: { ref: group.base_ref, sha: group.base_sha },
        head: { ref: group.head_ref, sha: group.head_sha },
      }))
    }
    case 'issue_comment': {
      return from(called, payload, ISSUE_COMMENT, ({ action, issue }) => ({
        name: 'issue_comment',
        action,
        number: issue.number,
        onPullRequest: issue.pull_request !== null,
      }))
    }
    case 'schedule': {
      const event = from(called, payload, SCHEDULE, ({ schedule }) => ({ name: 'schedule', cron: schedule }))
      // Nothing depends on the line.
      return event.name === 'unreadable' ? { name: 'schedule', cron: '' } : event
    }
    case 'workflow_dispatch': {
      return { name: 'workflow_dispatch' }
    }
    default: {
      return { name: 'other', called }
    }
  }
}

function from<T>(
  called: string,
  payload: Payload,
  schema: v.GenericSchema<unknown, T>,
  event: (parsed: T) => Event,
): Event {
  const unreadable = (why: string): Event => ({
    name: 'unreadable',
    called,
    why: `the payload of the event (GITHUB_EVENT_PATH) ${why}`,
  })
  if ('missing' in payload) return unreadable(`cannot be read: ${payload.missing}`)
  const json = v.safeParse(v.pipe(v.string(), v.parseJson()), payload.text)
  if (!json.success) return unreadable('is not JSON')
  const parsed = v.safeParse(schema, json.output, { abortEarly: true })
  if (parsed.success) return event(parsed.output)
  const [issue] = parsed.issues
  const where = v.getDotPath(issue) ?? ''
  if (where === '') return unreadable('is not a mapping')
  return unreadable(
    issue.received === 'undefined' ? `lacks \`${where}\`` : `has a \`${where}\` that is ${issue.message}`,
  )
}

/** Where there is none, GitHub writes zeros. */
function commit(id: string): string | null {
  return /^0+$/.test(id) ? null : id
}

const action = v.pipe(v.string(), v.regex(/^\w+$/, 'no action'))

const PULL_REQUEST = v.object({ action, pull_request: pullRequest })

const PUSH = v.object({ before: sha, after: sha, ref: v.nullish(ref) })

const MERGE_GROUP = v.object({
  action,
  merge_group: v.object({ base_ref: ref, base_sha: sha, head_ref: ref, head_sha: sha }),
})

const ISSUE_COMMENT = v.object({
  action,
  issue: v.object({ number, pull_request: v.nullish(v.object({}), null) }),
})

const SCHEDULE = v.object({ schedule: v.string() })
