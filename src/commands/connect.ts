import { connect } from '../harbor/dispatcher.ts'
import { HarborError } from '../harbor/errors.ts'
import { Harbor, type Account } from '../harbor/harbor.ts'
import { Http } from '../harbor/http.ts'
import { DEFAULT_RETRY } from '../harbor/retry.ts'
import type { Settings } from '../inputs/settings.ts'
import type { Host } from '../shells/host.ts'
import { VERSION } from '../version.ts'
import { readInputFile } from './files.ts'
import { Failed } from './outcome.ts'

export interface Connected {
  readonly harbor: Harbor
  readonly account: Account
  readonly close: () => Promise<void>
}

/**
 * Connects to Harbor and makes sure that it is one, and knows the account.
 *
 * @throws Failed with what to do
 */
export async function connectHarbor(settings: Settings, host: Host): Promise<Connected> {
  const { url, username, password, caFile, insecureSkipTlsVerify } = settings.harbor
  const ca = caFile === undefined ? {} : { ca: (await readInputFile(caFile, 'ca-file')).toString('utf8') }
  if (insecureSkipTlsVerify) {
    host.warn(`insecure-skip-tls-verify: whoever stands between here and ${url} can read the password`)
  }
  const dispatcher = connect({ concurrency: settings.concurrency, insecureSkipTlsVerify, ...ca })
  const http = new Http({
    url,
    credentials: { username, password },
    userAgent: `harbor-dredge/${VERSION}`,
    retry: DEFAULT_RETRY,
    dispatcher,
    onRetry: (error, pause) => {
      host.say(`${error.message}; again in ${(pause / 1000).toFixed(1)} s`)
    },
  })
  const harbor = new Harbor(http)
  try {
    const account = await harbor.account()
    return { harbor, account, close: () => dispatcher.close() }
  } catch (error) {
    await dispatcher.close()
    if (!(error instanceof HarborError)) throw error
    throw new Failed(
      `${url}: ${error.message}`,
      { status: 1, reason: 'harbor-unreachable' },
      { cause: error },
    )
  }
}
