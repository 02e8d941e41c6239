import { cut, markdownText } from './escape.ts'

/** Words of ours that lead somewhere. */
export interface Link {
  readonly words: string
  /** Where there is no address, or none of the web, the words stand alone. */
  readonly url?: string | undefined
}

const LONGEST_WORDS = 100
const LONGEST_ADDRESS = 1000

/** A link in Markdown. */
export function markdownLink({ words, url }: Link): string {
  const address = url === undefined ? undefined : addressOf(url)
  const text = markdownText(cut(words, LONGEST_WORDS))
  return address === undefined ? text : `[${text}](<${address}>)`
}

/** An address of the web in which nothing ends the link; undefined for anything else. */
function addressOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const { protocol, href } = new URL(url)
  if (protocol !== 'https:' && protocol !== 'http:') return undefined
  const address = href.replaceAll(/[<>\\`|]/g, (character) => encodeURIComponent(character))
  return address.length > LONGEST_ADDRESS ? undefined : address
}
