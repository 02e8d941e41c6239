// "Patterns: a list; `*` `?` `[…]` `{a,b}` within a path segment, `**` across them; `/…/` is a regex, anchored only
// where it says so; a leading `!` takes away."

/** "An item matches when a positive one matches and no negative one does." The item may have several texts: its labels. */
export function listMatches(
  patterns: readonly string[],
  texts: readonly string[],
  matches: (pattern: string, text: string) => boolean = patternMatches,
): boolean {
  const positive = patterns.filter((pattern) => !pattern.startsWith('!'))
  const negative = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1))
  return (
    texts.some((text) => positive.some((pattern) => matches(pattern, text))) &&
    !texts.some((text) => negative.some((pattern) => matches(pattern, text)))
  )
}

/** Whether one pattern, without its `!`, matches. */
export function patternMatches(pattern: string, text: string): boolean {
  const regex = regexOf(pattern)
  if (regex !== undefined) return regex.test(text)
  return globMatches(pattern, text)
}

/** `linux/arm64`, `linux/arm/v7`: "without a variant it means any". */
export function platformMatches(pattern: string, platform: string): boolean {
  if (patternMatches(pattern, platform)) return true
  const [os, architecture, variant] = platform.split('/')
  if (variant === undefined || regexOf(pattern) !== undefined) return false
  return patternMatches(pattern, `${os}/${architecture}`)
}

/** The regex of `/…/`; undefined for a glob. */
export function regexOf(pattern: string): RegExp | undefined {
  const isRegex = pattern.length >= 2 && pattern.startsWith('/') && pattern.endsWith('/')
  return isRegex ? new RegExp(pattern.slice(1, -1), 'u') : undefined
}

/** A glob without its braces, tried in every way, one character after the other. */
function globMatches(glob: string, text: string): boolean {
  return expandBraces(glob).some((plain) => wordMatches(plain, text))
}

/** `a{b,c}d` is `abd` or `acd`; the innermost braces first. */
function expandBraces(glob: string): string[] {
  const [whole, before = '', alternatives = '', after = ''] = /^(.*)\{([^{}]*)\}(.*)$/.exec(glob) ?? []
  if (whole === undefined) return [glob]
  return alternatives.split(',').flatMap((alternative) => expandBraces(`${before}${alternative}${after}`))
}

/** @param atStart whether a segment of the path starts here */
function wordMatches(glob: string, text: string, atStart = true): boolean {
  if (glob === '') return text === ''
  // `**` as a whole segment stands for any number of segments, none too.
  if (atStart && glob.startsWith('**/')) {
    return suffixes(text).some(
      (rest) =>
        (rest === text || text.charAt(text.length - rest.length - 1) === '/') &&
        wordMatches(glob.slice(3), rest),
    )
  }
  if (glob.startsWith('**')) return suffixes(text).some((rest) => wordMatches(glob.slice(2), rest, false))
  if (glob.startsWith('*')) {
    return suffixes(text).some(
      (rest) =>
        !text.slice(0, text.length - rest.length).includes('/') && wordMatches(glob.slice(1), rest, false),
    )
  }
  if (text === '') return false
  const first = text.charAt(0)
  const rest = text.slice(1)
  if (glob.startsWith('?')) return first !== '/' && wordMatches(glob.slice(1), rest, false)
  const [set, not = '', members = ''] = /^\[([!^]?)([^\]]+)\]/.exec(glob) ?? []
  if (set !== undefined) {
    return (
      first !== '/' &&
      inSet(members, first) !== (not !== '') &&
      wordMatches(glob.slice(set.length), rest, false)
    )
  }
  return glob.charAt(0) === first && wordMatches(glob.slice(1), rest, first === '/')
}

function inSet(members: string, character: string): boolean {
  return [...members.matchAll(/(.)-(.)|(.)/gu)].some(([, from, to, single]) =>
    from === undefined || to === undefined ? single === character : from <= character && character <= to,
  )
}

/** The text, the text without its first character, … down to nothing. */
function suffixes(text: string): string[] {
  return Array.from({ length: text.length + 1 }, (_, length) => text.slice(length))
}
