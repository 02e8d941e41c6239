// Harbor's audit log: one entry for each thing that somebody made or took away.
import type { AuditEntry } from './model.ts'
import type { Registry } from './registry.ts'

export function recordAudit(registry: Registry, entry: Omit<AuditEntry, 'id' | 'time'>): void {
  registry.audit.push({ id: registry.ids.audit.next(), time: registry.clock.now(), ...entry })
}
