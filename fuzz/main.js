// npm run fuzz: hostile messages into the responder; npm run fuzz -- http: hostile requests to the HTTP server.

/** What can be fuzzed, and the module that does it. */
const TARGETS = { dns: './dns.js', http: './http.js' }

const [target] = process.argv
  .slice(2)
  .filter((argument) => !argument.startsWith('-') && Number.isNaN(Number(argument)))
const module = TARGETS[target ?? 'dns']
if (module === undefined) {
  console.error(
    `there is nothing called '${target}' to be fuzzed; known are ${Object.keys(TARGETS).join(', ')}`,
  )
  process.exit(2)
}
await import(module)
