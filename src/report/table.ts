/** A table before it is Markdown or text. Registry and policy text is in cells marked `code`, never in `text`. */
export interface Table {
  readonly title: string
  readonly columns: readonly Column[]
  /** Made one by one as far as they are shown, each time anew: there can be a million. */
  readonly rows: Iterable<readonly Cell[]>
  readonly count: number
  /** Rows that a terminal or a log gets at most; as many as any other unless given. */
  readonly textRows?: number
}

export interface Column {
  readonly name: string
  readonly align?: 'right'
}

/** Words of ours, or somebody else's, which are shown as they are and do nothing. */
export type Cell =
  { readonly text: string } | { readonly code: string } | { readonly codes: readonly string[] }

export function text(words: string | number): Cell {
  return { text: typeof words === 'number' ? words.toLocaleString('en-US') : words }
}

export function code(words: string): Cell {
  return { code: words }
}
