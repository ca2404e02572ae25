#!/usr/bin/env node
// Boordtabel beside Mercurius in one run: what answers cost, how that grows with the register, with connections and beside
// writers. Usage: PEERS_DIR=/tmp/peers node benches/compare/main.mjs [--quick] [--only PART,…] [--write]
//
// Parts: questions, sizes, connections, writers. `--quick` takes a second where else five are taken, and stops at 240 000 observations.
// `--write` puts tables and plots into docs/performance.md. What is compared with is installed from npm into PEERS_DIR, which also
// holds the data. BOORDTABEL names another binary than target/release/boordtabel.
import { execFileSync, spawn } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { availableParallelism, cpus } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generate, keyOf, write } from './data.mjs'
import { plot } from './plot.mjs'
import * as postgres from './postgres.mjs'
import { QUESTIONS, bodies } from './questions.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const scratch = process.env.PEERS_DIR ?? fail('set PEERS_DIR to a folder for what is installed and made')
const binary = process.env.BOORDTABEL ?? join(root, 'target/release/boordtabel')
const args = process.argv.slice(2)
const quick = args.includes('--quick')
const parts = args.includes('--only') ? args[args.indexOf('--only') + 1].split(',') : ['questions', 'sizes', 'connections', 'writers']
const SECONDS = Number(process.env.SECONDS ?? (quick ? 1 : 5))
const SMALL = { measures: 60, years: 2, first: 2023 }
const LARGE = { measures: 2000, years: 10, first: 2015 }
const SIZES = [8, 83, 833, 2000, 8333, 16667].slice(0, quick ? 4 : 6).map(measures => ({ ...LARGE, measures }))
const CONNECTIONS = [1, 10, 100, 1000]

const observations = ({ measures, years }) => measures * 12 * years
function fail (why) { console.error(why); process.exit(1) }

/** A free port. */
const freePort = () => new Promise(resolve => {
  const server = createServer().listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => resolve(port)) })
})

/** A server on core 0, and how long it took until it answered. */
async function start (command, port) {
  const begun = performance.now()
  const child = spawn('taskset', ['-c', '0', ...command], { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, PEERS_DIR: scratch } })
  const ended = new Promise(resolve => child.on('exit', resolve))
  for (;;) {
    const up = await fetch(`http://127.0.0.1:${port}/graphql`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"query":"{ __typename }"}'
    }).then(it => it.ok, () => false)
    if (up) break
    if (child.exitCode !== null || performance.now() - begun > 300_000) return fail(`${command.join(' ')} did not start`)
    await new Promise(resolve => setTimeout(resolve, 2))
  }
  const memory = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024
  const stop = async () => { child.kill('SIGTERM'); await ended }
  return { port, pid: child.pid, startMs: performance.now() - begun, memory, stop }
}

const made = new Map()
/** A data folder of that size, made once. */
async function folder (size) {
  const name = join(scratch, 'data', `${size.measures}-${size.years}`)
  if (!made.has(name)) {
    rmSync(name, { recursive: true, force: true })
    for (const csv of await write(generate(size), `${name}/csv`)) {
      execFileSync(binary, ['load', csv, '--data', `${name}/folder`], { stdio: ['ignore', 'ignore', 'inherit'] })
    }
    const token = execFileSync(binary, ['token', 'create', '--role', 'import', '--data', `${name}/folder`], { encoding: 'utf8' }).trim()
    made.set(name, { data: `${name}/folder`, token })
  }
  return made.get(name)
}

let copies = 0
/** `beside` others on the same data: a folder has one server. */
async function boordtabel (size, limits = [], { beside = false } = {}) {
  const { data: made, token } = await folder(size)
  const data = beside ? `${made}-${++copies}` : made
  if (beside) cpSync(made, data, { recursive: true, force: true })
  const port = await freePort()
  const options = limits.flatMap(limit => ['--limit', limit])
  const command = [binary, 'serve', '--listen', `127.0.0.1:${port}`, '--workers', '1', '--data', data, '--log', 'error', ...options]
  return { ...await start(command, port), dialect: 'boordtabel', token }
}

