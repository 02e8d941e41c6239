import type { Harbor } from '../harbor/harbor.ts'
import type { Needs } from '../policy/needs.ts'
import type { Failures } from './failures.ts'

/** What reading any part of a Harbor takes. */
export interface CrawlContext {
  readonly harbor: Harbor
  readonly needs: Needs
  /** Readings side by side, at each level; the connections bound the requests. */
  readonly width: number
  /** Whether Harbor lists the artifacts of a whole project (since 2.12). */
  readonly listsProjects: boolean
  /** Whether Harbor tells cosign's bundles from other referrers (since 2.15). */
  readonly tellsSignatures: boolean
  readonly failures: Failures
  /** Lists of platforms that many artifacts share. */
  readonly platforms: Map<string, readonly string[]>
}
