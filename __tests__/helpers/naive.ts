// The most obvious way to read a Harbor: page after page, everything that can be asked for, with nothing of ours.
// Slow, and wrong as soon as something changes meanwhile; right where nothing does.
import { isRecord, parseJson } from '../../stand-in/state/json.ts'

export interface NaiveTag {
  readonly name: string
  readonly pushed: number
  readonly pulled: number | null
  readonly immutable: boolean
}

export interface NaiveArtifact {
  readonly digest: string
  readonly type: string
  readonly size: number
  readonly pushed: number
  readonly pulled: number | null
  readonly tags: readonly NaiveTag[]
  readonly labels: readonly string[]
  readonly children: readonly string[]
  readonly accessories: readonly string[]
}

export interface Server {
  readonly url: string
  readonly username: string
  readonly password: string
}

/** By repository, everything that its list has, and the children of what it has. */
export async function readNaively(server: Server): Promise<ReadonlyMap<string, readonly NaiveArtifact[]>> {
  const repositories = new Map<string, readonly NaiveArtifact[]>()
  for (const { name: project, registry_id: cached } of await pages(server, '/projects?with_detail=false')) {
    if (cached !== undefined && cached !== null) continue
    for (const { name } of await pages(server, `/projects/${String(project)}/repositories?`)) {
      repositories.set(String(name), await artifactsOf(server, String(name)))
    }
  }
  return repositories
}

const FLAGS = 'with_tag=true&with_label=true&with_accessory=true&with_immutable_status=true'

async function artifactsOf(server: Server, repository: string): Promise<readonly NaiveArtifact[]> {
  const [project = '', ...rest] = repository.split('/')
  const path = `/projects/${project}/repositories/${rest.join('%252F')}/artifacts`
  const artifacts = new Map<string, NaiveArtifact>()
  const listed = (await pages(server, `${path}?${FLAGS}`)).map((answer) => toArtifact(answer))
  for (const artifact of listed) artifacts.set(artifact.digest, artifact)
  for (const { children } of artifacts.values()) {
    for (const digest of children) {
      if (artifacts.has(digest)) continue
      const { status, text } = await get(server, `${path}/${digest}?${FLAGS}`)
      if (status === 200) artifacts.set(digest, toArtifact(parseJson<Entry>(text)))
    }
  }
  return [...artifacts.values()]
}

type Entry = Readonly<Record<string, unknown>>

function toArtifact(answer: Entry): NaiveArtifact {
  return {
    digest: String(answer['digest']),
    type: String(answer['type']),
    size: Number(answer['size']),
    pushed: Date.parse(String(answer['push_time'])),
    pulled: pulledAt(answer),
    tags: entriesOf(answer['tags'])
      .map((tag) => ({
        name: String(tag['name']),
        pushed: Date.parse(String(tag['push_time'])),
        pulled: pulledAt(tag),
        immutable: tag['immutable'] === true,
      }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    labels: entriesOf(answer['labels']).map(({ name }) => String(name)),
    children: [...new Set(entriesOf(answer['references']).map(({ child_digest: child }) => String(child)))],
    accessories: entriesOf(answer['accessories']).map(
      ({ digest, type }) => `${String(type)} ${String(digest)}`,
    ),
  }
}

function pulledAt({ pull_time: pulled }: Entry): number | null {
  const text = String(pulled)
  return text.startsWith('0001-') ? null : Date.parse(text)
}

function entriesOf(value: unknown): readonly Entry[] {
  return Array.isArray(value) ? value.filter((entry) => isRecord(entry)) : []
}

/** A whole list, by page numbers, until X-Total-Count is reached. */
async function pages(server: Server, path: string): Promise<readonly Entry[]> {
  const entries: Entry[] = []
  for (let page = 1; ; page += 1) {
    const { headers, text } = await get(server, `${path}&page_size=50&page=${page}`)
    const more = parseJson<Entry[]>(text)
    entries.push(...more)
    if (more.length === 0 || entries.length >= Number(headers.get('x-total-count'))) return entries
  }
}

export async function get(
  { url, username, password }: Server,
  path: string,
): Promise<{ status: number; headers: Headers; text: string }> {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
  const answer = await fetch(`${url}/api/v2.0${path.replace('?&', '?')}`, { headers: { authorization } })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}