async function mercurius (size, database) {
  const port = await freePort()
  const command = [process.execPath, join(here, 'mercurius.mjs'), String(port), JSON.stringify(size), ...(database ? [database] : [])]
  return { ...await start(command, port), dialect: 'plain' }
}

/** Processor time of processes so far, in microseconds: it says what an answer costs, whatever else the machine does. */
function cpu (pids) {
  const ticks = pid => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
    return Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14])
  }
  return pids.reduce((sum, pid) => sum + ticks(pid), 0) * 10_000
}

/** Loads a server from core 1. */
async function load (server, question, size, { connections = 16, seconds = SECONDS, others = () => [] } = {}) {
  const task = { port: server.port, bodies: bodies(question, server.dialect, size), connections, seconds }
  const run = seconds => new Promise((resolve, reject) => {
    const child = spawn('taskset', ['-c', '1', process.execPath, join(here, 'load.mjs'), JSON.stringify({ ...task, seconds })], { stdio: ['ignore', 'pipe', 'inherit'] })
    let out = ''
    child.stdout.on('data', piece => { out += piece })
    child.on('exit', code => code === 0 ? resolve(JSON.parse(out)) : reject(new Error(`the load ended with ${code}`)))
  })
  await run(quick ? 1 : 3)
  const pids = () => [server.pid, ...others()]
  const before = cpu(pids())
  const result = await run(seconds)
  if (result.bad > 0) fail(`${result.bad} answers to ${question} were no good`)
  const cost = (cpu(pids()) - before) / result.count
  console.error(`${question} ${server.dialect} ${connections}: ${Math.round(result.count / result.seconds)}/s, ${cost.toFixed(1)} µs`)
  return { ...result, rps: result.count / result.seconds, cpu: cost }
}

async function once (server, body, token) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  const begun = performance.now()
  const answer = await fetch(`http://127.0.0.1:${server.port}/graphql`, { method: 'POST', headers, body })
  const json = await answer.json()
  if (json.errors) fail(JSON.stringify(json.errors))
  return { ms: performance.now() - begun, data: json.data }
}

