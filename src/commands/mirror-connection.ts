import process from 'node:process'
import type { Dispatcher } from 'undici'
import { connect } from '../harbor/dispatcher.ts'
import { Harbor } from '../harbor/harbor.ts'
import { Http, type Credentials } from '../harbor/http.ts'
import { DEFAULT_RETRY } from '../harbor/retry.ts'
import type { Settings } from '../inputs/settings.ts'
import { Registry } from '../registry/registry.ts'
import type { Host } from '../shells/host.ts'
import { VERSION } from '../version.ts'
import { proxiesOf, readAuthority } from './connection.ts'

/** How the mirror is reached. Nothing was asked of it yet. */
export interface MirrorConnection {
  readonly url: string
  /** Nobody's where they are undefined. */
  readonly credentials: Credentials | undefined
  /** Certificates of authorities, PEM. */
  readonly ca: string | undefined
  readonly dispatcher: Dispatcher
  readonly registry: Registry
  readonly onRetry: (error: Error, pause: number) => void
  readonly close: () => Promise<void>
}

/** @throws Failed for inputs that can't be read */
export async function connectMirror(
  { mirror, concurrency }: Pick<Settings, 'mirror' | 'concurrency'>,
  host: Host,
): Promise<MirrorConnection> {
  const { url, username, password, caFile, insecureSkipTlsVerify } = mirror
  const ca = caFile === undefined ? undefined : await readAuthority(caFile, 'mirror-ca-file')
  const credentials = username === '' ? undefined : { username, password }
  if (insecureSkipTlsVerify) {
    host.warn(
      `mirror-insecure-skip-tls-verify: whoever stands between here and ${url} can read the password, and change what is copied`,
    )
  }
  const dispatcher = connect({
    concurrency,
    insecureSkipTlsVerify,
    proxies: proxiesOf(process.env),
    ...(ca === undefined ? {} : { ca }),
  })
  const onRetry = (error: Error, pause: number): void => {
    host.say(`${error.message}; again in ${(pause / 1000).toFixed(1)} s`)
  }
  const registry = new Registry({
    url,
    ...(credentials === undefined ? {} : { credentials }),
    userAgent: `harbor-dredge/${VERSION}`,
    retry: DEFAULT_RETRY,
    dispatcher,
    onRetry,
  })
  return { url, credentials, ca, dispatcher, registry, onRetry, close: () => dispatcher.close() }
}

/** The mirror's own API, if it is a Harbor. Without credentials nothing that matters is told, or can be pushed. */
export function harborAt({ url, credentials, dispatcher }: MirrorConnection): Harbor | undefined {
  if (credentials === undefined) return undefined
  const http = new Http({
    url: new URL(url).origin,
    credentials,
    userAgent: `harbor-dredge/${VERSION}`,
    retry: DEFAULT_RETRY,
    dispatcher,
  })
  return new Harbor(http)
}
