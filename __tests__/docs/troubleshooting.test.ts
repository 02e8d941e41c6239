// The words of messages that the document goes by are those that the program says.
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'
import { FAILURE_REASONS } from '../../src/inputs/inputs.ts'

const DOCUMENT = readFileSync('docs/troubleshooting.md', 'utf8')

/** Everything that the sources say in so many words, with what they fill in as `…`. */
const SOURCES = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(path.join('src', name), 'utf8'))
  .join('\n')
  .replaceAll(String.raw`\``, '`')

/** The first cells of the tables below a heading. */
function firstCells(heading: string): readonly string[] {
  const [, section = ''] = DOCUMENT.split(`\n## ${heading}\n`)
  const [own = ''] = section.split('\n## ')
  return [...own.matchAll(/^\| `([^`]+)`/gm)].map(([, cell = '']) => cell)
}

test('every failure reason is there, with what it means and what to do', () => {
  expect(firstCells('By failure reason')).toEqual(FAILURE_REASONS)
})

const messages = firstCells('By message')

test('there are messages', () => {
  expect(messages.length).toBeGreaterThan(25)
})

test.each(messages)('“%s” is what a message says', (message) => {
  for (const words of message.split('…').map((part) => part.trim())) {
    expect([words, SOURCES.includes(words)]).toEqual([words, true])
  }
})
