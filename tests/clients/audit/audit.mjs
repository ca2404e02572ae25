// The audits of GraphQL over HTTP that the npm package graphql-http holds, against the server at the address given.
import { auditServer } from 'graphql-http'

const url = process.argv[2]
const results = await auditServer({ url })
const failed = results.filter((result) => result.status !== 'ok')
for (const { status, id, name, reason } of failed) console.log(`${status} ${id} ${name}: ${reason}`)
console.log(`${results.length} audits, ${results.length - failed.length} ok`)
process.exit(failed.length === 0 ? 0 : 1)
