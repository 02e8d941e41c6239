/** This program's version, as package.json has it. */
export const VERSION = '0.1.0'

/** As plans, journals and reports name it. */
export const TOOL = `harbor-dredge ${VERSION}`

/** As servers are told (RFC 9110, 10.1.5). */
export const USER_AGENT = `harbor-dredge/${VERSION}`
