// A stand-in GitHub with a repository, and the client that asks it.
import { Api, type ApiOptions } from '../../src/github/api.ts'
import { GitHubError } from '../../src/github/errors.ts'
import { GitHub } from '../../src/github/github.ts'
import { connect, type ConnectionOptions } from '../../src/harbor/dispatcher.ts'
import type { RetryPolicy } from '../../src/harbor/retry.ts'
import type { Rights } from '../../stand-in/github/model.ts'
import type { Repository } from '../../stand-in/github/repository.ts'
import { startGitHub, type GitHubOptions, type StandInGitHub } from '../../stand-in/github/stand-in.ts'

export const FAST: RetryPolicy = { attempts: 4, pause: 1, longest: 50 }
export const REPOSITORY = 'lagoon-works/registry-policy'
/** The token of a job, with what the README has a job ask for. */
export const TOKEN = 'ghs_0123456789abcdefghijklmnopqrstuvwxyz'
export const RIGHTS: Rights = { contents: 'read', pull_requests: 'write', actions: 'read' }
export const BOT = 'github-actions[bot]'

export interface Client {
  readonly api: Api
  readonly github: GitHub
  /** What was sent again, and after which pause. */
  readonly retries: { readonly error: GitHubError; readonly pause: number }[]
  readonly close: () => Promise<void>
}

export type ClientOptions = Partial<Omit<ApiOptions, 'url'>> & Partial<ConnectionOptions>

export function clientOf(url: string, options: ClientOptions = {}): Client {
  const { token = TOKEN, retry = FAST, waits, concurrency = 2, ...connection } = options
  const dispatcher = connect({ concurrency, ...connection })
  const retries: Client['retries'] = []
  const api = new Api({
    url,
    token,
    userAgent: 'harbor-dredge/test',
    dispatcher,
    retry,
    ...(waits === undefined ? {} : { waits }),
    onRetry: (error, pause) => retries.push({ error, pause }),
  })
  return { api, github: new GitHub(api, REPOSITORY), retries, close: () => dispatcher.close() }
}

export interface Lab extends Client {
  readonly standIn: StandInGitHub
  readonly repository: Repository
  /** The client of another token, or with other patience. */
  readonly as: (options: ClientOptions) => Client
}

/** Private unless told, so that rights count. */
export async function startLab(options: GitHubOptions & { readonly isPrivate?: boolean } = {}): Promise<Lab> {
  const standIn = await startGitHub(options)
  const repository = standIn.state.addRepository(REPOSITORY, { isPrivate: options.isPrivate ?? true })
  standIn.state.addToken(TOKEN, BOT, RIGHTS)
  const clients: Client[] = []
  const as = (other: ClientOptions): Client => {
    const client = clientOf(standIn.url, other)
    clients.push(client)
    return client
  }
  const close = async (): Promise<void> => {
    for (const client of clients) await client.close()
    await standIn.close()
  }
  return { ...as({}), standIn, repository, as, close }
}

/** The error that something ends with. */
export async function errorOf(work: Promise<unknown>): Promise<GitHubError> {
  try {
    await work
  } catch (error) {
    if (error instanceof GitHubError) return error
    throw error
  }
  throw new Error('it did not fail')
}
