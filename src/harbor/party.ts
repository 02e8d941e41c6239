/** Who is spoken with, for messages: what it is called, which inputs say how to reach it, what its answers mean. */
export interface Party {
  readonly name: string
  /** What to wonder about when an answer makes no sense: `is this a …?` */
  readonly doubt: string
  /** What to do when it is slow. */
  readonly slow: string
  /** Seconds that are waited for an answer, and for it to go on; by what the connections were made with if not given. */
  readonly waits?: Waits
  readonly inputs: {
    readonly url: string
    readonly caFile: string
    /** The input that turns the check of its certificate off, where there is one. */
    readonly insecureSkipTlsVerify?: string
  }
  /** What to do about a status, where that isn't the same for everybody. */
  readonly advice: (status: number, method: string, path: string) => string
}

export interface Waits {
  readonly answer: number
  readonly rest: number
}

/** What connections are made with (`dispatcher.ts`). */
export const USUAL_WAITS: Waits = { answer: 300, rest: 120 }

const PULL = 'the account may not pull here; give it repository:pull'
/** Projects can withhold images that aren't signed or have vulnerabilities: 412 PROJECTPOLICYVIOLATION (v2.15.1). */
const WITHHELD =
  "the project's deployment security lets nobody pull this image (Configuration: signed by Cosign or Notation, vulnerabilities), and what can't be saved isn't deleted; switch that off in the project for the while, or sign or scan the image"
const PUSH = 'the account may not push here; give it repository:push'

export const HARBOR: Party = {
  name: 'Harbor',
  doubt: 'is this a Harbor of version 2?',
  slow: 'lower `concurrency`, or look at the load on Harbor and its database',
  inputs: { url: 'harbor-url', caFile: 'ca-file', insecureSkipTlsVerify: 'insecure-skip-tls-verify' },
  advice: (status, method, path) => {
    // The registry answers 401, not 403, where an account that it knows lacks a right.
    if (status === 401 && path.startsWith('/v2/')) return method === 'PUT' ? PUSH : PULL
    if (status === 412 && isPull(method, path)) return WITHHELD
    return HARBOR_ADVICE[status] ?? ''
  },
}

const HARBOR_ADVICE: Readonly<Record<number, string>> = {
  401: 'check harbor-username and harbor-password; a robot may have expired or be disabled',
  403: 'the account may not do this; give it the rights that the README lists',
  500: "Harbor's core log has the cause",
}

/** Whether it is about a manifest's or a blob's content; Harbor's API has other reasons for 412. */
export function isPull(method: string, path: string): boolean {
  return ['GET', 'HEAD'].includes(method) && path.includes('/v2/')
}
