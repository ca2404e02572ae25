// Apollo's automatic persisted queries: the hash alone by GET, once the text, and from then on the hash again, whose answers a
// browser's cache keeps by their ETag.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, gql } from '@apollo/client'
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries'

const uri = process.argv[2]
const sent = []
const remembering = async (url, init) => {
  const answer = await fetch(url, init)
  const text = `${url}${init.body ?? ''}`
  sent.push({ method: init.method, hasText: text.includes('measure'), url, etag: answer.headers.get('etag') })
  return answer
}
const persisted = new PersistedQueryLink({
  sha256: (text) => createHash('sha256').update(text).digest('hex'),
  useGETForHashedQueries: true,
})
const link = ApolloLink.from([persisted, new HttpLink({ uri, fetch: remembering })])
const query = gql`
  query Persisted($key: String!) {
    measure(key: $key) {
      id
      name
    }
  }
`
const ask = async (key) => {
  const client = new ApolloClient({ link, cache: new InMemoryCache() })
  return (await client.query({ query, variables: { key } })).data.measure.name
}

assert.equal(await ask('invoeg'), 'Invoeg')
assert.equal(await ask('transitiepremie'), 'Transitiepremie')
const steps = sent.map(({ method, hasText }) => `${method} ${hasText ? 'text' : 'hash'}`)
assert.deepEqual(steps, ['GET hash', 'POST text', 'GET hash'])

const { url, etag } = sent.at(-1)
const headers = { accept: 'application/graphql-response+json,application/json;q=0.9', 'if-none-match': etag }
assert.equal((await fetch(url, { headers })).status, 304)
console.log(`persisted queries: ${steps.join(', ')}, then 304`)
