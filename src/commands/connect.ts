import { HarborChanges } from '../harbor/changes.ts'
import { connect, type Proxies } from '../harbor/dispatcher.ts'
import {
  CUT_SHORT,
  Forbidden,
  HarborError,
  Unauthorized,
  Unreachable,
  UnexpectedAnswer,
} from '../harbor/errors.ts'
import { Harbor, type Account } from '../harbor/harbor.ts'
import { Http } from '../harbor/http.ts'
import { DEFAULT_RETRY } from '../harbor/retry.ts'
import { isNoConnection } from '../harbor/unreachable.ts'
import type { FailureReason } from '../inputs/inputs.ts'
import type { Settings } from '../inputs/settings.ts'
import type { Host } from '../shells/host.ts'
import { USER_AGENT } from '../version.ts'
import { authorityOf, proxiesOf, tellingRetries } from './connection.ts'
import { Failed } from './outcome.ts'

export interface Connected {
  readonly harbor: Harbor
  /** Only commands that were asked to change something touch it. */
  readonly changes: HarborChanges
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
  const ca = await authorityOf(caFile, 'ca-file')
  const proxies = proxiesOf(process.env)
  if (insecureSkipTlsVerify) {
    host.warn(`insecure-skip-tls-verify: whoever stands between here and ${url} can read the password`)
  }
  const dispatcher = connect({ concurrency: settings.concurrency, insecureSkipTlsVerify, proxies, ca })
  const http = new Http({
    url,
    credentials: { username, password },
    userAgent: USER_AGENT,
    retry: DEFAULT_RETRY,
    dispatcher,
    onRetry: tellingRetries(host),
  })
  const harbor = new Harbor(http)
  try {
    const account = await harbor.account()
    return { harbor, changes: new HarborChanges(http), account, close: () => dispatcher.close() }
  } catch (error) {
    await dispatcher.close()
    if (!(error instanceof HarborError)) throw error
    const proxy = error instanceof Unreachable && isNoConnection(error) ? viaProxy(url, proxies) : ''
    const outcome = { status: 1, reason: reasonOf(error) } as const
    throw new Failed(`${url}: ${error.message}${proxy}`, outcome, { cause: error })
  }
}

function reasonOf(error: HarborError): FailureReason {
  if (error instanceof Unauthorized || error instanceof Forbidden) return 'unauthorized'
  return error instanceof UnexpectedAnswer && error.code !== CUT_SHORT ? 'not-harbor' : 'harbor-unreachable'
}

function viaProxy(url: string, { httpProxy, httpsProxy }: Proxies): string {
  const [variable, proxy] = url.startsWith('https:') ? ['HTTPS_PROXY', httpsProxy] : ['HTTP_PROXY', httpProxy]
  return proxy === ''
    ? ''
    : `; or the proxy that ${variable} names is not there (NO_PROXY lists what goes without)`
}
