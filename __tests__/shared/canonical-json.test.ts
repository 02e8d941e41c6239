// The examples are those of RFC 8785 itself: sections 3.2.2, 3.2.3, 3.2.4 and appendix B.
import { describe, expect, test } from '@jest/globals'
import * as fc from 'fast-check'
import { canonicalJson, type Json } from '../../src/shared/canonical-json.ts'
import { parseJson } from '../../stand-in/state/json.ts'

const parse = parseJson<Json>

/** The double that 16 hexadecimal digits stand for. */
function double(hex: string): number {
  return Buffer.from(hex, 'hex').readDoubleBE()
}

/** The same data with every object's members in another order. */
function reversed(value: Json): Json {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((item: Json) => reversed(item))
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([key, member]) => [key, reversed(member ?? null)]),
  )
}

const SAMPLE = String.raw`{
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
}`

test("writes the RFC's sample byte for byte", () => {
  const hex = `
    7b 22 6c 69 74 65 72 61 6c 73 22 3a 5b 6e 75 6c 6c 2c 74 72 75 65 2c 66 61 6c 73 65 5d 2c
    22 6e 75 6d 62 65 72 73 22 3a 5b 33 33 33 33 33 33 33 33 33 2e 33 33 33 33 33 33 33 2c 31
    65 2b 33 30 2c 34 2e 35 2c 30 2e 30 30 32 2c 31 65 2d 32 37 5d 2c 22 73 74 72 69 6e 67 22
    3a 22 e2 82 ac 24 5c 75 30 30 30 66 5c 6e 41 27 42 5c 22 5c 5c 5c 5c 5c 22 2f 22 7d`
  expect(Buffer.from(canonicalJson(parse(SAMPLE))).toString('hex')).toBe(hex.replaceAll(/\s/g, ''))
})

test('sorts members by UTF-16 code units, so that an emoji comes before U+FB33', () => {
  const unsorted = parse(String.raw`{
    "\u20ac": "Euro Sign",
    "\r": "Carriage Return",
    "\ufb33": "Hebrew Letter Dalet With Dagesh",
    "1": "One",
    "\ud83d\ude00": "Emoji: Grinning Face",
    "\u0080": "Control",
    "\u00f6": "Latin Small Letter O With Diaeresis"
  }`)
  // Read by its text, since an object read back would have "1" first.
  const values = [...canonicalJson(unsorted).matchAll(/:"([^"]+)"/g)].map(([, value]) => value)
  expect(values).toEqual([
    'Carriage Return',
    'One',
    'Control',
    'Latin Small Letter O With Diaeresis',
    'Euro Sign',
    'Emoji: Grinning Face',
    'Hebrew Letter Dalet With Dagesh',
  ])
})

describe('numbers', () => {
  // A double in hexadecimal (IEEE 754), and how it is written.
  test.each<[hex: string, text: string]>([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('writes %s as %s', (hex, text) => {
    expect(canonicalJson(double(hex))).toBe(text)
  })

  test.each([
    ['NaN', '7fffffffffffffff'],
    ['Infinity', '7ff0000000000000'],
    ['-Infinity', 'fff0000000000000'],
  ])('refuses %s, also deep inside', (_, hex) => {
    expect(() => canonicalJson({ a: [{ b: double(hex) }] })).toThrow(RangeError)
  })
})

describe('texts', () => {
  // A text, or an object by its names, and how it is written.
  test.each<[Json, string]>([
    ['', '""'],
    ['\u0000\u0007\b\t\n\u000B\f\r\u001F', String.raw`"\u0000\u0007\b\t\n\u000b\f\r\u001f"`],
    ['</script>\u007F\u2028\u2029', '"</script>\u007F\u2028\u2029"'],
    ['\u00E9 is not e\u0301', '"\u00E9 is not e\u0301"'],
    [{ '': 1, ' ': 2 }, '{"":1," ":2}'],
    [parse('{"__proto__":1,"constructor":2}'), '{"__proto__":1,"constructor":2}'],
  ])('writes %j as %s', (value, text) => {
    expect(canonicalJson(value)).toBe(text)
  })

  // RFC 8785, 3.2.2.2: lone surrogates must end in an error.
  test.each(['\uDEAD', 'a\uD83D', '\uDE00\uD83D'])('refuses the lone surrogate in %j', (text) => {
    expect(() => canonicalJson(text)).toThrow(RangeError)
  })
})

test('leaves out members that are undefined, and keeps those that are null', () => {
  expect(canonicalJson({ b: undefined, a: null, c: [null, {}] })).toBe('{"a":null,"c":[null,{}]}')
})

test('the order of members changes nothing, and nothing is lost', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const data = parse(JSON.stringify(value))
      const text = canonicalJson(data)
      expect(parse(text)).toEqual(data)
      expect(canonicalJson(reversed(data))).toBe(text)
    }),
  )
})
