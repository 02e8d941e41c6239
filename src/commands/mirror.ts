import process from 'node:process'
import { connect } from '../harbor/dispatcher.ts'
import { HarborError } from '../harbor/errors.ts'
import { startGateway } from '../mirror/gateway.ts'
import { Mirror } from '../mirror/mirror.ts'
import { checkSkopeo, locateSkopeo, SkopeoSession } from '../mirror/skopeo.ts'
import type { ReadPlan } from '../plan/read.ts'
import type { Policy } from '../policy/types.ts'
import { messageOf } from '../shared/failure.ts'
import type { Applying } from './apply.ts'
import { authorityOf, proxiesOf } from './connection.ts'
import { Closing } from './closing.ts'
import { connectMirror, LOOKS } from './mirror-connection.ts'
import { Failed, refuse } from './outcome.ts'
import { copiesOntoThemselves } from './same-harbor.ts'

/** A mirror that is there, and what reads from Harbor for it. */
export interface OpenMirror {
  readonly mirror: Mirror
  readonly close: () => Promise<void>
}

/**
 * Gets ready to copy: looks for skopeo, makes sure of the mirror, and opens the gateway that skopeo reads through. No
 * process is started before there is something for it to do.
 *
 * @throws Failed with what to do; nothing was changed then
 */
export async function openMirror(plan: ReadPlan, policy: Policy, applying: Applying): Promise<OpenMirror> {
  const { host } = applying
  const closing = new Closing((text) => {
    host.warn(text)
  })
  try {
    return { mirror: await open(plan, policy, { ...applying, closing }), close: () => closing.close() }
  } catch (error) {
    await closing.close()
    throw error
  }
}

async function open(
  plan: ReadPlan,
  { mirror: { overwrite, verify, stallTimeout } }: Policy,
  { connected: { harbor, account }, settings, host, closing }: Applying & { readonly closing: Closing },
): Promise<Mirror> {
  const { url, insecureSkipTlsVerify } = settings.mirror
  const skopeo = await locateSkopeo().catch((error: unknown) => {
    throw notReady('skopeo', error)
  })
  const connection = await connectMirror(settings, host)
  closing.add(connection.close)
  const { registry, credentials, ca, onRetry } = connection
  try {
    await registry.probe()
    refuse(await copiesOntoThemselves(plan.actions, account.externalUrl, connection))
  } catch (error) {
    if (!(error instanceof HarborError)) throw error
    throw notReady('mirror-unreachable', error, `${url}: `)
  }
  const source = await sourceOf(settings)
  closing.add(() => source.dispatcher.close())
  try {
    const gateway = await startGateway({ harbor: source, onRetry })
    closing.add(() => gateway.close())
    const session = new SkopeoSession({ path: skopeo }, { check: () => checkSkopeo(skopeo) })
    closing.add(() => session.close())
    return new Mirror({
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
      width: LOOKS * settings.concurrency,
      overwrite,
      verify,
      stallMs: stallTimeout,
      say: (text) => {
        host.say(text)
      },
    })
  } catch (error) {
    // No port, or no room for files.
    throw notReady('skopeo', error)
  }
}

function notReady(reason: 'skopeo' | 'mirror-unreachable', error: unknown, where = ''): Failed {
  const message = `nothing was changed: ${where}${messageOf(error)}`
  return new Failed(message, { status: 1, reason }, { cause: error })
}

/** skopeo takes six layers at once, and a slow mirror holds the connections that they come from. */
const LAYERS = 6

async function sourceOf({ harbor, concurrency }: Applying['settings']): Promise<{
  readonly url: string
  readonly credentials: { readonly username: string; readonly password: string }
  readonly dispatcher: ReturnType<typeof connect>
}> {
  const { url, username, password, caFile, insecureSkipTlsVerify } = harbor
  const ca = await authorityOf(caFile, 'ca-file')
  const proxies = proxiesOf(process.env)
  const width = concurrency * LAYERS
  const dispatcher = connect({ concurrency: width, insecureSkipTlsVerify, proxies, large: true, ca })
  return { url, credentials: { username, password }, dispatcher }
}