/** Whether a server has a limit of that name. */
async function knows (server, limit) {
  const body = JSON.stringify({ query: `{ limits { ${limit} } }` })
  const answer = await fetch(`http://127.0.0.1:${server.port}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
  return answer.status === 200 && !(await answer.json()).errors
}

const n = (value, digits = value < 10 ? 1 : 0) => value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits }).replaceAll(',', ' ')
/** What each part has told. */
const report = {}
let part
function say (line = '') { console.log(line); (report[part] ??= []).push(line) }
function table (head, rows) {
  const line = cells => say(`| ${cells.join(' | ')} |`)
  line(head)
  line(head.map((_, at) => at ? '---:' : '---'))
  rows.forEach(line)
  say()
}
function picture (name, what) {
  mkdirSync(join(scratch, 'plots'), { recursive: true })
  writeFileSync(join(scratch, 'plots', `${name}.svg`), plot(what))
}

// Each question: answers kept, answers not kept, nothing made yet; beside Mercurius. All of them run at once and are asked in turn, so
// that what the machine does besides falls on all of them; of each the round in the middle counts.
async function questions () {
  const ROUNDS = 3
  const middle = (rounds, by) => [...rounds].sort((a, b) => by(a) - by(b))[Math.floor(rounds.length / 2)]
  const rows = []
  const facts = []
  const dated = { small: ['Q1', 'Q2', 'Q3', 'Q5'], large: ['Q4', 'Q4w'] }
  for (const [which, names] of Object.entries(dated)) {
    const size = which === 'small' ? SMALL : LARGE
    const servers = { mercurius: await mercurius(size), kept: undefined, afresh: await boordtabel(size, ['cache_bytes=0'], { beside: true }) }
    // Versions before compiled nothing.
    if (await knows(servers.afresh, 'operationsBytes')) {
      servers.compiled = await boordtabel(size, ['cache_bytes=0', 'operations_bytes=0'], { beside: true })
    }
    // At last: what the others have is copied from a folder that is not in use.
    servers.kept = await boordtabel(size)
    const idle = Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, server.memory()]))
    const asked = {}
    for (const question of names) {
      asked[question] = {}
      for (const [name, server] of Object.entries(servers)) {
        asked[question][name] = { first: (await once(server, bodies(question, server.dialect, size)[0])).ms, rounds: [] }
      }
      for (let round = 0; round < ROUNDS; round++) {
        for (const [name, server] of Object.entries(servers)) asked[question][name].rounds.push(await load(server, question, size))
      }
    }
    for (const [name, server] of Object.entries(servers)) {
      facts.push([which, name, server.startMs, idle[name], server.memory()])
      await server.stop()
    }
    for (const question of names) {
      const { mercurius, kept, afresh, compiled = afresh } = asked[question]
      const it = [mercurius, kept, afresh, compiled].map(({ first, rounds }) => ({ first, ...middle(rounds, round => round.cpu) }))
      const ratio = middle(afresh.rounds.map((round, at) => round.cpu / mercurius.rounds[at].cpu), it => it)
      rows.push([`${question} ${QUESTIONS[question].title}`, ...it.map(each => n(each.cpu)), n(ratio, 2),
        ...it.slice(0, 3).map(each => n(each.rps, 0)), ...it.slice(0, 3).map(each => `${n(each.p50, 2)} / ${n(each.p99, 2)}`), n(it[2].first, 1)])
    }
    let pg
    if (which === 'large' && (pg = await postgres.start(scratch, generate(size)))) {
      const server = await mercurius(size, pg.url)
      const it = await load(server, 'Q4w', size, { others: pg.pids })
      await server.stop()
      await pg.stop()
      rows.push(['Q4w, Mercurius on PostgreSQL', n(it.cpu), '', '', '', '', n(it.rps, 0), '', '', `${n(it.p50, 2)} / ${n(it.p99, 2)}`, '', '', ''])
    }
  }
  say('Processor time of the server for each request (µs), requests a second, and how long answers take (ms, half / 99 of 100), with 16 connections:\n')
  table(['', 'Mercurius µs', 'kept µs', 'not kept µs', 'nor compiled µs', 'not kept ÷ Mercurius', 'Mercurius/s', 'kept/s', 'not kept/s', 'Mercurius ms', 'kept ms', 'not kept ms', 'first ms'], rows)
  const names = { mercurius: 'Mercurius', kept: 'Boordtabel', afresh: 'Boordtabel, answers not kept', compiled: 'Boordtabel, nor compiled' }
  say('Start until the first answer, and memory:\n')
  table(['', 'observations', 'start ms', 'at rest MiB', 'after the load MiB'],
    facts.map(([which, name, ms, idle, after]) => [names[name], n(observations(which === 'small' ? SMALL : LARGE), 0), n(ms, 0), n(idle, 0), n(after, 0)]))
}

// What grows with the register.
async function sizes () {
  const series = new Map()
  const add = (plot, name, size, value) => {
    const key = `${plot}/${name}`
    if (!series.has(key)) series.set(key, [])
    series.get(key).push([observations(size), value])
  }
  const rows = []
  for (const size of SIZES) {
    const row = [n(observations(size), 0)]
    for (const [name, begin] of [['Boordtabel', () => boordtabel(size, ['cache_bytes=0'])], ['Mercurius', () => mercurius(size)]]) {
      const server = await begin()
      const results = {}
      for (const question of ['Q4', 'Q4w']) results[question] = await load(server, question, size)
      let after = ''
      if (name === 'Boordtabel') {
        // The first question after a commit of one record.
        const took = []
        for (let at = 0; at < 5; at++) {
          await observe(server, at)
          took.push((await once(server, bodies('Q4w', 'boordtabel', size)[at])).ms)
        }
        took.sort((a, b) => a - b)
        after = took[2]
      }
      const memory = server.memory()
      await server.stop()
      for (const question of ['Q4', 'Q4w']) add('cpu', `${name} ${question}`, size, results[question].cpu)
      add('memory', name, size, memory)
      add('start', name, size, server.startMs)
      row.push(n(results.Q4.cpu), n(results.Q4w.cpu), ...(after === '' ? [] : [n(results.Q4w.p50, 2), n(after, 1)]), n(memory, 0), n(server.startMs, 0))
    }
    rows.push(row)
  }
  say('What grows with the register, answers not kept (µs of processor time for each request; ms of the median answer to Q4w, and of the first one after a commit):\n')
  table(['observations', 'Q4 µs', 'Q4w µs', 'Q4w ms', 'after a commit ms', 'MiB', 'start ms', 'Mercurius Q4 µs', 'Q4w µs', 'MiB', 'start ms'], rows)
  const of = plot => [...series].filter(([key]) => key.startsWith(`${plot}/`)).map(([key, points]) => ({ name: key.slice(plot.length + 1), points }))
  picture('sizes-cpu', { title: 'Processor time of an answer', x: 'observations', y: 'µs', series: of('cpu') })
  picture('sizes-memory', { title: 'Memory', x: 'observations', y: 'MiB', series: of('memory') })
  picture('sizes-start', { title: 'Start until the first answer', x: 'observations', y: 'ms', series: of('start') })
}

/** Writes one observation. */
let written = 0
async function observe (server, at) {
  const [indicator, year, value] = [`${keyOf(1 + at % 8)}/i${1 + at % 12}`, 2015 + at % 10, `${process.pid % 1000}${++written}.5`]
  if (server.dialect === 'plain') {
    return once(server, JSON.stringify({ query: `mutation { observe(indicator: "${indicator}", year: ${year}, value: "${value}") }` }))
  }
  const row = { observation: { indicatorKey: indicator, period: String(year), figure: { value, status: 'REPORTED', unit: 'EUR' } } }
  const query = 'mutation($input: ImportRowsInput!) { importRows(input: $input) { status } }'
  const input = { rows: [row], reason: 'compare', idempotencyKey: `${process.pid}-${performance.now()}` }
  const { data } = await once(server, JSON.stringify({ query, variables: { input } }), server.token)
  if (data.importRows.status !== 'COMMITTED') fail(`a row was ${data.importRows.status}`)
}

// What grows with connections.
async function connections () {
  const rows = []
  const series = []
  for (const [name, begin] of [['Boordtabel', () => boordtabel(SMALL, ['cache_bytes=0'])], ['Boordtabel, kept', () => boordtabel(SMALL)], ['Mercurius', () => mercurius(SMALL)]]) {
    const server = await begin()
    const points = []
    for (const count of CONNECTIONS) {
      const it = await load(server, 'Q2', SMALL, { connections: count })
      points.push([count, it.p99])
      rows.push([name, n(count, 0), n(it.rps, 0), n(it.cpu), n(it.p50, 2), n(it.p99, 2), n(server.memory(), 0)])
    }
    series.push({ name, points })
    await server.stop()
  }
  say('Q2 with more and more connections:\n')
  table(['', 'connections', 'requests/s', 'CPU µs', 'half ms', '99 of 100 ms', 'MiB'], rows)
  picture('connections', { title: 'Q2: 99 of 100 answers come within', x: 'connections', y: 'ms', series })
}

// What readers notice of writers.
async function writers () {
  const rows = []
  const series = []
  for (const [name, begin] of [['Boordtabel', () => boordtabel(LARGE)], ['Mercurius', () => mercurius(LARGE)]]) {
    const points = []
    for (const perSecond of [0, 1, 10, 100]) {
      const server = await begin()
      let [done, writing] = [0, true]
      const write = async () => {
        const begun = performance.now()
        while (writing) {
          await observe(server, done++)
          const due = begun + done / perSecond * 1000 - performance.now()
          if (due > 0) await new Promise(resolve => setTimeout(resolve, due))
        }
      }
      const writer = perSecond > 0 ? write() : undefined
      const results = []
      for (const question of ['Q4', 'Q4w']) results.push(await load(server, question, LARGE, { connections: 4 }))
      writing = false
      await writer
      await server.stop()
      points.push([Math.max(perSecond, 0.1), results[1].p99])
      rows.push([name, n(perSecond, 0), ...results.flatMap(it => [n(it.rps, 0), n(it.p50, 2), n(it.p99, 2)])])
    }
    series.push({ name, points })
  }
  say('Readers beside one who writes records one by one (four connections, 240 000 observations, answers kept until something of them changes):\n')
  table(['', 'commits/s', 'Q4/s', 'half ms', '99 of 100 ms', 'Q4w/s', 'half ms', '99 of 100 ms'], rows)
  picture('writers', { title: 'Q4w: 99 of 100 answers come within', x: 'commits a second', y: 'ms', series })
  const server = await boordtabel(LARGE)
  const quiet = await load(server, 'Q2', LARGE, { connections: 4 })
  const lines = []
  for (let at = 0; at < 100_000; at++) {
    const indicator = `${keyOf(1 + at % LARGE.measures)}/i${1 + Math.floor(at / LARGE.measures) % 12}`
    lines.push(JSON.stringify({ observation: { indicatorKey: indicator, period: `${2030 + Math.floor(at / (LARGE.measures * 12))}`, figure: { value: String(at), status: 'REPORTED', unit: 'EUR' } } }))
  }
  const importing = fetch(`http://127.0.0.1:${server.port}/import?reason=compare&idempotencyKey=${process.pid}`, {
    method: 'POST', headers: { 'content-type': 'application/jsonl', authorization: `Bearer ${server.token}` }, body: lines.join('\n')
  }).then(it => it.text())
  const busy = await load(server, 'Q2', LARGE, { connections: 4, seconds: 3 })
  const answer = await importing
  if (!answer.includes('COMMITTED')) fail(answer.slice(0, 500))
  await server.stop()
  say(`While 100 000 rows are imported, answers to Q2 come within ${n(busy.p50, 2)} ms (half) and ${n(busy.p99, 2)} ms (99 of 100), the last within ${n(busy.most, 1)}; in quiet within ${n(quiet.p50, 2)} and ${n(quiet.p99, 2)}.\n`)
}

