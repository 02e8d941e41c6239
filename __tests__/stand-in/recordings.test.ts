// The stand-in answers every recorded request as the real Harbor did: status, headers and whole body.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Comparison, plainText } from './normalise.ts'
import { type Recording, notReproduced, recordings } from './recording.ts'
import { type Answer, Replay } from './replay.ts'

/** The headers that a client can depend on. Others (Date, X-Request-Id, connection) say nothing of Harbor. */
const HEADERS = [
  'content-length',
  'content-type',
  'docker-content-digest',
  'docker-distribution-api-version',
  'etag',
  'link',
  'location',
  'oci-subject',
  'www-authenticate',
  'x-total-count',
]
/** Of how the lab was made before it was recorded, which also moves the number of audit entries. */
const AUDIT_LOG = /\/audit/
/** The recorder shortened the paths in these. */
const JOB_LOG = /^\S+Z \[INFO\] \[\/harbor\/src\//
/** Its length goes with the length of secrets. */
const WITH_SECRET = /"(?:token|secret|job_id|report_id)":/

/** Of several alike that an older Harbor doesn't know only the first was kept. */
const NOT_IN_2_10 = /\/projects\/[^/]+\/artifacts|\/auditlog-exts/

const skipped = notReproduced()

describe.each(['recordings', 'recordings-2'])('%s', (folder) => {
  let replay: Replay
  const comparison = new Comparison()

  beforeAll(async () => {
    replay = await Replay.start()
  })
  afterAll(() => replay.close())

  test.each(recordings(folder).map((recording) => [`${recording.id} ${recording.name}`, recording] as const))(
    '%s',
    async (_name, recording) => {
      const answer = await replay.send(recording)
      if (skipped.has(recording.id)) return
      const recorded = recording.response
      expect(answer.status).toBe(recorded.status)
      expect(bodyDifferences(comparison, recording, answer)).toEqual([])
      expect(headersOf(recording, answer, Object.fromEntries(answer.headers))).toEqual(
        headersOf(recording, answer, Object.fromEntries(recorded.headers)),
      )
      expect(cookieNames(answer.cookies)).toEqual(
        cookieNames(recorded.headers.filter(([name]) => name === 'set-cookie').map(([, value]) => value)),
      )
    },
  )
})

/** An older Harbor was sent the same requests; what it answered otherwise was kept. */
describe('recordings-v2.10.3', () => {
  let replay: Replay
  const comparison = new Comparison()
  const others = new Map(recordings('recordings-v2.10.3').map((recording) => [recording.name, recording]))

  beforeAll(async () => {
    replay = await Replay.start({ version: '2.10.3' })
  })
  afterAll(() => replay.close())

  test.each(recordings('recordings').map((recording) => [recording.name, recording] as const))(
    '%s',
    async (name, recording) => {
      const answer = await replay.send(recording)
      const other = others.get(name)
      const known = (other ?? recording).response.status
      expect(answer.body).not.toMatch(/"artifact_type"|"repository_name"/)
      expect(answer.status).toBe(NOT_IN_2_10.test(recording.request.path) ? 404 : known)
      if (other !== undefined) expect(bodyDifferences(comparison, other, answer)).toEqual([])
    },
  )
})

function bodyDifferences(
  comparison: Comparison,
  { request, response }: Recording,
  { body }: Answer,
): unknown[] {
  const recorded = response.body ?? ''
  const own: unknown = typeof recorded === 'string' ? body : JSON.parse(body)
  return comparison.bodies(request.path, recorded, own)
}

function headersOf(
  { request, response }: Recording,
  { body }: Answer,
  headers: Readonly<Record<string, string>>,
): Record<string, string> {
  const isAudit = AUDIT_LOG.test(request.path)
  const unknownLength = isAudit || WITH_SECRET.test(body) || JOB_LOG.test(body) || lengthVaries(response)
  const result: Record<string, string> = {}
  for (const name of HEADERS) {
    const value = headers[name]
    const left = (name === 'content-length' && unknownLength) || (name === 'x-total-count' && isAudit)
    if (value !== undefined && !left) result[name] = plainText(value)
  }
  if (headers['x-harbor-csrf-token'] !== undefined) result['x-harbor-csrf-token'] = '<token>'
  return result
}

/** The stand-in's port may have a digit more than the real one's; its clock has no microseconds. */
function lengthVaries({ body }: Recording['response']): boolean {
  return /127\.0\.0\.1:8080|\.\d{6}Z"/.test(JSON.stringify(body ?? ''))
}

function cookieNames(cookies: readonly string[]): string[] {
  return cookies.map((cookie) => cookie.split('=', 1)[0] ?? '').toSorted()
}
