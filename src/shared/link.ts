/**
 * Where a list goes on, by the Link header of its page (RFC 8288), as it is written there.
 *
 * @returns undefined at the end of the list
 */
export function nextLink(header: string | readonly string[] | undefined): string | undefined {
  const [, link] = /<([^>]*)>\s*;[^,<]*\brel="?next\b/i.exec([header].flat().join(', ')) ?? []
  return link
}
