// A token service for a docker-registry, at an origin of its own: Docker Registry v2 token authentication, with the
// tokens of "Docker Registry v2 Bearer token specification".
import { randomUUID, sign } from 'node:crypto'
import { selfSigned } from '../helpers/certificate.ts'
import { serve, type Server } from '../helpers/server.ts'
import type { Authentication } from './docker-registry.ts'

export interface TokenService {
  readonly server: Server
  readonly authentication: Extract<Authentication, { readonly kind: 'token' }>
}

export interface TokenRules {
  readonly username: string
  readonly password: string
  /** What may be done in a repository, of what is asked for. */
  readonly may: (repository: string, action: string) => boolean
  readonly seconds?: number
}

const ISSUER = 'a token service'
const SERVICE = 'the mirror'

export async function startTokenService({
  username,
  password,
  may,
  seconds = 300,
}: TokenRules): Promise<TokenService> {
  const { key, cert } = selfSigned('DNS:tokens.example')
  const chain = [cert.replaceAll(/-----[^-]+-----|\s/g, '')]
  const known = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const tokenFor = (scopes: readonly string[]): string => {
    const now = Math.floor(Date.now() / 1000)
    const access = scopes.map((scope) => {
      const [type = '', name = '', actions = ''] = scope.split(':')
      return { type, name, actions: actions.split(',').filter((action) => may(name, action)) }
    })
    const header = { typ: 'JWT', alg: 'ES256', x5c: chain }
    const times = { exp: now + seconds, nbf: now - 10, iat: now }
    const claims = { iss: ISSUER, sub: username, aud: SERVICE, ...times, jti: randomUUID(), access }
    const content = [header, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    const signature = sign('sha256', Buffer.from(content), { key, dsaEncoding: 'ieee-p1363' })
    return `${content}.${signature.toString('base64url')}`
  }
  const server = await serve((request, response) => {
    const { searchParams } = new URL(request.url ?? '', 'http://tokens.example')
    if (request.headers.authorization !== known) {
      response.writeHead(401, { 'content-type': 'application/json' })
      response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}')
      return
    }
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ token: tokenFor(searchParams.getAll('scope')), expires_in: seconds }))
  })
  const realm = `${server.url}/token`
  return {
    server,
    authentication: { kind: 'token', realm, service: SERVICE, issuer: ISSUER, certificate: cert },
  }
}
