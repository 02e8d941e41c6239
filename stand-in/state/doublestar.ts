// The patterns of Harbor's immutable, retention and replication rules: `*` and `?` stay within a path segment,
// `**` crosses them, `[a-z]` `[^a-z]` classes, `{a,b}` alternatives (which nest), `\` escapes.
const compiled = new Map<string, RegExp>()

export function matches(pattern: string, text: string): boolean {
  if (pattern === '') return true
  let expression = compiled.get(pattern)
  if (expression === undefined) {
    expression = new RegExp(`^(?:${translate(pattern)})$`, 's')
    compiled.set(pattern, expression)
  }
  return expression.test(text)
}

function translate(pattern: string): string {
  let result = ''
  let braces = 0
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern.charAt(at)
    const special = /^(?:\*\*\/|\*\*|\[[!^]?\]?[^\]]*\]|\\.)/s.exec(pattern.slice(at))?.[0]
    if (special !== undefined) {
      result += translateSpecial(special)
      at += special.length - 1
    } else if (char === '{') {
      braces += 1
      result += '(?:'
    } else if (char === '}' && braces > 0) {
      braces -= 1
      result += ')'
    } else if (char === ',' && braces > 0) {
      result += '|'
    } else {
      result += translateChar(char)
    }
  }
  return result
}

function translateSpecial(special: string): string {
  if (special === '**/') return '(?:.*/)?'
  if (special === '**') return '.*'
  if (special.startsWith('\\')) return escape(special.slice(1))
  const negated = special.startsWith('[!') || special.startsWith('[^')
  const members = special.slice(negated ? 2 : 1, -1).replaceAll(/[\\\]]/g, '\\$&')
  return negated ? `[^${members}/]` : `[${members}]`
}

function translateChar(char: string): string {
  if (char === '*') return '[^/]*'
  if (char === '?') return '[^/]'
  return escape(char)
}

function escape(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}
