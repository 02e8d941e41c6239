// Scanning for vulnerabilities, by a scanner whose findings are known beforehand.
import { randomUUID } from 'node:crypto'
import { startJob } from './execution.ts'
import type { Artifact, ScanReport, Severity } from './model.ts'
import { type Registry, touched } from './registry.ts'
import type { Scanner } from './scanner.ts'

export const REPORT_TYPE = 'application/vnd.security.vulnerability.report; version=1.1'

const IN_TOTO = 'application/vnd.in-toto+json'
const NO_FINDINGS = { severity: 'None', generated: '', vulnerabilities: [] } as const
const SEVERITIES: readonly Severity[] = ['None', 'Unknown', 'Negligible', 'Low', 'Medium', 'High', 'Critical']

export function defaultScanner(registry: Registry): Scanner | undefined {
  return [...registry.scanners.values()].find(({ isDefault }) => isDefault)
}

/** Only images can be scanned, and indexes of them. */
export function isScannable(registry: Registry, artifact: Artifact): boolean {
  return artifact.type === 'IMAGE' && artifact.accessoryOf === null && defaultScanner(registry) !== undefined
}

export function startScan(registry: Registry, artifact: Artifact, scanner: Scanner): void {
  const started = registry.clock.now()
  const work = scannedParts(artifact).map((part) => () => {
    const ended = registry.clock.now()
    const findings = registry.findings.get(part.digest) ?? NO_FINDINGS
    part.scan = { id: randomUUID(), started, ended, scanner: scanner.adapter, findings }
    touched(part.repository)
    return ''
  })
  startJob(registry, { kind: 'SCAN', owner: artifact.id, parameters: {}, work })
}

/** An index is its children, attestations apart. */
function scannedParts(artifact: Artifact): readonly Artifact[] {
  if (artifact.references.length === 0) return [artifact]
  return artifact.references
    .map(({ child }) => child)
    .filter(({ blobs }) => !blobs.some(({ contentType }) => contentType === IN_TOTO))
}

export function reportsOf(artifact: Artifact): ScanReport[] {
  return scannedParts(artifact)
    .map(({ scan }) => scan)
    .filter((scan) => scan !== null)
}

/** By report type; nothing at all when it wasn't scanned. */
export function scanOverview(artifact: Artifact): Record<string, unknown> | undefined {
  const reports = reportsOf(artifact)
  const [first] = reports
  if (first === undefined) return undefined
  const started = Math.min(...reports.map((report) => report.started))
  const ended = Math.max(...reports.map((report) => report.ended))
  const found = reports.flatMap(({ findings }) => findings.vulnerabilities)
  const ids = reports.map(({ id }) => id)
  return {
    [REPORT_TYPE]: {
      complete_percent: 100,
      duration: Math.floor((ended - started) / 1000),
      end_time: wholeSecond(ended),
      report_id: reports.length === 1 ? first.id : Buffer.from(ids.join('|')).toString('base64'),
      scan_status: 'Success',
      scanner: first.scanner,
      severity: worst(found.map(({ severity }) => severity)),
      start_time: wholeSecond(started),
      summary: {
        fixable: found.filter(({ fixVersion }) => fixVersion !== '').length,
        summary: countBy(found.map(({ severity }) => severity)),
        total: found.length,
      },
    },
  }
}

function worst(severities: readonly Severity[]): Severity {
  const ranks = severities.map((severity) => SEVERITIES.indexOf(severity))
  return SEVERITIES[Math.max(0, ...ranks)] ?? 'None'
}

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}

function wholeSecond(time: number): string {
  return new Date(Math.floor(time / 1000) * 1000).toISOString()
}

export function vulnerabilityReport(artifact: Artifact): Record<string, unknown> {
  const reports = reportsOf(artifact)
  const [first] = reports
  if (first === undefined) return {}
  return {
    [REPORT_TYPE]: {
      generated_at: first.findings.generated,
      scanner: first.scanner,
      severity: worst(reports.map(({ findings }) => findings.severity)),
      vulnerabilities: reports.flatMap(({ findings }) =>
        findings.vulnerabilities.map((vulnerability) => ({
          id: vulnerability.id,
          package: vulnerability.package,
          version: vulnerability.version,
          fix_version: vulnerability.fixVersion,
          severity: vulnerability.severity,
          status: '',
          description: 'lab',
          links: ['https://example.invalid/CVE'],
          artifact_digests: [artifact.digest],
          preferred_cvss: { score_v3: null, score_v2: null, vector_v3: '', vector_v2: '' },
          cwe_ids: [''],
          vendor_attributes: null,
        })),
      ),
    },
  }
}
