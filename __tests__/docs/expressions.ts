// GitHub's expressions, evaluated by GitHub's own library.
import { data, Evaluator, Lexer, Parser } from '@actions/expressions'

/** What an expression may name: `github`, `needs`, `steps`, … */
export type Context = Readonly<Record<string, unknown>>

/** Whether everything before went well. */
export type Status = 'success' | 'failure'

/** A text with the values of the expressions in it. */
export function interpolate(text: string, context: Context): string {
  return text.replaceAll(/\$\{\{([^]*?)\}\}/g, (_, expression: string) =>
    evaluate(expression, context, 'success'),
  )
}

/** Whether a step or a job runs, by its `if`; without a word about failures in it, not after one. */
export function isWanted(condition: string | undefined, context: Context, status: Status): boolean {
  const written = (condition ?? 'true').replace(/^\s*\$\{\{([^]*)\}\}\s*$/, '$1')
  const hasStatus = /\b(?:always|success|failure|cancelled)\(\)/.test(written)
  const expression = hasStatus ? written : `success() && (${written})`
  return evaluate(`!(!(${expression}))`, context, status) === 'true'
}

/** What a text with expressions names, each as `steps.plan.outputs.plan-id`. */
export function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/\$\{\{([^]*?)\}\}/g)].flatMap(([, expression = '']) =>
    namesInExpression(expression),
  )
}

export function namesInExpression(expression: string): readonly string[] {
  return [...expression.replaceAll(/'[^']*'/g, '').matchAll(/[a-z]+(?:\.[\w-]+)+/g)].map(([name]) => name)
}

function evaluate(expression: string, context: Context, status: Status): string {
  const answers = {
    always: true,
    success: status === 'success',
    failure: status === 'failure',
    cancelled: false,
  }
  const functions = Object.entries(answers).map(([name, answer]) => ({
    name,
    minArgs: 0,
    maxArgs: 0,
    call: () => new data.BooleanData(answer),
  }))
  const parsed = new Parser(new Lexer(expression).lex().tokens, Object.keys(context), functions).parse()
  const values = new data.Dictionary(
    ...Object.entries(context).map(([key, value]) => ({ key, value: expressionData(value) })),
  )
  return new Evaluator(parsed, values, new Map(functions.map((each) => [each.name, each])))
    .evaluate()
    .coerceString()
}

function expressionData(value: unknown): data.ExpressionData {
  if (value === null || value === undefined) return new data.Null()
  if (typeof value === 'boolean') return new data.BooleanData(value)
  if (typeof value === 'number') return new data.NumberData(value)
  if (typeof value !== 'object') return new data.StringData(typeof value === 'string' ? value : '')
  if (Array.isArray(value)) return new data.Array(...value.map((each) => expressionData(each)))
  return new data.Dictionary(
    ...Object.entries(value).map(([key, each]) => ({ key, value: expressionData(each) })),
  )
}
