// Who asks. Bad credentials are not refused as such: Harbor takes their bearer for nobody in particular.
import type { IncomingHttpHeaders } from 'node:http'
import type { Robot, User } from '../state/model.ts'
import type { Registry } from '../state/registry.ts'
import type { Sessions } from './sessions.ts'
import type { Grant, Tokens } from './tokens.ts'

export type Caller =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'user'; readonly name: string; readonly user: User }
  | { readonly kind: 'robot'; readonly name: string; readonly robot: Robot }
  /** Somebody with a token for the distribution API, good for what it was made for. */
  | { readonly kind: 'token'; readonly name: string; readonly grants: readonly Grant[] }

const ANONYMOUS: Caller = { kind: 'anonymous' }

export function identify(
  registry: Registry,
  headers: IncomingHttpHeaders,
  { sessions, tokens }: { sessions: Sessions; tokens: Tokens },
): Caller {
  const [scheme = '', credentials = ''] = (headers.authorization ?? '').split(' ')
  if (scheme.toLowerCase() === 'basic') return byPassword(registry, credentials)
  if (scheme.toLowerCase() === 'bearer') return tokens.caller(credentials) ?? ANONYMOUS
  const user = sessions.userOf(headers)
  return user === undefined ? ANONYMOUS : { kind: 'user', name: user.name, user }
}

function byPassword(registry: Registry, credentials: string): Caller {
  const decoded = Buffer.from(credentials, 'base64').toString('utf8')
  const colon = decoded.indexOf(':')
  return logIn(registry, decoded.slice(0, colon), decoded.slice(colon + 1))
}

export function logIn(registry: Registry, name: string, password: string): Caller {
  const user = registry.users.get(name)
  if (user?.password === password) return { kind: 'user', name, user }
  for (const robot of registry.robots.values()) {
    if (robot.name === name && robot.secret === password && isValid(registry, robot)) {
      return { kind: 'robot', name, robot }
    }
  }
  return ANONYMOUS
}

function isValid(registry: Registry, robot: Robot): boolean {
  return !robot.disabled && (robot.expires < 0 || robot.expires * 1000 > registry.clock.now())
}

export function nameOf(caller: Caller): string {
  return caller.kind === 'anonymous' ? 'anonymous' : caller.name
}

export function isAdmin(caller: Caller): boolean {
  return caller.kind === 'user' && caller.user.admin
}
