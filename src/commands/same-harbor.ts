import type { Dispatcher } from 'undici'
import type { Refusal } from '../apply/check.ts'
import { HarborError, Unreachable } from '../harbor/errors.ts'
import { Harbor } from '../harbor/harbor.ts'
import { Http } from '../harbor/http.ts'
import { DEFAULT_RETRY } from '../harbor/retry.ts'
import { copiesInto } from '../plan/collisions.ts'
import type { Action } from '../plan/types.ts'
import { VERSION } from '../version.ts'

/**
 * Whether copies would go onto themselves because the mirror is the Harbor that they come from, under another name. Of
 * the mirror it is only asked where it would matter.
 *
 * @param externalUrl where Harbor says that it is
 */
export async function copiesOntoThemselves(
  actions: readonly Action[],
  externalUrl: string,
  mirror: {
    readonly url: string
    readonly credentials: { readonly username: string; readonly password: string } | undefined
    readonly dispatcher: Dispatcher
  },
): Promise<Refusal | undefined> {
  const [problem] = copiesInto(actions)
  // Without credentials nothing can be pushed to a Harbor.
  const { url, credentials, dispatcher } = mirror
  if (problem === undefined || externalUrl === '' || credentials === undefined) return undefined
  const http = new Http({
    url: new URL(url).origin,
    credentials,
    userAgent: `harbor-dredge/${VERSION}`,
    retry: DEFAULT_RETRY,
    dispatcher,
  })
  try {
    const account = await new Harbor(http).account()
    if (account.externalUrl !== externalUrl) return undefined
    const message = `${url} is ${externalUrl} itself: ${problem.message}`
    return { reason: 'copy-target', message }
  } catch (error) {
    if (!(error instanceof HarborError)) throw error
    // Any other answer is no Harbor's.
    if (!(error instanceof Unreachable) && error.status < 500) return undefined
    const message = `whether ${url} is ${externalUrl} itself could not be found out: ${error.message}`
    return { reason: 'mirror-unreachable', message }
  }
}
