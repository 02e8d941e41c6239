import { isPull, type Party } from '../harbor/party.ts'

/**
 * The mirror registry, for messages.
 *
 * @param anonymous whether it is asked without credentials
 */
export function mirrorParty(anonymous: boolean): Party {
  return {
    name: 'the mirror registry',
    doubt: 'is this a registry?',
    slow: 'lower `concurrency`, or look at the load on the mirror registry',
    inputs: {
      url: 'mirror-registry',
      caFile: 'mirror-ca-file',
      insecureSkipTlsVerify: 'mirror-insecure-skip-tls-verify',
    },
    advice: (status, method, path) => {
      if (status === 401) return anonymous ? NOBODY : refused(method, path)
      if (status === 412 && isPull(method, path)) return WITHHELD
      return ADVICE[status] ?? ''
    },
  }
}

const NOBODY = 'it wants credentials; give mirror-username and mirror-password'
/** Of a Harbor: what is copied is asked for there, and then it would answer so for what is there, too. */
const WITHHELD =
  "the project there lets nobody pull images that aren't signed or have vulnerabilities (in Harbor: Configuration, Deployment security), so that copies can't be told to be there; switch that off in that project, or copy to another one"
const ADVICE: Readonly<Record<number, string>> = {
  403: 'the account must be able to pull and push there, within its quota',
  412: 'a rule there keeps the tag from changing; copy to another name (see `mirror` in the policy), or change the rule',
  500: "the mirror registry's log has the cause",
}

/** Registries answer 401 for a wrong password, and some of them where a right is missing or a project isn't there. */
function refused(method: string, path: string): string {
  const repository = path.includes('/v2/') && !path.endsWith('/v2/')
  if (!repository) return 'check mirror-username and mirror-password; an account or token may have expired'
  const verb = method === 'GET' || method === 'HEAD' ? 'pull' : 'push'
  return `the account may not ${verb} there, or there is no such project; check both, and mirror-username and mirror-password`
}
