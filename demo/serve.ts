// `npm run demo:serve`: the demo's registry in a stand-in Harbor that runs until it is stopped, to try commands on.
import process from 'node:process'
import { parseArgs } from 'node:util'
import { startStandIn } from '../stand-in/stand-in.ts'
import { fillRegistry } from './registry.ts'

const { values } = parseArgs({ options: { port: { type: 'string', default: '8480' } } })
const harbor = await startStandIn({ port: Number(values.port), keepLog: false })
fillRegistry(harbor.registry, Date.now())
console.log(`export HARBOR_URL=${harbor.url} HARBOR_USERNAME=admin HARBOR_PASSWORD=Harbor12345`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    void harbor.close().then(() => process.exit(0))
  })
}
