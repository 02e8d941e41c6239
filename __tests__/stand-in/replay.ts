// Sends recorded requests, in their order, to a stand-in that holds the lab's registry.
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type StandIn, type StandInOptions, startStandIn } from '../../stand-in/stand-in.ts'
import { loadLab } from '../../stand-in/load/lab.ts'
import { blobSource, putBlob } from '../../stand-in/state/blobs.ts'
import { TIMINGS } from '../../stand-in/state/clock.ts'
import type { Vulnerability } from '../../stand-in/state/model.ts'
import { UUID } from './normalise.ts'
import { FIXTURES, LAB, type Recording } from './recording.ts'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly cookies: readonly string[]
  readonly body: string
}

/** How long the recorder waited before it sent these. */
const WAITS: Readonly<Record<string, number>> = {
  'recordings/156': 30_000,
  'recordings/159': 30_000,
  'recordings/162': 30_000,
  'recordings-2/072': 4_000,
  'recordings-2/083': 2_000,
}
const STEP = 10
const START = Date.parse('2026-11-21T07:12:31.424Z')

export class Replay {
  private readonly standIn: StandIn
  private readonly clock: { now: number }
  private readonly secrets = new Map<string, string>()
  private readonly jar = new Map<string, string>()
  private readonly uuids = new Map<string, string>()
  private csrfToken = ''

  private constructor(standIn: StandIn, clock: { now: number }) {
    this.standIn = standIn
    this.clock = clock
  }

  static async start(options: StandInOptions = {}): Promise<Replay> {
    const clock = { now: START }
    const standIn = await startStandIn({
      ...options,
      timings: TIMINGS.harbor,
      clock: () => clock.now,
    })
    clock.now += 155_000
    try {
      loadLab(standIn.registry, LAB)
      foresee(standIn)
    } catch (error) {
      await standIn.close()
      throw error
    }
    return new Replay(standIn, clock)
  }

  close(): Promise<void> {
    return this.standIn.close()
  }

  async send(recording: Recording): Promise<Answer> {
    this.clock.now += WAITS[recording.id] ?? STEP
    this.uploadBlobs(recording)
    const { method, path: target, auth } = recording.request
    const body = bodyOf(recording)
    const response = await fetch(`${this.standIn.url}${this.own(target)}`, {
      method,
      headers: this.headers(recording, auth),
      ...(body !== undefined && { body }),
    })
    const answer: Answer = {
      status: response.status,
      headers: response.headers,
      cookies: response.headers.getSetCookie(),
      body: await response.text(),
    }
    this.remember(answer, auth)
    this.pairUuids(recording, answer)
    return answer
  }

  /** What was made here has another uuid than what was made there; later requests name it. */
  private pairUuids({ response }: Recording, { headers }: Answer): void {
    const recorded = Object.fromEntries(response.headers)['location']?.match(UUID)?.[0]
    const own = headers.get('location')?.match(UUID)?.[0]
    if (recorded !== undefined && own !== undefined) this.uuids.set(recorded, own)
  }

  private own(target: string): string {
    return target.replaceAll(UUID, (uuid) => this.uuids.get(uuid) ?? uuid)
  }

  private headers({ request }: Recording, auth: string): Record<string, string> {
    const headers: Record<string, string> = { 'user-agent': 'recorder', accept: '' }
    for (const [name, value] of Object.entries(request.headers ?? {})) {
      if (value !== '<redacted>') headers[name.toLowerCase()] = value
    }
    const given = new Set(Object.keys(request.headers ?? {}))
    if (given.has('Authorization')) headers['authorization'] = this.credentials(auth)
    if (given.has('Cookie')) headers['cookie'] = cookieHeader(this.jar)
    if (given.has('X-Harbor-CSRF-Token')) headers['x-harbor-csrf-token'] = this.csrfToken
    return headers
  }

  private credentials(auth: string): string {
    if (auth === 'admin') return basic('admin', 'Harbor12345')
    if (auth === 'wrong') return basic('admin', 'wrong')
    const found = [...this.secrets].find(([name]) => name.endsWith(`$${auth}`) || name.endsWith(`+${auth}`))
    return basic(...(found ?? [auth, '']))
  }

  /** Secrets of robots; of a session its cookies and CSRF token, kept as a browser that ignores logouts would. */
  private remember({ body, headers, cookies }: Answer, auth: string): void {
    const secret = /"name":"(robot\$[^"]+)","secret":"([^"]+)"/.exec(body)
    if (secret !== null) this.secrets.set(secret[1] ?? '', secret[2] ?? '')
    if (auth !== 'session') return
    this.csrfToken = headers.get('x-harbor-csrf-token') ?? this.csrfToken
    for (const cookie of cookies) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
      if (value !== '') this.jar.set(name, value)
    }
  }

  /** What was uploaded before a manifest was pushed isn't among the recordings, but beside them. */
  private uploadBlobs({ id, request }: Recording): void {
    const repository = /^\/v2\/(.+)\/manifests\//.exec(request.path)?.[1]
    if (request.method !== 'PUT' || repository === undefined || typeof request.body !== 'string') return
    const { registry } = this.standIn
    for (const [, digest = ''] of request.body.matchAll(/sha256:([0-9a-f]{64})/g)) {
      const file = path.join(FIXTURES, path.dirname(id), 'blobs', digest)
      if (existsSync(file)) {
        putBlob(registry, registry.ensureRepository(repository), blobSource(readFileSync(file)))
      }
    }
  }
}

function cookieHeader(jar: ReadonlyMap<string, string>): string {
  return [...jar].map(([key, value]) => `${key}=${value}`).join('; ')
}

function basic(name: string, password: string): string {
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
}

function bodyOf({ request, name }: Recording): string | undefined {
  const { body } = request
  if (body === '<form>') {
    return `principal=admin&password=${name.endsWith('wrong') ? 'wrong' : 'Harbor12345'}`
  }
  if (typeof body === 'string' && body.startsWith('<400,000 bytes')) return 'x'.repeat(400_282)
  if (body === undefined || typeof body === 'string') return body
  return JSON.stringify(body)
}

/** What the lab's scanner finds: in images how many, how many of them with a fix (recordings-2, 072 to 074). */
const FINDINGS: readonly (readonly [repository: string, tag: string, total: number, fixable: number])[] = [
  ['team-a/api', 'v1.4.2', 3, 1],
  ['team-a/api', 'v1.3.0', 4, 2],
  ['team-a/api', 'v1.2.0', 2, 1],
  ['team-a/api', 'v1.1.0', 4, 2],
  ['team-a/api', 'v1.0.0', 2, 1],
]

function foresee({ registry }: StandIn): void {
  const find = (digest: string, total: number, fixable: number): void => {
    registry.findings.set(digest, {
      severity: 'High',
      generated: '2026-11-20T00:00:00Z',
      vulnerabilities: ['1001', '1002', '1000', '1003']
        .slice(0, total)
        .map((number, index): Vulnerability => ({
          id: `CVE-2026-${number}`,
          package: 'openssl',
          version: '3.0.1',
          fixVersion: index < fixable ? '3.0.2' : '',
          severity: 'Low',
        })),
    })
  }
  for (const [repository, tag, total, fixable] of FINDINGS) {
    find(registry.artifact(repository, tag).digest, total, fixable)
  }
  const [child] = registry.artifact('team-a/web/frontend', '2.0.0').references
  if (child !== undefined) find(child.child.digest, 2, 1)
}
