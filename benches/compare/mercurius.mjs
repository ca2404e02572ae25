// Mercurius with its JIT, from memory or from PostgreSQL: `node mercurius.mjs PORT SIZE [postgres://…]`.
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { generate } from './data.mjs'

// The packages are installed elsewhere.
const require = createRequire(`${process.env.PEERS_DIR}/mercurius/`)
const load = async name => (await import(pathToFileURL(require.resolve(name)))).default
const [fastify, mercurius] = [await load('fastify'), await load('mercurius')]
const [port, size, database] = process.argv.slice(2)

const schema = `
  type Query {
    measure(key: String!): Measure
    measures(first: Int!): [Measure!]!
    observations(measure: String, year: Int, yearFrom: Int, byValue: Boolean = false, first: Int!): Page!
    vakByField: [FieldSum!]!
  }
  type Mutation { observe(indicator: String!, year: Int!, value: String!): Boolean! }
  type Measure { key: String! name: String! goal: String! field: String! indicators: [Indicator!]! line: Line! inspections: [Inspection!]! }
  type Indicator { label: String! kind: String! observations: [Observation!]! }
  type Observation { id: ID! year: Int! value: String! }
  type Page { totalCount: Int! nodes: [Observation!]! }
  type Line { title: String! amounts: [Amount!]! }
  type Amount { year: Int! vakPlanned: String! vakRealised: String! vekPlanned: String! vekRealised: String! }
  type Inspection { year: Int! controls: Int! warnings: Int! recovery: String! }
  type FieldSum { field: String! vakRealised: String! }`

function fromMemory () {
  const data = generate(JSON.parse(size))
  const grouped = (rows, by) => {
    const groups = new Map()
    for (const row of rows) groups.has(row[by]) ? groups.get(row[by]).push(row) : groups.set(row[by], [row])
    return groups
  }
  const measures = new Map(data.measures.map(it => [it.key, it]))
  const indicators = grouped(data.indicators, 'measure')
  const ofIndicator = grouped(data.observations, 'indicator')
  const ofMeasure = grouped(data.observations, 'measure')
  const lines = new Map(data.lines.map(it => [it.measure, it]))
  const amounts = grouped(data.amounts, 'measure')
  const inspections = grouped(data.inspections, 'measure')
  data.observations.forEach((it, at) => { it.id = at; it.number = +it.value })
  return {
    Query: {
      measure: (_, { key }) => measures.get(key),
      measures: (_, { first }) => data.measures.slice(0, first),
      observations: (_, { measure, year, yearFrom, byValue, first }) => {
        const all = measure == null ? data.observations : ofMeasure.get(measure) ?? []
        const found = all.filter(it => (year == null || it.year === year) && (yearFrom == null || it.year >= yearFrom))
        if (byValue) found.sort((a, b) => b.number - a.number)
        return { totalCount: found.length, nodes: found.slice(0, first) }
      },
      vakByField: () => {
        // In cents, so that sums are exact.
        const sums = new Map()
        for (const it of data.amounts) {
          const { field } = measures.get(it.measure)
          sums.set(field, (sums.get(field) ?? 0) + Math.round(it.vakRealised * 100))
        }
        return [...sums].map(([field, cents]) => ({ field, vakRealised: (cents / 100).toFixed(2) }))
      }
    },
    Mutation: {
      observe: (_, { indicator, year, value }) => {
        const measure = indicator.split('/')[0]
        let row = ofIndicator.get(indicator).find(it => it.year === year)
        if (row === undefined) {
          row = { id: data.observations.length, indicator, measure, year }
          for (const list of [data.observations, ofIndicator.get(indicator), ofMeasure.get(measure)]) list.push(row)
        }
        Object.assign(row, { value, number: +value })
        return true
      }
    },
    Measure: { indicators: it => indicators.get(it.key), line: it => lines.get(it.key), inspections: it => inspections.get(it.key) },
    Indicator: { observations: it => ofIndicator.get(it.key) },
    Line: { amounts: it => amounts.get(it.measure) }
  }
}

async function fromPostgres () {
  const { Pool } = await load('pg')
  const pool = new Pool({ connectionString: database, max: 10 })
  const ask = async (name, text, values) => (await pool.query({ name, text, values })).rows
  return {
    Query: {
      observations: async (_, { year, first }) => {
        const [[{ count }], nodes] = await Promise.all([
          ask('count', 'select count(*)::int from observation where year = $1', [year]),
          ask('page', 'select id, year, value::text from observation where year = $1 order by value desc limit $2', [year, first])
        ])
        return { totalCount: count, nodes }
      }
    }
  }
}

const app = fastify()
await app.register(mercurius, { schema, resolvers: database ? await fromPostgres() : fromMemory(), jit: 1 })
await app.listen({ port: +port, host: '127.0.0.1' })
