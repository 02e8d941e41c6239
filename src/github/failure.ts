import * as v from 'valibot'
import { formatDuration } from '../shared/duration.ts'
import type { Answer } from '../harbor/answer.ts'
import type { HarborError } from '../harbor/errors.ts'
import { CUT_SHORT, Unreachable, type Exchange } from '../harbor/errors.ts'
import { mayConnectLater } from '../harbor/unreachable.ts'
import { GitHubError, type GitHubTrouble } from './errors.ts'
import { limitOf } from './limits.ts'

/**
 * The error for an answer that says that a request failed, in GitHub's words.
 *
 * @param needs the permission that the request takes, as a workflow writes it: `pull-requests: write`
 * @param now milliseconds since 1970
 */
export function failureOf({ exchange, headers, body }: Answer, needs: string, now: number): GitHubError {
  const { status } = exchange
  const words = wordsOf(body)
  const said = `answered ${status}${words === '' ? '' : ` (${words})`}`
  const waitMs = limitOf(status, headers, words, now)
  if (waitMs !== undefined) {
    const message = `${said}; run it again in ${formatDuration(Math.max(waitMs, 60_000))}: by then there may be requests left`
    return new GitHubError('limit', message, exchange, { mayPass: true, waitMs })
  }
  if (status >= 500 || status === 408) {
    const advice = 'https://www.githubstatus.com may know of it, or the administrator of your GitHub'
    return new GitHubError('failed', `${said}; ${advice}`, exchange, { mayPass: true })
  }
  const [trouble, advice] = MEANINGS[status]?.(words, needs) ?? (['unexpected', ''] as const)
  return new GitHubError(trouble, advice === '' ? said : `${said}; ${advice}`, exchange)
}

type Meaning = readonly [trouble: GitHubTrouble, advice: string]

const MEANINGS: Readonly<Record<number, (words: string, needs: string) => Meaning>> = {
  401: () => ['token', 'check github-token; the one that a job gets ends with the job'],
  403: (words, needs) => {
    if (/\block(?:ed)?\b/i.test(words)) return ['locked', 'unlock the conversation']
    if (/archived/i.test(words)) return ['rights', '']
    return [
      'rights',
      `the token needs \`${needs}\` (\`permissions\` of the job); on pull requests from forks, and Dependabot’s, it can only read, whatever the workflow says`,
    ]
  },
  404: (_words, needs) => [
    'absent',
    `it is not there, or the token may not see it: that takes \`${needs}\` (\`permissions\` of the job)`,
  ],
  // An API version that GitHub has given up, or a feature that is turned off.
  410: () => ['absent', ''],
  422: () => ['refused', ''],
}

/** The error for a request that had no answer, or none that is understood. */
export function misunderstanding(error: HarborError): GitHubError {
  const { method, path, status } = error
  const exchange: Exchange = { method, path, status }
  // The words of the other error are for the same exchange.
  const message = error.message.replace(`${method} ${path}: `, '')
  return error instanceof Unreachable
    ? new GitHubError('unreachable', message, exchange, { mayPass: mayConnectLater(error), cause: error })
    : new GitHubError('unexpected', message, exchange, { mayPass: error.code === CUT_SHORT, cause: error })
}

const errorBody = v.pipe(
  v.string(),
  v.parseJson(),
  v.object({
    message: v.string(),
    errors: v.optional(
      v.array(
        v.union([
          v.string(),
          v.pipe(
            v.object({ message: v.optional(v.string(), '') }),
            v.transform(({ message }) => message),
          ),
        ]),
      ),
      [],
    ),
  }),
)

/** GitHub's errors are `{"message","errors":[{"message"}]}`, of which the latter says more where it is there. */
function wordsOf(body: Buffer): string {
  const text = body.toString('utf8')
  const parsed = v.safeParse(errorBody, text)
  if (!parsed.success) return text.trimStart().startsWith('<') ? 'an HTML page, not from the API' : ''
  const { message, errors } = parsed.output
  const all = [message, ...errors].filter((words) => words !== '')
  return all.join(': ').replaceAll(/\s+/g, ' ').trim().slice(0, 300)
}