if (!existsSync(binary)) fail(`there is no ${binary}: cargo build --release`)
if (availableParallelism() < 2) fail('two cores are needed: one for the server, one for those who ask')
mkdirSync(join(scratch, 'mercurius'), { recursive: true })
copyFileSync(join(here, 'package.json'), join(scratch, 'mercurius/package.json'))
if (!existsSync(join(scratch, 'mercurius/node_modules/mercurius'))) {
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent'], { cwd: join(scratch, 'mercurius'), stdio: 'inherit' })
}
const all = { questions, sizes, connections, writers }
for (part of parts) {
  if (!all[part]) fail(`no part ${part}; there are ${Object.keys(all)}`)
  say(`${cpus()[0].model.trim()}, ${availableParallelism()} cores, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}:\n`)
  await all[part]()
}
if (args.includes('--write')) {
  const page = join(root, 'docs/performance.md')
  let text = readFileSync(page, 'utf8')
  for (const [part, lines] of Object.entries(report)) {
    const [begin, end] = [`<!-- measured by benches/compare: ${part} -->`, `<!-- end of ${part} -->`]
    text = `${text.slice(0, text.indexOf(begin))}${begin}\n\n${lines.join('\n')}\n${text.slice(text.indexOf(end))}`
  }
  writeFileSync(page, text)
  mkdirSync(join(root, 'docs/performance'), { recursive: true })
  for (const name of ['sizes-cpu', 'sizes-memory', 'sizes-start', 'connections', 'writers']) {
    const file = join(scratch, 'plots', `${name}.svg`)
    if (existsSync(file)) copyFileSync(file, join(root, 'docs/performance', `${name}.svg`))
  }
}
process.exit(0)
