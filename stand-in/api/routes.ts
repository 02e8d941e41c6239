// All of the API v2.0 that the stand-in has. What it doesn't have is in README.md.
import type { Route } from '../http/router.ts'
import { additionRoutes } from './additions.ts'
import { artifactListRoutes } from './artifact-list.ts'
import { artifactRoutes } from './artifacts.ts'
import { auditRoutes } from './audit.ts'
import { gcRoutes } from './gc.ts'
import { immutableRuleRoutes } from './immutable-rules.ts'
import { labelRoutes } from './labels.ts'
import { projectRoutes } from './projects.ts'
import { quotaRoutes } from './quotas.ts'
import { replicationRoutes } from './replication.ts'
import { repositoryRoutes } from './repositories.ts'
import { retentionRoutes } from './retention.ts'
import { robotRoutes } from './robots.ts'
import { scannerRoutes } from './scanners.ts'
import { systemRoutes } from './system.ts'
import { userRoutes } from './users.ts'

export const ROUTES: readonly Route[] = [
  ...systemRoutes,
  ...userRoutes,
  ...projectRoutes,
  ...repositoryRoutes,
  ...artifactListRoutes,
  ...artifactRoutes,
  ...scannerRoutes,
  ...additionRoutes,
  ...labelRoutes,
  ...immutableRuleRoutes,
  ...quotaRoutes,
  ...retentionRoutes,
  ...gcRoutes,
  ...robotRoutes,
  ...replicationRoutes,
  ...auditRoutes,
]
