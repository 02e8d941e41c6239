import { grouped } from './words.ts'

/** A table before it is Markdown or text. Registry and policy text is in cells marked `code`, never in `text`. */
export interface Table {
  readonly title: string
  /** What the title goes on with: names. */
  readonly about?: readonly Cell[]
  /** What kind of change it shows. */
  readonly mark?: Mark
  readonly columns: readonly Column[]
  /** Made one by one as far as they are shown, each time anew: there can be a million. */
  readonly rows: Iterable<readonly Cell[]>
  readonly count: number
  /** What the rows come to, where that is more than their count. */
  readonly sum?: string
  /** Rows that a terminal or a log gets at most; as many as any other unless given. */
  readonly textRows?: number
}

export interface Column {
  readonly name: string
  readonly align?: 'right'
}

/** What stands out at a glance: what is lost, saved, moved, and what changes otherwise. */
export type Mark = 'lost' | 'saved' | 'endangered' | 'copied' | 'otherwise'

/** Words of ours, or somebody else's, which are shown as they are and do nothing; or several of both. */
export type Cell = Words | { readonly parts: readonly Words[] }

type Words = { readonly text: string } | { readonly code: string } | { readonly codes: readonly string[] }

/** Words of ours about names of somebody else's. */
export interface Notice {
  readonly words: string
  readonly names: readonly string[]
}

export function text(words: string | number): Words {
  return { text: typeof words === 'number' ? grouped(words) : words }
}

export function code(words: string): Words {
  return { code: words }
}

/** Of a table's title, all. */
export function titleCells({ title, about = [], sum, count }: Table): readonly Cell[] {
  return [text(title), ...about, text(sum ?? count)]
}
