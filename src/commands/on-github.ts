import process from 'node:process'
import { Api } from '../github/api.ts'
import { GitHub } from '../github/github.ts'
import type { Run } from '../github/run.ts'
import { connect } from '../harbor/dispatcher.ts'
import type { Settings } from '../inputs/settings.ts'
import type { Host } from '../shells/host.ts'
import { USER_AGENT } from '../version.ts'
import { authorityOf, proxiesOf, tellingRetries } from './connection.ts'

/** A run of a workflow of GitHub's, and what asks GitHub for it. */
export interface OnGitHub {
  readonly run: Run
  readonly github: GitHub
  readonly close: () => Promise<void>
}

/** Makes ready to ask GitHub; undefined where it isn't GitHub that runs this, or there is no token. Asks nothing yet. */
export async function connectGitHub(
  { github: { token }, harbor: { caFile } }: Settings,
  host: Host,
): Promise<OnGitHub | undefined> {
  const { run } = host
  if (run === undefined || token === '') return undefined
  // A GitHub Enterprise Server is often behind the same authority.
  const ca = await authorityOf(caFile, 'ca-file')
  const dispatcher = connect({ concurrency: 2, proxies: proxiesOf(process.env), ca })
  const api = new Api({
    url: run.apiUrl,
    token,
    userAgent: USER_AGENT,
    dispatcher,
    onRetry: tellingRetries(host),
  })
  return { run, github: new GitHub(api, run.repository), close: () => dispatcher.close() }
}
