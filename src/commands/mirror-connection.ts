import process from 'node:process'
import type { Dispatcher } from 'undici'
import { connect } from '../harbor/dispatcher.ts'
import { Harbor } from '../harbor/harbor.ts'
import { Http, type Credentials } from '../harbor/http.ts'
import { DEFAULT_RETRY } from '../harbor/retry.ts'
import type { Settings } from '../inputs/settings.ts'
import { Registry } from '../registry/registry.ts'
import type { Host } from '../shells/host.ts'
import { USER_AGENT } from '../version.ts'
import { authorityOf, proxiesOf, tellingRetries } from './connection.ts'

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
export async function connectMirror(settings: MirrorSettings, host: Host): Promise<MirrorConnection> {
  const { url, caFile, insecureSkipTlsVerify } = settings.mirror
  const ca = await authorityOf(caFile, 'mirror-ca-file')
  if (insecureSkipTlsVerify) {
    host.warn(
      `mirror-insecure-skip-tls-verify: whoever stands between here and ${url} can read the password, and change what is copied`,
    )
  }
  const onRetry = tellingRetries(host)
  const credentials = credentialsOf(settings)
  const dispatcher = dispatcherTo(settings, { ca, large: false })
  const registry = registryAt(url, { credentials, dispatcher, onRetry })
  return { url, credentials, ca, dispatcher, registry, onRetry, close: () => dispatcher.close() }
}

/** So many times as many requests that only look are under way as others: they cost a registry little. */
export const LOOKS = 4

type MirrorSettings = Pick<Settings, 'mirror' | 'concurrency'>

function credentialsOf({ mirror: { username, password } }: MirrorSettings): Credentials | undefined {
  return username === '' ? undefined : { username, password }
}

function dispatcherTo(
  { mirror, concurrency }: MirrorSettings,
  { ca, large }: { readonly ca: string | undefined; readonly large: boolean },
): Dispatcher {
  const { insecureSkipTlsVerify } = mirror
  const width = LOOKS * concurrency
  const proxies = proxiesOf(process.env)
  return connect({ concurrency: width, insecureSkipTlsVerify, proxies, large, ca })
}

function registryAt(
  url: string,
  { credentials, dispatcher, onRetry }: Pick<MirrorConnection, 'credentials' | 'dispatcher' | 'onRetry'>,
): Registry {
  return new Registry({
    url,
    credentials,
    userAgent: USER_AGENT,
    retry: DEFAULT_RETRY,
    dispatcher,
    onRetry,
  })
}

/** A mirror's whole registry, also what is elsewhere than under the path that was given. */
export interface WholeMirror {
  readonly registry: Registry
  /** The same, with answers of any size. */
  readonly blobs: Registry
  readonly close: () => Promise<void>
}

/** @throws Failed for inputs that can't be read */
export async function connectWholeMirror(settings: MirrorSettings, host: Host): Promise<WholeMirror> {
  const connection = await connectMirror(settings, host)
  const dispatcher = dispatcherTo(settings, { ca: connection.ca, large: true })
  const { origin } = new URL(connection.url)
  return {
    registry: registryAt(origin, connection),
    blobs: registryAt(origin, { ...connection, dispatcher }),
    close: async () => {
      await Promise.all([connection.close(), dispatcher.close()])
    },
  }
}

/** The mirror's own API, if it is a Harbor. Without credentials nothing that matters is told, or can be pushed. */
export function harborAt({ url, credentials, dispatcher }: MirrorConnection): Harbor | undefined {
  if (credentials === undefined) return undefined
  const http = new Http({
    url: new URL(url).origin,
    credentials,
    userAgent: USER_AGENT,
    retry: DEFAULT_RETRY,
    dispatcher,
  })
  return new Harbor(http)
}
