import { expect, test } from '@jest/globals'
import { markdownLink } from '../../src/report/link.ts'

// Words, an address, and the Markdown.
test.each([
  [
    'run 41',
    'https://github.example/o/r/actions/runs/1',
    '[run 41](<https://github.example/o/r/actions/runs/1>)',
  ],
  ['run 41', 'http://github.example:8080/x?y=z#w', '[run 41](<http://github.example:8080/x?y=z#w>)'],
  ['run 41', undefined, 'run 41'],
  ['run 41', '', 'run 41'],
  ['run 41', 'no address', 'run 41'],
  ['run 41', 'javascript:alert(1)', 'run 41'],
  ['run 41', 'data:text/html,x', 'run 41'],
  ['run 41', `https://a.example/${'x'.repeat(1000)}`, 'run 41'],
  ['a](x)', 'https://a.example/', String.raw`[a\]\(x\)](<https://a.example/>)`],
  ['x', 'https://a.example/>)<script>', '[x](<https://a.example/%3E)%3Cscript%3E>)'],
  ['x', 'https://a.example/#>`|\\', '[x](<https://a.example/#%3E%60%7C%5C>)'],
  ['x', 'https://a.example/a\nb', '[x](<https://a.example/ab>)'],
])('%j to %j: %j', (words, url, markdown) => {
  expect(markdownLink({ words, url })).toBe(markdown)
})

test('words are a hundred characters at most', () => {
  expect(markdownLink({ words: 'x'.repeat(200) })).toHaveLength(100)
})
