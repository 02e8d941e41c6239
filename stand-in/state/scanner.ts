// A vulnerability scanner registered with Harbor. What it finds is what `registry.findings` says.
export interface Scanner {
  readonly uuid: string
  readonly name: string
  readonly url: string
  readonly description: string
  readonly auth: string
  readonly created: number
  readonly adapter: { readonly name: string; readonly vendor: string; readonly version: string }
  isDefault: boolean
}
