/**
 * Makes text from a registry or a policy harmless as one line: control characters and the invisible ones that reorder
 * text are made visible.
 */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u00B7')
}

/** Text from a registry or a policy as a Markdown code span in a table, where a pipe would end the cell. */
export function codeCell(text: string): string {
  return codeSpan(text).replaceAll('|', String.raw`\|`)
}

/**
 * Text from a registry or a policy as a Markdown code span: in code nothing is a mention, a link or markup
 * (https://github.github.com/gfm/#code-spans).
 */
export function codeSpan(text: string): string {
  const line = oneLine(text)
  const longest = [...line.matchAll(/`+/g)].reduce((most, [run]) => Math.max(most, run.length), 0)
  const fence = '`'.repeat(longest + 1)
  const padding = line === '' || /^[` ]|[` ]$/.test(line) ? ' ' : ''
  return `${fence}${padding}${line}${padding}${fence}`
}

/** Words that may hold some of a registry's or a policy's, as Markdown that is nothing but these words. */
export function markdownText(text: string): string {
  return oneLine(text)
    .replaceAll(/[\\`*_{}[\]()<>#+!|~&$]/g, String.raw`\$&`)
    .replaceAll('@', '@\u200B')
    .replaceAll(/:(?=\/\/|\w+:)/g, ':\u200B')
    .replaceAll(/www\./gi, '$&\u200B')
}

/**
 * Text as a line of a log. Lines that start with `::`, or have `##[`, are commands to the runner of a GitHub workflow.
 */
export function logLine(text: string): string {
  return oneLine(text)
    .replace(/^\s*::/, '\u200B::')
    .replaceAll('##[', '##\u200B[')
}

/** Characters to code points: the length of text in UTF-8, in bytes. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}
