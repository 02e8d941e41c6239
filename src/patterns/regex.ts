import { RE2JS, RE2JSException } from 're2js'

/** Finds a regular expression in texts, in time linear in the text's length (RE2), whatever the expression. */
export interface Regex {
  readonly source: string
  /** Whether the expression is found anywhere in the text: it is anchored only where it says so. */
  test(text: string): boolean
  /** The captures of the first match (unmatched ones empty), or undefined when there is none. */
  captures(text: string): readonly string[] | undefined
  /** Replaces every match; `$1` in the replacement stands for the first capture. */
  replaceAll(text: string, replacement: string): string
  readonly captureCount: number
}

/** A pattern or expression that can't be read: why, in words that complete "`…` …". */
export class PatternError extends Error {
  override readonly name = 'PatternError'
}

/**
 * Compiles an expression in RE2 syntax (https://github.com/google/re2/wiki/Syntax).
 *
 * @throws PatternError when it isn't one
 */
export function compileRegex(source: string): Regex {
  const compiled = compile(source)
  return {
    source,
    captureCount: compiled.groupCount(),
    test: (text) => compiled.test(text),
    captures(text) {
      const matcher = compiled.matcher(text)
      if (!matcher.find()) return undefined
      return Array.from({ length: matcher.groupCount() }, (_, index) => matcher.group(index + 1) ?? '')
    },
    replaceAll: (text, replacement) => compiled.matcher(text).replaceAll(replacement),
  }
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(source)
  } catch (error) {
    if (error instanceof RE2JSException) {
      throw new PatternError(`is not a regular expression in RE2 syntax: ${reason(error)}`, { cause: error })
    }
    throw error
  }
}

function reason({ message }: Error): string {
  return message.replace(/^error parsing regexp: /, '')
}
