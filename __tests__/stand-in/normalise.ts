// What can't be the same twice is made comparable: instants, random secrets, and the numbers that the two
// registries counted differently. The same number must stand for the same thing throughout.

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g
/** Times that were given to the lab's artifacts, and Harbor's "never": these must be equal. */
const FIXED = /T00:00:0[01](?:\.000)?Z$/
export const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g

/** Pairs of recorded and own values that stand for the same thing. */
export class Pairs {
  private readonly own = new Map<string, string>()
  private readonly recorded = new Map<string, string>()

  match(kind: string, recorded: string, own: string): boolean {
    const known = this.own.get(`${kind} ${recorded}`)
    const back = this.recorded.get(`${kind} ${own}`)
    if (known !== undefined || back !== undefined) return known === own && back === recorded
    this.own.set(`${kind} ${recorded}`, own)
    this.recorded.set(`${kind} ${own}`, recorded)
    return true
  }
}

/** Text with its instants, uuids and host taken out. Logs list blobs in the order of a Go map: sorted here. */
export function plainText(text: string): string {
  const plain = text
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?Z?/g, (time) =>
      FIXED.test(time) ? time : '<time>',
    )
    .replaceAll(/2026\/11\/21 \d\d:\d\d:\d\d/g, '<time>')
    .replaceAll(UUID, '<uuid>')
    .replaceAll(/http:\/\/127\.0\.0\.1:\d+/g, '<host>')
    .replaceAll(/\b127\.0\.0\.1:\d+/g, '<host>')
  return plain.includes('garbage_collection.go') ? plain.split('\n').toSorted().join('\n') : plain
}

export interface Difference {
  readonly at: string
  readonly recorded: unknown
  readonly own: unknown
}

/** Ids of these records depend on how often the lab was pushed before it was recorded. */
function idKind(record: Readonly<Record<string, unknown>>): string | undefined {
  if ('artifact_id' in record && 'push_time' in record) return 'tag'
  if ('op_time' in record) return 'audit'
  return undefined
}

const SECRET = new Set(['token', 'secret', 'job_id', 'report_id'])
/** Go gives these in the order of a map. */
const UNORDERED = /\/users\/current\/permissions\?scope=\/project/

export class Comparison {
  private readonly pairs = new Pairs()
  private readonly differences: Difference[] = []

  bodies(request: string, recorded: unknown, own: unknown): Difference[] {
    this.differences.length = 0
    const sort = UNORDERED.test(request)
    this.compare('body', sort ? sorted(recorded) : recorded, sort ? sorted(own) : own)
    return [...this.differences]
  }

  private compare(at: string, recorded: unknown, own: unknown): void {
    if (Array.isArray(recorded) && Array.isArray(own)) this.compareLists(at, recorded, own)
    else if (isRecord(recorded) && isRecord(own)) this.compareRecords(at, recorded, own)
    else if (typeof recorded === 'string' && typeof own === 'string') this.compareTexts(at, recorded, own)
    else if (recorded !== own) this.differences.push({ at, recorded, own })
  }

  private compareLists(at: string, recorded: readonly unknown[], own: readonly unknown[]): void {
    if (recorded.length !== own.length) {
      this.differences.push({ at: `${at}.length`, recorded: recorded.length, own: own.length })
    }
    for (const [index, item] of recorded.entries()) this.compare(`${at}[${index}]`, item, own[index])
  }

  private compareRecords(at: string, recorded: Record<string, unknown>, own: Record<string, unknown>): void {
    const kind = idKind(recorded)
    for (const key of new Set([...Object.keys(recorded), ...Object.keys(own)])) {
      const [theirs, ours] = [recorded[key], own[key]]
      if (key === 'id' && kind !== undefined) {
        if (!this.pairs.match(kind, String(theirs), String(ours))) {
          this.differences.push({ at: `${at}.id (${kind})`, recorded: theirs, own: ours })
        }
      } else if (!SECRET.has(key) || typeof theirs !== typeof ours) {
        this.compare(`${at}.${key}`, theirs, ours)
      }
    }
  }

  private compareTexts(at: string, recorded: string, own: string): void {
    if (plainText(recorded) !== plainText(own)) this.differences.push({ at, recorded, own })
    const [theirs, ours] = [recorded.match(INSTANT) ?? [], own.match(INSTANT) ?? []]
    if (theirs.length !== 1 || ours.length !== 1) return
    this.compareInstants(at, theirs[0] ?? '', ours[0] ?? '')
  }

  /** As precise as each other; and what happened at one instant there did so here. */
  private compareInstants(at: string, recorded: string, own: string): void {
    const isPrecise = /\.\d\d[1-9]Z$/.test(recorded)
    const sameForm = form(recorded) === form(own)
    if (!FIXED.test(recorded) && (!sameForm || (isPrecise && !this.same(recorded, own)))) {
      this.differences.push({ at, recorded, own })
    }
  }

  private readonly instants = new Map<string, string>()

  private same(recorded: string, own: string): boolean {
    const known = this.instants.get(recorded) ?? own
    this.instants.set(recorded, own)
    return known === own
  }
}

/** How precise, apart from the number of digits: Harbor has microseconds in some places. */
function form(instant: string): string {
  return instant.replaceAll(/\d/g, '0').replace(/\.0+Z/, '.0Z')
}

function sorted(value: unknown): unknown {
  return Array.isArray(value) ? value.map((item) => JSON.stringify(item)).toSorted() : value
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
