import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Document,
  type Node,
} from 'yaml'

/** Where something stands in the policy file; lines and columns count from 1. */
export interface Place {
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

/** Something wrong in the policy file, in words that say what to do. */
export interface Problem extends Place {
  readonly message: string
}

/** A way into the policy: keys and list indexes from the top. */
export type Path = readonly (string | number)[]

/** A policy file that is YAML: its data, and where each part of it stands. */
export interface PolicyDocument {
  readonly data: unknown
  /** The value at a path; the nearest place above where there is none. */
  placeOf(path: Path): Place
  /** The key that a path ends in. */
  placeOfKey(path: Path): Place
}

const LARGEST = 2 ** 20

/** Reads YAML 1.2 strictly: one document, no duplicate keys, no tags of its own, no exploding aliases. */
export function readDocument(text: string): PolicyDocument | readonly Problem[] {
  const top: Place = { line: 1, column: 1, endLine: 1, endColumn: 1 }
  if (text.length > LARGEST) return [{ ...top, message: 'the file is over 1 MiB; is it a policy?' }]
  const lines = new LineCounter()
  // Without the tags that the library knows (!!set, !!omap, …): only what JSON has.
  const document = parseDocument(text, {
    resolveKnownTags: false,
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    strict: true,
  })
  const place = (start: number, end: number): Place => {
    const from = lines.linePos(start)
    const to = lines.linePos(Math.max(start, end))
    return { line: from.line, column: from.col, endLine: to.line, endColumn: to.col }
  }
  const faults = [...document.errors, ...document.warnings]
  if (faults.length > 0) {
    return faults.map(({ message, pos }) => ({
      ...place(...pos),
      message: `this is not valid YAML: ${message}`,
    }))
  }
  const placeOfNode = (node: Node): Place => place(node.range?.[0] ?? 0, node.range?.[1] ?? 0)
  try {
    return {
      data: document.toJS({ maxAliasCount: 100 }) as unknown,
      placeOf: (path) => placeOfNode(nodeAt(document, path) ?? document.contents ?? document.createNode('')),
      placeOfKey: (path) => placeOfNode(keyAt(document, path) ?? document.createNode('')),
    }
  } catch (error) {
    // The only thing that toJS refuses is a file that grows without bound when its aliases are filled in.
    if (error instanceof ReferenceError) {
      return [{ ...top, message: `the aliases in this file are refused: ${error.message}` }]
    }
    throw error
  }
}

function nodeAt(document: Document, path: Path): Node | undefined {
  let node: Node | undefined = document.contents ?? undefined
  for (const step of path) {
    const next = child(resolve(node, document), step)
    if (next === undefined) return node
    node = next
  }
  return node
}

function keyAt(document: Document, path: Path): Node | undefined {
  const key = path.at(-1)
  const parent = resolve(nodeAt(document, path.slice(0, -1)), document)
  if (!isMap(parent)) return parent
  const pair = parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
  return isNode(pair?.key) ? pair.key : parent
}

function resolve(node: Node | undefined, document: Document): Node | undefined {
  return isAlias(node) ? node.resolve(document) : node
}

function child(node: Node | undefined, step: string | number): Node | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(step)]
    return isNode(item) ? item : undefined
  }
  if (!isMap(node)) return undefined
  const pair = node.items.find(
    (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step),
  )
  return isNode(pair?.value) ? pair.value : undefined
}
