/** As the API writes times: milliseconds, UTC. */
export function instant(time: number): string {
  return new Date(time).toISOString()
}
