// Other registries that Harbor knows, and what it replicates to or from them. Policies are kept and shown; the
// stand-in copies nothing (see README.md).
export interface RemoteRegistry {
  readonly id: number
  readonly name: string
  readonly type: string
  readonly url: string
  readonly insecure: boolean
  readonly created: number
}

export interface ReplicationPolicy {
  readonly id: number
  readonly name: string
  readonly description: string
  readonly destination: RemoteRegistry | null
  readonly source: RemoteRegistry | null
  readonly destinationNamespace: string
  readonly replaceCount: number
  readonly trigger: Readonly<{ type: string; trigger_settings?: Readonly<Record<string, unknown>> }>
  readonly filters: readonly Readonly<Record<string, unknown>>[]
  readonly replicateDeletion: boolean
  readonly enabled: boolean
  readonly override: boolean
  readonly created: number
}
