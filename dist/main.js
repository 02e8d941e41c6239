import { runAction } from './dredge.js'

await runAction()
