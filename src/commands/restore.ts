import type { Settings } from '../inputs/settings.ts'
import type { Instant } from '../shared/instant.ts'
import type { Host } from '../shells/host.ts'
import { Failed, type Outcome } from './outcome.ts'

export function restore(_settings: Settings, _host: Host, _present: Instant): Promise<Outcome> {
  return Promise.reject(new Failed('not yet', { status: 2, reason: 'bad-input' }))
}
