// A gateway over the register and a service of another team, which keeps remarks about measures: their schemas compose, and each
// sort of question comes to the service that knows. Usage: node main.mjs URL
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { composeServices } from '@apollo/composition'
import { ApolloGateway } from '@apollo/gateway'
import { buildSchema, execute, parse } from 'graphql'

const [url] = process.argv.slice(2)
const post = (url, body) => fetch(url, {
  method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body)
}).then(answer => answer.json())

const { data: { _service: { sdl } } } = await post(url, { query: '{ _service { sdl } }' })

// The other service. It knows measures by their key alone, as one who reads exports would.
const remarks = [{ text: 'Ask for the figures of June.', measure: 'invoeg' }, { text: 'Nobody knows it.', measure: 'no-such' }]
const theirs = `
  type Query { remarks: [Remark!]! }
  type Remark { text: String! measure: Measure }
  type Measure @key(fields: "key") { key: String! remarks: [Remark!]! }`
const schema = buildSchema(`
  scalar _Any
  ${theirs.replace('@key(fields: "key")', '').replace('type Query {', 'type Query { _entities(representations: [_Any!]!): [Measure]!')}`)
const measure = key => ({ __typename: 'Measure', key, remarks: () => remarks.filter(it => it.measure === key).map(remark) })
const remark = it => ({ text: it.text, measure: () => measure(it.measure) })
const rootValue = {
  remarks: () => remarks.map(remark),
  _entities: ({ representations }) => representations.map(({ key }) => measure(key))
}
const server = createServer(async (request, response) => {
  let body = ''
  for await (const part of request) body += part
  const { query, variables } = JSON.parse(body)
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(await execute({ schema, document: parse(query), rootValue, variableValues: variables })))
}).listen(0, '127.0.0.1')
await once(server, 'listening')
const theirUrl = `http://127.0.0.1:${server.address().port}/`

const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@key"])'
const { supergraphSdl, errors, hints } = composeServices([
  { name: 'register', url, typeDefs: parse(sdl) },
  { name: 'remarks', url: theirUrl, typeDefs: parse(link + theirs) }
])
assert.equal(errors, undefined, String(errors))
console.log(`composed: ${supergraphSdl.length} characters, ${hints.length} hints`)

const gateway = new ApolloGateway({ supergraphSdl, logger: { debug () {}, info () {}, warn () {}, error: console.error } })
const { executor } = await gateway.load()
const ask = async query => {
  const answer = await executor({
    document: parse(query), request: { query, variables: {} }, queryHash: query, operationName: null, context: {},
    metrics: {}, cache: { get: async () => undefined, set: async () => undefined }, schema: gateway.schema
  })
  return JSON.parse(JSON.stringify(answer))
}

// From the register to the other service.
const there = await ask('{ measure(key: "invoeg") { name remarks { text } } }')
assert.deepEqual(there.errors, undefined)
assert.equal(there.data.measure.remarks[0].text, remarks[0].text)

// From the other service to the register, by key; one that is not there is null, with no error.
const back = await ask('{ remarks { text measure { name plan { key } indicators(where: { unit: { eq: COUNT } }) { label } } } }')
assert.deepEqual(back.errors, undefined, JSON.stringify(back.errors))
const [known, unknown] = back.data.remarks
assert.equal(known.measure.name, there.data.measure.name)
assert.ok(known.measure.plan.key && known.measure.indicators.length > 0)
assert.equal(unknown.measure, null)

// As gateways ask, and as they should not.
const entities = 'query($of: [_Any!]!) { _entities(representations: $of) { __typename ... on Measure { id key } ... on Norm { key } } }'
const by = of => post(url, { query: entities, variables: { of } })
const { data: { _entities: [byKey] } } = await by([{ __typename: 'Measure', key: 'invoeg' }])
const both = await by([{ __typename: 'Measure', id: byKey.id }, { __typename: 'Norm', key: 'no-such' }])
assert.deepEqual(both.data._entities, [byKey, null])
for (const [wrong, named] of [
  [{ key: 'invoeg' }, '__typename'], [{ __typename: 'Nothing', key: 'invoeg' }, '`Nothing`'], [{ __typename: 'Measure' }, '`key`'],
  ['Measure', '__typename'], [{ __typename: 'Norm', id: byKey.id }, byKey.id], [{ __typename: 'Measure', id: 'x' }, '`x`']
]) {
  const { errors: [error] } = await by([wrong])
  assert.ok(JSON.stringify(error).includes(named) && error.extensions.code === 'BAD_USER_INPUT', JSON.stringify(error))
}
const many = await by(Array.from({ length: 1001 }, () => ({ __typename: 'Measure', key: 'invoeg' })))
assert.equal(many.errors[0].extensions.code, 'LIMIT_EXCEEDED')

await gateway.stop()
server.close()
console.log('a gateway gets what both know')
