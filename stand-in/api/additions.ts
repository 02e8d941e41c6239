// What Harbor can tell about an artifact's content.
import { type Exchange, param } from '../http/exchange.ts'
import { type Reply, rawJson } from '../http/reply.ts'
import type { Route } from '../http/router.ts'
import { text } from '../state/blobs.ts'
import { badRequest, unprocessable } from '../state/error.ts'
import type { Artifact } from '../state/model.ts'
import { artifactOfPath } from './artifacts.ts'
import { parseJson } from '../state/json.ts'

export const additionRoutes: readonly Route[] = [
  {
    method: 'GET',
    path: '/projects/:projectName/repositories/:repository/artifacts/:reference/additions/:addition',
    need: 'project artifact-addition:read',
    handle: addition,
  },
]

const KNOWN_IN_2_10 = ['build_history', 'values.yaml', 'readme.md', 'dependencies']
const KNOWN = {
  '2.10.3': KNOWN_IN_2_10,
  '2.15.1': [...KNOWN_IN_2_10, 'sbom', 'license', 'files'],
}

/** Only an image's build history; a chart's files would have to be unpacked (see README.md). */
function addition(exchange: Exchange): Reply {
  const name = param(exchange, 'addition')
  const known = KNOWN[exchange.registry.version]
  if (!known.includes(name)) {
    throw unprocessable(`addition in path should be one of [${known.join(' ')}]`)
  }
  const artifact = artifactOfPath(exchange)
  if (artifact.type === 'UNKNOWN') {
    throw badRequest('the processor for artifact UNKNOWN not found, cannot get the addition')
  }
  const isImage = artifact.type === 'IMAGE' && artifact.references.length === 0
  if (isImage && name === 'build_history') return rawWithoutNewline(historyOf(artifact))
  const of = isImage ? ' for IMAGE(manifest version 2)' : ''
  throw badRequest(`addition ${name.toUpperCase()} isn't supported${of}`)
}

function historyOf({ manifest, blobs }: Artifact): unknown {
  const { config } = parseJson<{ config: { digest: string } }>(text(manifest))
  const blob = blobs.find(({ digest }) => digest === config.digest)
  const content = parseJson<{ history?: unknown }>(blob === undefined ? '{}' : text(blob))
  return content.history ?? null
}

function rawWithoutNewline(value: unknown): Reply {
  const reply = rawJson(value)
  return { ...reply, body: String(reply.body).trimEnd() }
}
