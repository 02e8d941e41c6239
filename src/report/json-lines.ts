/**
 * A plan or a result as JSON, piece by piece: with a line for each field, and for each item of a field that is a list,
 * so that two can be held against each other line by line.
 */
export function* jsonLines(file: object): Generator<string> {
  let separator = '{\n'
  for (const [key, value] of Object.entries(file)) {
    yield `${separator}  ${JSON.stringify(key)}: `
    separator = ',\n'
    if (Array.isArray(value)) yield* listLines(value)
    else yield JSON.stringify(value)
  }
  yield '\n}\n'
}

function* listLines(items: readonly unknown[]): Generator<string> {
  if (items.length === 0) {
    yield '[]'
    return
  }
  let separator = '[\n'
  for (const item of items) {
    yield `${separator}    ${JSON.stringify(item)}`
    separator = ',\n'
  }
  yield '\n  ]'
}
