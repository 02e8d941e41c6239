// Logging in as the web pages do.
import type { Exchange } from '../http/exchange.ts'
import { type Reply, empty } from '../http/reply.ts'
import { logIn } from '../security/caller.ts'
import { sidCookie } from '../security/sessions.ts'

export function login({ registry, sessions, body }: Exchange): Reply {
  const form = new URLSearchParams(body.toString('utf8'))
  const caller = logIn(registry, form.get('principal') ?? '', form.get('password') ?? '')
  if (caller.kind !== 'user') return empty(401)
  return empty(200, { 'set-cookie': sidCookie(sessions.start(caller.user)) })
}

export function logout({ sessions, headers }: Exchange): Reply {
  sessions.end(headers)
  return empty(200, { 'set-cookie': 'sid=; Path=/; Max-Age=0; HttpOnly' })
}
