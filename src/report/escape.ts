/**
 * Makes text from a registry or a policy harmless as one line: control characters, the invisible ones that reorder
 * text, and halves of characters are made visible.
 */
export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\u00B7')
}

/** Text of so many characters at most. */
export function cut(text: string, most: number): string {
  const characters = Array.from(text.slice(0, 2 * most + 2))
  return characters.length > most ? `${characters.slice(0, most - 1).join('')}…` : text
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

/** Text from a registry or a policy as code in HTML, where there is no Markdown: in the summary of a fold. */
export function codeHtml(text: string): string {
  return `<code>${entities(oneLine(text))}</code>`
}

/** Words as the text of an HTML element. */
export function htmlText(text: string): string {
  return entities(unlinked(oneLine(text)))
}

function entities(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.codePointAt(0) ?? 0};`)
}

/** Words that may hold some of a registry's or a policy's, as Markdown that is nothing but these words. */
export function markdownText(text: string): string {
  return unlinked(oneLine(text))
    .replaceAll(/[\\`*_{}[\]()<>#+!|~&$]/g, String.raw`\$&`)
    .replace(/^ {2,}/, (spaces) => '\u00A0'.repeat(spaces.length))
    .replace(/^-/, String.raw`\-`)
    .replace(/^(\d+)\.(?= |$)/, String.raw`$1\.`)
}

/**
 * Text in which nothing is a mention, a reference to an issue, an address or an emoji. GitHub looks for these in what
 * Markdown was rendered as, where a backslash is gone.
 */
function unlinked(text: string): string {
  return text
    .replaceAll(/@|#(?=\d)|GH-(?=\d)|www(?=\.)/gi, '$&\u200B')
    .replaceAll(/:(?=:|\/\/|[\w+-]+:)/g, ':\u200B')
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
