import {
  isAlias,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  parseDocument,
  visit,
  type Document,
  type Node,
  type YAMLError,
} from 'yaml'
import { codeOf, messageOf } from '../shared/failure.ts'
import { placesIn, type Place } from './place.ts'

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
const QUOTES = 'if it is a pattern, put it in quotes'

/** Reads YAML 1.2 strictly: one document, no duplicate keys, no tags, no exploding aliases. */
export function readDocument(text: string): PolicyDocument | readonly Problem[] {
  const places = placesIn(text)
  if (new TextEncoder().encode(text).length > LARGEST) {
    return [{ ...places(0, 0), message: 'the file is over 1 MiB; is it a policy?' }]
  }
  // Without the tags that the library knows (!!set, !!omap, …): only what JSON has.
  const options = {
    prettyErrors: false,
    uniqueKeys: true,
    strict: true,
    resolveKnownTags: false,
    logLevel: 'error',
  } as const
  const document = parseDocument(text, options)
  const placeOfNode = (node: Node | undefined): Place => places(node?.range?.[0] ?? 0, node?.range?.[1] ?? 0)
  const faults = [
    ...otherVersion(document).map((message) => ({ ...places(0, 0), message })),
    ...telling([...document.errors, ...document.warnings]).map((fault) => ({
      ...places(...fault.pos),
      message: faultWords(fault),
    })),
    ...danglingAliases(document).map((node) => ({ ...placeOfNode(node), message: aliasWords(node.source) })),
  ]
  if (faults.length > 0) return faults
  try {
    const data: unknown = document.toJS({ maxAliasCount: 100 })
    // An alias within what it stands for would have no end.
    JSON.stringify(data)
    return {
      data,
      placeOf: (path) => placeOfNode(nodeAt(document, path)),
      placeOfKey: (path) => placeOfNode(keyAt(document, path)),
    }
  } catch (error) {
    const endless = error instanceof TypeError ? 'one stands within what it names' : messageOf(error)
    return [{ ...places(0, 0), message: `the aliases in this file are refused: ${endless}` }]
  }
}

/** A `%YAML 1.1` line brings other rules with it: types of its own, and `no` for false. */
function otherVersion({ directives }: Document.Parsed): readonly string[] {
  const { explicit = false, version } = directives.yaml
  return explicit && version !== '1.2' ? [`a policy is YAML 1.2; take out the line \`%YAML ${version}\``] : []
}

/** Faults that follow from none before: of a syntax error only the first, the rest of the file being out of step. */
function telling(faults: readonly YAMLError[]): readonly YAMLError[] {
  const isAlone = (fault: YAMLError): boolean =>
    ['DUPLICATE_KEY', 'TAG_RESOLVE_FAILED'].includes(codeOf(fault) ?? '')
  const first = faults.find((fault) => !isAlone(fault))
  return faults.filter(
    (fault) => fault === first || (isAlone(fault) && (first === undefined || fault.pos[0] < first.pos[0])),
  )
}

function faultWords(fault: YAMLError): string {
  if (fault.code === 'MULTIPLE_DOCS') {
    return 'a policy is one YAML document; take out the `---` and what follows'
  }
  if (fault.code === 'BAD_ALIAS') return `\`*\` starts an alias in YAML; ${QUOTES}`
  if (fault.code !== 'TAG_RESOLVE_FAILED') return `this is not valid YAML: ${messageOf(fault)}`
  const [, tag = ''] = /: (\S+)$/.exec(fault.message) ?? []
  return `\`${tag.replace('tag:yaml.org,2002:', '!!')}\` is a tag in YAML, and policies have none; ${QUOTES}`
}

function danglingAliases(document: Document): readonly (Node & { readonly source: string })[] {
  const dangling: (Node & { readonly source: string })[] = []
  visit(document, {
    Alias: (_, node) => {
      if (node.source !== '' && node.resolve(document) === undefined) dangling.push(node)
    },
  })
  return dangling
}

function aliasWords(source: string): string {
  return `\`*${source}\` is an alias in YAML, of an anchor that is not there; ${QUOTES}: "*${source}"`
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
  const parent = resolve(nodeAt(document, path.slice(0, -1)), document)
  if (!isMap(parent)) return parent
  const pair = parent.items.find(
    (item) => isScalar(item.key) && String(item.key.value) === String(path.at(-1)),
  )
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
