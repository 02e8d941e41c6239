// `npm run generate`: writes what follows from the sources: action.yml, policy.schema.json for editors, and in the
// documents the tables of inputs, outputs and failures, and the examples. `-- --check` tells what no longer follows.
import { readFileSync, writeFileSync } from 'node:fs'
import process from 'node:process'
import { toJsonSchema } from '@valibot/to-json-schema'
import * as prettier from 'prettier'
import { stringify } from 'yaml'
import { FAILURE_REASONS, INPUTS, OUTPUTS } from '../src/inputs/inputs.ts'
import { policySchema } from '../src/policy/schema.ts'
import { FAILURES } from './failures.ts'

function actionFile(): string {
  return stringify(
    {
      name: 'harbor-dredge',
      description: 'Keeps Harbor registries clean from a policy file in Git: plan, review, approve, apply.',
      author: 'harbor-dredge',
      branding: { icon: 'anchor', color: 'blue' },
      inputs: Object.fromEntries(
        INPUTS.map(({ name, description, expression, default: value = expression }) => [
          name,
          { description, required: false, ...(value === undefined ? {} : { default: value }) },
        ]),
      ),
      outputs: Object.fromEntries(OUTPUTS.map(({ name, description }) => [name, { description }])),
      runs: { using: 'node24', main: 'dist/main.js' },
    },
    { lineWidth: 0, singleQuote: true },
  )
}

function schemaFile(): string {
  const schema = toJsonSchema(policySchema, { typeMode: 'input', errorMode: 'ignore' })
  return `${JSON.stringify({ title: 'harbor-dredge policy', ...schema }, null, 2)}\n`
}

/** The README with its tables and examples made anew. */
function readmeFile(): string {
  const inputs = INPUTS.map(({ name, description, expression, default: value = expression }) => {
    return `| \`${name}\` | ${description} | ${value === undefined ? '' : `\`${value}\``} |`
  })
  const outputs = OUTPUTS.map(({ name, description }) => `| \`${name}\` | ${description} |`)
  let readme = readFileSync('README.md', 'utf8')
  readme = between(readme, 'inputs', ['| Input | | Default |', '| --- | --- | --- |', ...inputs])
  readme = between(readme, 'outputs', ['| Output | |', '| --- | --- |', ...outputs])
  return withExamples(readme)
}

/** A document with each example that it shows as the file has it. */
function withExamples(document: string): string {
  let made = document
  for (const [, file = ''] of document.matchAll(/^<!-- (examples\/\S+): generated -->$/gm)) {
    made = between(made, file, ['```yaml', readFileSync(file, 'utf8').trimEnd(), '```'])
  }
  return made
}

function troubleshootingFile(): string {
  const rows = FAILURE_REASONS.map((reason) => {
    const { means, remedy } = FAILURES[reason]
    return `| \`${reason}\` | ${means} | ${remedy} |`
  })
  const document = readFileSync('docs/troubleshooting.md', 'utf8')
  const head = ['| Reason | Means | What to do |', '| --- | --- | --- |']
  return between(document, 'failures', [...head, ...rows])
}

function between(text: string, name: string, lines: readonly string[]): string {
  const [start, end] = [`<!-- ${name}: generated -->`, `<!-- /${name} -->`]
  const [from, to] = [text.indexOf(start), text.indexOf(end)]
  if (from === -1 || to < from) throw new Error(`there is no ${start} … ${end}`)
  return `${text.slice(0, from)}${start}\n\n${lines.join('\n')}\n\n${text.slice(to)}`
}

const files: Readonly<Record<string, string>> = {
  'action.yml': actionFile(),
  'policy.schema.json': schemaFile(),
  'README.md': readmeFile(),
  'docs/troubleshooting.md': troubleshootingFile(),
}

let stale = 0
for (const [file, content] of Object.entries(files)) {
  const options = { ...(await prettier.resolveConfig(file)), filepath: file }
  const formatted = file.endsWith('.json') ? content : await prettier.format(content, options)
  if (process.argv.includes('--check')) {
    if (readFileSync(file, 'utf8') === formatted) continue
    console.error(`${file} doesn't follow from the sources: run npm run generate`)
    stale += 1
  } else {
    writeFileSync(file, formatted)
  }
}
process.exit(stale)
