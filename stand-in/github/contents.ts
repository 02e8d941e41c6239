// What stands at a path of a commit (https://docs.github.com/en/rest/repos/contents).
import { createHash } from 'node:crypto'
import path from 'node:path'
import type { Reply } from '../http/reply.ts'
import { json, notFound, Refusal } from './errors.ts'
import type { Commit, Entry } from './model.ts'
import { need, type Asked } from './request.ts'

/** Over it, the answer has no content; raw it still comes. */
const MOST_IN_JSON = 2 ** 20
/** GitHub breaks base64 into lines. */
const LINE = /.{60}/g

export function showContent(asked: Asked): Reply {
  need(asked, 'read', 'contents')
  const ref = asked.query.get('ref') ?? asked.repository.defaultBranch
  const commit = asked.repository.resolve(ref)
  if (commit === undefined) throw new Refusal(404, `No commit found for the ref ${ref}`)
  const where = (asked.params[0] ?? '').replace(/\/$/, '')
  const entry = commit.files.get(where)
  if (entry === undefined) return showFolder(asked, commit, where)
  const file = followed(commit, where, entry)
  const named = nameAt(asked, where, file)
  if (file.kind === 'symlink') return json({ ...named, type: 'symlink', target: file.target })
  if (file.kind === 'submodule') {
    return json({ ...named, type: 'submodule', submodule_git_url: 'git://example.com/x' })
  }
  if ((asked.headers.accept ?? '').includes('raw')) {
    return {
      status: 200,
      headers: { 'content-type': 'application/vnd.github.raw+json; charset=utf-8' },
      body: file.bytes,
    }
  }
  const whole = file.bytes.length <= MOST_IN_JSON
  const content = whole ? `${file.bytes.toString('base64').replaceAll(LINE, '$&\n')}\n` : ''
  return json({ ...named, type: 'file', content, encoding: whole ? 'base64' : 'none' })
}

/** A link to a file in the repository stands for that file. */
function followed({ files }: Commit, where: string, entry: Entry): Entry {
  if (entry.kind !== 'symlink') return entry
  const target = files.get(path.posix.join(path.posix.dirname(where), entry.target))
  return target?.kind === 'file' ? target : entry
}

function showFolder(asked: Asked, { files }: Commit, folder: string): Reply {
  const prefix = folder === '' ? '' : `${folder}/`
  const shown = new Map<string, unknown>()
  for (const [where, entry] of files) {
    if (!where.startsWith(prefix)) continue
    const [name = '', ...rest] = where.slice(prefix.length).split('/')
    const type = rest.length > 0 ? 'dir' : entry.kind === 'file' ? 'file' : entry.kind
    shown.set(name, { ...nameAt(asked, prefix + name, rest.length > 0 ? undefined : entry), type })
  }
  if (shown.size === 0) throw notFound()
  return json([...shown.values()])
}

function nameAt({ api, repository, query }: Asked, where: string, entry: Entry | undefined): object {
  const ref = query.get('ref') ?? repository.defaultBranch
  const url = `${api}/repos/${repository.fullName}/contents/${where}?ref=${ref}`
  const git = `${api}/repos/${repository.fullName}/git/blobs/${blobSha(entry)}`
  const html = `https://github.com/${repository.fullName}/blob/${ref}/${where}`
  return {
    name: path.posix.basename(where),
    path: where,
    sha: blobSha(entry),
    size: entry?.kind === 'file' ? entry.bytes.length : 0,
    url,
    html_url: html,
    git_url: git,
    download_url: `https://raw.githubusercontent.com/${repository.fullName}/${ref}/${where}`,
    _links: { self: url, git, html },
  }
}

function blobSha(entry: Entry | undefined): string {
  const bytes = entry?.kind === 'file' ? entry.bytes : Buffer.from(JSON.stringify(entry ?? null))
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}
