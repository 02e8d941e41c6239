// Harbor's web sessions: a `sid` cookie, and for unsafe methods a CSRF token that goes with another cookie
// (recordings 065 to 072).
import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { User } from '../state/model.ts'

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE'])
const CSRF_COOKIE = '_gorilla_csrf'
export const CSRF_HEADER = 'x-harbor-csrf-token'

export class Sessions {
  private readonly users = new Map<string, User>()
  private readonly csrfTokens = new Map<string, Set<string>>()

  userOf(headers: IncomingHttpHeaders): User | undefined {
    return this.users.get(cookie(headers, 'sid') ?? '')
  }

  start(user: User): string {
    const sid = randomBytes(16).toString('hex')
    this.users.set(sid, user)
    return sid
  }

  end(headers: IncomingHttpHeaders): void {
    this.users.delete(cookie(headers, 'sid') ?? '')
  }

  /** The web pages and requests with a session cookie are protected; an API client with a password isn't. */
  isProtected(path: string, headers: IncomingHttpHeaders): boolean {
    return !/^\/(?:v2|api|service)\//.test(path) || cookie(headers, 'sid') !== undefined
  }

  /** Why the request is refused, if it is. */
  csrfFailure(method: string, headers: IncomingHttpHeaders): string | undefined {
    if (SAFE.has(method)) return undefined
    const token = headers[CSRF_HEADER]
    if (typeof token !== 'string') return 'CSRF token not found in request'
    const known = this.csrfTokens.get(cookie(headers, CSRF_COOKIE) ?? '')
    return known?.has(token) === true ? undefined : 'CSRF token invalid'
  }

  /** A new token for the answer, and the cookie that goes with it if the caller has none. */
  csrf(headers: IncomingHttpHeaders): { token: string; cookie: string | undefined } {
    const token = randomBytes(64).toString('base64')
    const brought = cookie(headers, CSRF_COOKIE)
    const value = brought ?? randomBytes(32).toString('base64url')
    const tokens = this.csrfTokens.get(value) ?? new Set()
    this.csrfTokens.set(value, tokens.add(token))
    return {
      token,
      cookie:
        brought === undefined
          ? `${CSRF_COOKIE}=${value}; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict`
          : undefined,
    }
  }
}

export function sidCookie(sid: string): string {
  return `sid=${sid}; Path=/; HttpOnly`
}

export function cookie(headers: IncomingHttpHeaders, name: string): string | undefined {
  for (const part of (headers.cookie ?? '').split(';')) {
    const [key, ...value] = part.trim().split('=')
    if (key === name) return value.join('=')
  }
  return undefined
}
