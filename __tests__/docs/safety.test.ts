// Each promise names tests that there are.
import { existsSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from '@jest/globals'

const DOCUMENT = readFileSync('docs/safety.md', 'utf8')
const promises = [...DOCUMENT.matchAll(/^\| (.*?) +\| .*? +\| (\[.*) +\|$/gm)].map(
  ([, promise = '', shown = '']) => [promise, shown] as const,
)

test('there are promises', () => {
  expect(promises.length).toBeGreaterThan(20)
})

test.each(promises)('%s', (_, shown) => {
  let source = ''
  for (const [, link, name] of shown.matchAll(/\]\(([^)]+)\)|“([^”]+)”/g)) {
    if (link !== undefined) {
      const file = path.join('docs', link)
      expect([link, existsSync(file)]).toEqual([link, true])
      source = statSync(file).isFile() ? readFileSync(file, 'utf8') : ''
    }
    if (name !== undefined) expect([name, source.includes(name)]).toEqual([name, true])
  }
})
