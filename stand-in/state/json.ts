// The one place where JSON is given the type that its reader expects. The stand-in reads requests of tests,
// fixtures and its own blobs; it doesn't check more of them than a real Harbor's answers depend on.

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- see above
export function parseJson<T>(text: string): T {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- see above
  return JSON.parse(text) as T
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
