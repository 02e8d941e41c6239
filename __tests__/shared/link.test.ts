import { expect, test } from '@jest/globals'
import { nextLink } from '../../src/shared/link.ts'

test.each<[string | readonly string[] | undefined, string | undefined]>([
  [undefined, undefined],
  ['', undefined],
  ['</v2/_catalog?n=2&last=b>; rel="next"', '/v2/_catalog?n=2&last=b'],
  [
    '<https://a.example/x?page=1>; rel="prev", <https://a.example/x?page=3>; rel="next"',
    'https://a.example/x?page=3',
  ],
  ['<https://a.example/x?page=4>; rel="last", <https://a.example/x?page=1>; rel="first"', undefined],
  [['<a>; rel="prev"', '<b>; rel=next'], 'b'],
  ['<a>; title="x"; REL="Next"', 'a'],
  ['<a>; rel="nextish"', undefined],
])('%j', (header, wanted) => {
  expect(nextLink(header)).toBe(wanted)
})
