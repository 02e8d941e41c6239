import process from 'node:process'
import { connect } from '../harbor/dispatcher.ts'
import { HarborError } from '../harbor/errors.ts'
import { startGateway } from '../mirror/gateway.ts'
import { Mirror } from '../mirror/mirror.ts'
import { findSkopeo, NoSkopeo, SkopeoSession } from '../mirror/skopeo.ts'
import type { ReadPlan } from '../plan/read.ts'
import type { Policy } from '../policy/types.ts'
import type { Applying } from './apply.ts'
import { proxiesOf, readAuthority } from './connection.ts'
import { connectMirror } from './mirror-connection.ts'
import { Failed, refuse } from './outcome.ts'
import { copiesOntoThemselves } from './same-harbor.ts'

/** A mirror that is there, and what reads from Harbor for it. */
export interface OpenMirror {
  readonly mirror: Mirror
  readonly close: () => Promise<void>
}

/**
 * Gets ready to copy: finds skopeo, makes sure of the mirror, and opens the gateway that skopeo reads through.
 *
 * @throws Failed with what to do; nothing was changed then
 */
export async function openMirror(
  plan: ReadPlan,
  { mirror: { overwrite, verify, stallTimeout } }: Policy,
  { connected: { harbor, account }, settings, host }: Applying,
): Promise<OpenMirror> {
  const { url, insecureSkipTlsVerify } = settings.mirror
  const skopeo = await findSkopeo().catch((error: unknown) => {
    if (!(error instanceof NoSkopeo)) throw error
    const message = `nothing was changed: ${error.message}`
    throw new Failed(message, { status: 1, reason: 'skopeo' }, { cause: error })
  })
  const connection = await connectMirror(settings, host)
  const { registry, credentials, ca, onRetry } = connection
  try {
    await registry.probe()
    refuse(await copiesOntoThemselves(plan.actions, account.externalUrl, connection))
  } catch (error) {
    await connection.close()
    if (!(error instanceof HarborError)) throw error
    const message = `nothing was changed: ${url}: ${error.message}`
    throw new Failed(message, { status: 1, reason: 'mirror-unreachable' }, { cause: error })
  }
  const source = await sourceOf(settings)
  const gateway = await startGateway({ harbor: source, onRetry })
  const session = new SkopeoSession(skopeo)
  const mirror = new Mirror({
    harbor,
    gateway,
    registry,
    side: {
      registry: new URL(url).host,
      tlsVerify: !insecureSkipTlsVerify && url.startsWith('https:'),
      credentials,
      ca,
    },
    session,
    overwrite,
    verify,
    stallMs: stallTimeout,
    say: (text) => {
      host.say(text)
    },
  })
  const close = async (): Promise<void> => {
    await session.close()
    await gateway.close()
    await Promise.all([source.dispatcher.close(), connection.close()])
  }
  return { mirror, close }
}

/** skopeo takes six layers at once, and a slow mirror holds the connections that they come from. */
const LAYERS = 6

async function sourceOf({ harbor, concurrency }: Applying['settings']): Promise<{
  readonly url: string
  readonly credentials: { readonly username: string; readonly password: string }
  readonly dispatcher: ReturnType<typeof connect>
}> {
  const { url, username, password, caFile, insecureSkipTlsVerify } = harbor
  const ca = caFile === undefined ? {} : { ca: await readAuthority(caFile, 'ca-file') }
  const proxies = proxiesOf(process.env)
  const width = concurrency * LAYERS
  const dispatcher = connect({ concurrency: width, insecureSkipTlsVerify, proxies, large: true, ...ca })
  return { url, credentials: { username, password }, dispatcher }
}
