import type { Refusal } from '../apply/check.ts'
import { HarborError, Unreachable } from '../harbor/errors.ts'
import { copiesInto } from '../plan/collisions.ts'
import type { Action } from '../plan/types.ts'
import { harborAt, type MirrorConnection } from './mirror-connection.ts'

/**
 * Whether copies would go onto themselves because the mirror is the Harbor that they come from, under another name. Of
 * the mirror it is only asked where it would matter.
 *
 * @param externalUrl where Harbor says that it is
 */
export async function copiesOntoThemselves(
  actions: readonly Action[],
  externalUrl: string,
  mirror: MirrorConnection,
): Promise<Refusal | undefined> {
  const [problem] = copiesInto(actions)
  const harbor = harborAt(mirror)
  if (problem === undefined || externalUrl === '' || harbor === undefined) return undefined
  const { url } = mirror
  try {
    const address = await harbor.address()
    if (address === '') {
      const message = `whether ${url} is ${externalUrl} itself is not known: it is a Harbor, and does not tell this account its address; give a robot account of it as mirror-username`
      return { reason: 'mirror-unreachable', message }
    }
    if (address !== externalUrl) return undefined
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
