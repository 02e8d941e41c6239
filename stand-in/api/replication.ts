// Other registries, and replication policies to and from them.
import { type Exchange, bodyJson } from '../http/exchange.ts'
import { type Reply, created } from '../http/reply.ts'
import type { Route } from '../http/router.ts'
import { badRequest } from '../state/error.ts'
import { NEVER } from '../state/model.ts'
import type { RemoteRegistry, ReplicationPolicy } from '../state/replication.ts'
import { columns } from './columns.ts'
import { list } from './list.ts'
import { instant } from './time.ts'

const POLICIES = '/replication/policies'

export const replicationRoutes: readonly Route[] = [
  { method: 'GET', path: '/registries', need: 'system registry:list', handle: listRegistries },
  { method: 'POST', path: '/registries', need: 'system registry:create', handle: createRegistry },
  { method: 'GET', path: POLICIES, need: 'system replication-policy:list', handle: listPolicies },
  { method: 'POST', path: POLICIES, need: 'system replication-policy:create', handle: createPolicy },
]

const REGISTRY_COLUMNS = columns<RemoteRegistry>(
  { name: 'id', alias: 'ID', value: ({ id }) => id, type: 'integer' },
  { name: 'name', alias: 'Name', value: ({ name }) => name },
)

function listRegistries(exchange: Exchange): Reply {
  return list(exchange, {
    rows: exchange.registry.registries.values(),
    columns: REGISTRY_COLUMNS,
    order: (a, b) => a.id - b.id,
    show: registryJson,
  })
}

function registryJson({
  id,
  name,
  type,
  url,
  insecure,
  created: made,
}: RemoteRegistry): Record<string, unknown> {
  return {
    creation_time: instant(made),
    credential: {},
    id,
    insecure,
    name,
    status: 'healthy',
    type,
    update_time: instant(made),
    url,
  }
}

function createRegistry(exchange: Exchange): Reply {
  const { registry, path } = exchange
  const wanted = bodyJson<Pick<RemoteRegistry, 'name' | 'type' | 'url'> & { insecure?: boolean }>(exchange)
  const id = registry.ids.registry.next()
  const remote = { id, created: registry.clock.now(), ...wanted, insecure: wanted.insecure ?? false }
  registry.registries.set(id, remote)
  return created(`${path}/${id}`)
}

interface NewPolicy {
  readonly name: string
  readonly description?: string
  readonly dest_registry?: { readonly id: number }
  readonly src_registry?: { readonly id: number }
  readonly dest_namespace?: string
  readonly dest_namespace_replace_count?: number
  readonly trigger: ReplicationPolicy['trigger']
  readonly filters?: ReplicationPolicy['filters']
  /** Harbor shows it as `replicate_deletion` too, but only takes it by this name (recordings-2, 090 and 091). */
  readonly deletion?: boolean
  readonly enabled?: boolean
  readonly override?: boolean
}

function createPolicy(exchange: Exchange): Reply {
  const { registry, path } = exchange
  const wanted = bodyJson<NewPolicy>(exchange)
  const destination = registry.registries.get(wanted.dest_registry?.id ?? 0) ?? null
  const source = registry.registries.get(wanted.src_registry?.id ?? 0) ?? null
  if ((destination === null) === (source === null)) {
    throw badRequest(
      "either src_registry or dest_registry should be empty and the other one shouldn't be empty",
    )
  }
  const id = registry.ids.replication.next()
  registry.replications.set(id, {
    id,
    name: wanted.name,
    description: wanted.description ?? '',
    destination,
    source,
    destinationNamespace: wanted.dest_namespace ?? '',
    replaceCount: wanted.dest_namespace_replace_count ?? -1,
    trigger: wanted.trigger,
    filters: wanted.filters ?? [],
    replicateDeletion: wanted.deletion ?? false,
    enabled: wanted.enabled ?? false,
    override: wanted.override ?? false,
    created: registry.clock.now(),
  })
  return created(`${path}/${id}`)
}

const POLICY_COLUMNS = columns<ReplicationPolicy>(
  { name: 'id', alias: 'ID', value: ({ id }) => id, type: 'integer' },
  { name: 'name', alias: 'Name', value: ({ name }) => name },
)

function listPolicies(exchange: Exchange): Reply {
  return list(exchange, {
    rows: exchange.registry.replications.values(),
    columns: POLICY_COLUMNS,
    order: (a, b) => b.created - a.created || b.id - a.id,
    show: (policy) => policyJson(exchange, policy),
  })
}

function policyJson(exchange: Exchange, policy: ReplicationPolicy): Record<string, unknown> {
  const side = (remote: RemoteRegistry | null): Record<string, unknown> =>
    remote === null ? thisHarbor(exchange) : registryJson(remote)
  return {
    copy_by_chunk: false,
    creation_time: instant(policy.created),
    ...(policy.description !== '' && { description: policy.description }),
    dest_namespace: policy.destinationNamespace,
    dest_namespace_replace_count: policy.replaceCount,
    dest_registry: side(policy.destination),
    enabled: policy.enabled,
    filters: policy.filters,
    id: policy.id,
    name: policy.name,
    override: policy.override,
    ...(policy.replicateDeletion && { deletion: true, replicate_deletion: true }),
    single_active_replication: false,
    speed: 0,
    src_registry: side(policy.source),
    trigger: { trigger_settings: {}, type: policy.trigger.type },
    update_time: instant(policy.created),
  }
}

function thisHarbor({ origin }: Exchange): Record<string, unknown> {
  return {
    creation_time: instant(NEVER),
    credential: { access_secret: '*****', type: 'secret' },
    id: 0,
    insecure: true,
    name: 'Local',
    status: 'healthy',
    type: 'harbor',
    update_time: instant(NEVER),
    url: origin,
  }
}
