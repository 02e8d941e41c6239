import { type Credentials, withoutSecrets } from './skopeo-secrets.ts'

export type FailureKind =
  /** May go well a moment later: 408, 429, 5xx, no connection or a cut one, bytes that were damaged on their way. */
  | 'transient'
  /** One of the sides refuses the account. Harbor does so for a project that isn't there, too. */
  | 'denied'
  /** There is no such repository, manifest or blob where it was looked for. */
  | 'not-found'
  /**
   * The target's tag is there and can't be moved. After a try that was cut off, it may be the very manifest: what the
   * target has decides.
   */
  | 'immutable'
  /** The target's quota is used up. */
  | 'quota'
  /** skopeo can't copy it without changing its digest, or the target doesn't take such a thing. */
  | 'unsupported'
  /** The disk that skopeo or the target writes to is full. */
  | 'disk-full'
  /** Somebody ended skopeo, such as a system that is out of memory. */
  | 'killed'
  /** Nothing moved for too long, so it was ended. */
  | 'stalled'
  /** Ended because it was asked to be. */
  | 'cancelled'
  | 'unknown'

/**
 * What texts mean; the first that fits counts. skopeo ends with status 1 whatever happened, so its words are all there
 * is. They are those of 1.9.3, met with real registries and with faults, and those in the sources of 1.6 to 1.22.
 * Repositories and tags are part of the words, so no expression may fit the name of one: these have no blanks, and
 * nothing but a slash before them and a colon behind.
 */
const MEANINGS: readonly (readonly [RegExp, FailureKind])[] = [
  [/no space left on device|disk quota exceeded|file too large/i, 'disk-full'],
  [/will exceed the configured upper limit|(?:storage|project) quota exceeded/i, 'quota'],
  [/configured as immutable|because the (?:repository|tag) is immutable|tag is immutable/i, 'immutable'],
  [/: (?:context deadline exceeded|EOF|unexpected EOF|i\/o timeout)(?:$|[ ":)])/, 'transient'],
  [
    /connection re(?:set by peer|fused)|broken pipe|closed network connection|no route to host|is unreachable/,
    'transient',
  ],
  [
    /i\/o timeout|handshake timeout|Client\.Timeout|timeout awaiting|no such host|server misbehaving|name resolution/,
    'transient',
  ],
  [
    /server sent GOAWAY|http2: client connection lost|server closed idle connection|transport connection broken/,
    'transient',
  ],
  [/stream error: stream ID \d+; (?:INTERNAL_ERROR|REFUSED_STREAM|CANCEL)/, 'transient'],
  [/too many requests|(?:^|: )toomanyrequests(?:$|:)/i, 'transient'],
  // A blob that was there when skopeo looked, and went meanwhile, as garbage does.
  [/(?:^|: )(?:manifest )?blob unknown to registry|(?:^|: )manifest blob unknown/, 'transient'],
  [
    /does not match expected sha256:|does not match provided manifest digest|Digest did not match, expected/,
    'transient',
  ],
  [/(?:^|: )(?:unauthorized|denied)(?:$|:)|authentication required|invalid username\/password/, 'denied'],
  [/requested access to the resource is denied/, 'denied'],
  [/(?:^|: )(?:manifest|name|blob) unknown(?:$|:)|repository name not known to registry/, 'not-found'],
  [/(?:^|: )artifact \S+ not found/, 'not-found'],
  [/Instructed to preserve digests|cannot modify it|which we cannot do/, 'unsupported'],
  [
    /(?:^|: )manifest invalid(?:$|:)|a manifest list instead of a manifest|unknown media type/i,
    'unsupported',
  ],
  [/[Uu]nsupported manifest|unimplemented manifest|operation is unsupported/, 'unsupported'],
  [/^unknown (?:shorthand )?flag: |invalid reference format/, 'unsupported'],
]

/** The status of the answer that skopeo gave up at, in the ways in which it tells of one. */
const STATUS = [
  /unexpected HTTP status: (\d{3})/,
  /status code from registry:? (\d{3})/,
  /StatusCode: (\d{3})/,
  /unexpected status from \w+ request to \S+ (\d{3})/,
  /: (?:status )?(\d{3}) \([A-Z]/,
]

/**
 * Tells from what skopeo printed why a copy failed.
 *
 * @param said what it printed to stderr
 */
export function kindOf(said: string): FailureKind {
  const words = lastWords(said)
  const status = STATUS.map((pattern) => pattern.exec(words)?.[1]).find((found) => found !== undefined)
  const [, meant] = MEANINGS.find(([pattern]) => pattern.test(words)) ?? []
  // Of these a registry says more in words than with the status.
  if (meant === 'disk-full' || meant === 'quota' || meant === 'immutable') return meant
  return (status === undefined ? undefined : kindOfStatus(Number(status))) ?? meant ?? 'unknown'
}

function kindOfStatus(status: number): FailureKind | undefined {
  if (status === 408 || status === 425 || status === 429) return 'transient'
  if (status === 401 || status === 403) return 'denied'
  if (status === 404) return 'not-found'
  if (status === 405 || status === 413 || status === 415 || status === 501) return 'unsupported'
  if (status === 412) return 'immutable'
  if (status === 507) return 'quota'
  return status >= 500 ? 'transient' : undefined
}

const LONGEST = 300
const HEAD = 110

/**
 * Makes one line for people of what skopeo printed: no secrets, digests cut short, no more than 300 characters.
 *
 * @param or what is said when it said nothing
 */
export function wordsOf(said: string, credentials: readonly Credentials[], or: string): string {
  const line = withoutSecrets(lastWords(said), credentials)
    .replaceAll(/[\p{C}\s]+/gu, ' ')
    .replaceAll(/(sha256:[0-9a-f]{12})[0-9a-f]{52}/g, '$1…')
    .trim()
  if (line.length <= LONGEST) return line === '' ? or : line
  // What it was about is at the beginning, and why it failed at the end.
  return `${line.slice(0, HEAD).trimEnd()} … ${line.slice(HEAD + 3 - LONGEST).trimStart()}`
}

/** The message that it ended with; what is before that are warnings. */
function lastWords(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '')
  const fatal = lines.findLast((line) => /\blevel=(?:fatal|error|panic)\b/.test(line))
  const [, quoted] = /\bmsg=("(?:[^"\\]|\\.)*")/.exec(fatal ?? '') ?? []
  if (quoted !== undefined) return unquoted(quoted)
  return fatal ?? lines.find((line) => /^(?:panic|fatal error): /.test(line)) ?? lines.at(-1) ?? ''
}

/** Go quotes as JSON does, but for characters that can't be printed. */
function unquoted(text: string): string {
  return text
    .slice(1, -1)
    .replaceAll(/\\(?:x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8}|[abfnrtv])/g, ' ')
    .replaceAll(/\\(["\\])/g, '$1')
}
