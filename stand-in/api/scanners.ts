// Scanners, scans and what they found.
import { randomUUID } from 'node:crypto'
import { type Exchange, bodyJson, param, projectOfPath } from '../http/exchange.ts'
import { type Reply, created, empty, json, plain } from '../http/reply.ts'
import type { Route } from '../http/router.ts'
import { badRequest, notFound } from '../state/error.ts'
import { defaultScanner, isScannable, reportsOf, startScan, vulnerabilityReport } from '../state/scan.ts'
import type { Scanner } from '../state/scanner.ts'
import { artifactOfPath } from './artifacts.ts'
import { columns } from './columns.ts'
import { list } from './list.ts'
import { instant } from './time.ts'

const ARTIFACT = '/projects/:projectName/repositories/:repository/artifacts/:reference'

export const scannerRoutes: readonly Route[] = [
  { method: 'GET', path: '/scanners', need: 'system scanner:list', handle: listScanners },
  { method: 'POST', path: '/scanners', need: 'system scanner:create', handle: create },
  { method: 'PATCH', path: '/scanners/:scanner', need: 'system scanner:update', handle: makeDefault },
  { method: 'POST', path: `${ARTIFACT}/scan`, need: 'project scan:create', handle: scan },
  { method: 'GET', path: `${ARTIFACT}/scan/:report/log`, need: 'project scan:read', handle: scanLog },
  {
    method: 'GET',
    path: `${ARTIFACT}/additions/vulnerabilities`,
    need: 'project artifact-addition:read',
    handle: vulnerabilities,
  },
]

const COLUMNS = columns<Scanner>({ name: 'name', alias: 'Name', value: ({ name }) => name })
const LAB_ADAPTER = { name: 'LabScanner', vendor: 'lab', version: '1.0.0' }

function listScanners(exchange: Exchange): Reply {
  return list(exchange, {
    rows: exchange.registry.scanners.values(),
    columns: COLUMNS,
    order: (a, b) => a.created - b.created,
    show: (scanner) => ({
      access_credential: '',
      auth: scanner.auth,
      capabilities: { support_vulnerability: true },
      create_time: instant(scanner.created),
      description: scanner.description,
      disabled: false,
      is_default: scanner.isDefault,
      name: scanner.name,
      skip_certVerify: false,
      update_time: instant(scanner.created),
      url: scanner.url,
      use_internal_addr: false,
      uuid: scanner.uuid,
    }),
  })
}

/** The first one is the default. */
function create(exchange: Exchange): Reply {
  const { registry, path } = exchange
  const wanted = bodyJson<{ name: string; url: string; description?: string; auth?: string }>(exchange)
  const scanner: Scanner = {
    uuid: randomUUID(),
    name: wanted.name,
    url: wanted.url,
    description: wanted.description ?? '',
    auth: wanted.auth ?? '',
    created: registry.clock.now(),
    adapter: LAB_ADAPTER,
    isDefault: registry.scanners.size === 0,
  }
  registry.scanners.set(scanner.uuid, scanner)
  return created(`${path}/${scanner.uuid}`)
}

function makeDefault(exchange: Exchange): Reply {
  const uuid = param(exchange, 'scanner')
  const { scanners } = exchange.registry
  if (!scanners.has(uuid)) throw notFound(`scanner ${uuid} not found`)
  const { is_default: wanted } = bodyJson<{ is_default: boolean }>(exchange)
  for (const scanner of scanners.values()) scanner.isDefault = wanted && scanner.uuid === uuid
  return empty(200)
}

function scan(exchange: Exchange): Reply {
  const { registry } = exchange
  const artifact = artifactOfPath(exchange)
  const scanner = requireScanner(exchange)
  if (!isScannable(registry, artifact)) {
    throw badRequest(
      `the configured scanner ${scanner.name} does not support scanning artifact with mime type`,
    )
  }
  startScan(registry, artifact, scanner)
  return empty(202)
}

function requireScanner(exchange: Exchange): Scanner {
  const scanner = defaultScanner(exchange.registry)
  if (scanner !== undefined) return scanner
  throw notFound(`no scanner registration configured for project: ${projectOfPath(exchange).id}`)
}

/** The id may be several, joined and encoded: Harbor decodes before it looks (recordings-2, 076). */
function scanLog(exchange: Exchange): Reply {
  const id = param(exchange, 'report')
  const isUuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
  const ids = isUuid.test(id) ? [id] : Buffer.from(id, 'base64').toString('utf8').split('|')
  const invalid = ids.find((one) => !isUuid.test(one))
  if (invalid !== undefined) throw badRequest(`bad request: invalid UUID ${invalid}`)
  const known = new Set(reportsOf(artifactOfPath(exchange)).map((report) => report.id))
  if (ids.every((one) => known.has(one))) return plain('')
  throw notFound(`report with uuid ${id} does not exist`)
}

function vulnerabilities(exchange: Exchange): Reply {
  const artifact = artifactOfPath(exchange)
  if (!isScannable(exchange.registry, artifact)) requireScanner(exchange)
  const reply = json(vulnerabilityReport(artifact))
  return { ...reply, body: String(reply.body).trimEnd() }
}
