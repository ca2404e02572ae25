// A PostgreSQL of its own in the scratch folder, where one is installed, with the observations and what Q4w needs of indexes.
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const PORT = 54329

function programs () {
  const debian = '/usr/lib/postgresql'
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => b - a) : []
  return versions.map(it => join(debian, it, 'bin')).find(it => existsSync(join(it, 'initdb')))
}

/** Starts one; nothing where none is installed. */
export async function start (scratch, data) {
  const bin = programs()
  if (!bin) return undefined
  // It refuses to run as root.
  const root = process.getuid() === 0
  const as = root ? ['runuser', '-u', 'postgres', '--'] : []
  const run = (command, ...args) => execFileSync(as[0] ?? command, [...as.slice(1), ...(root ? [command] : []), ...args], { stdio: ['pipe', 'ignore', 'inherit'] })
  const folder = join(scratch, 'postgres')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  if (root) execFileSync('chown', ['postgres', folder])
  chmodSync(folder, 0o700)
  run(join(bin, 'initdb'), '-D', folder, '-A', 'trust', '-U', 'postgres', '--no-sync')
  const server = ['taskset', '-c', '0', ...as, join(bin, 'postgres'), '-D', folder, '-p', String(PORT), '-k', folder, '-c', 'listen_addresses=127.0.0.1']
  const child = spawn(server[0], server.slice(1), { stdio: 'ignore' })
  const url = `postgres://postgres@127.0.0.1:${PORT}/postgres`
  const sql = text => execFileSync(join(bin, 'psql'), [url, '-q', '-v', 'ON_ERROR_STOP=1', '-f', '-'], { input: text, stdio: ['pipe', 'ignore', 'pipe'], maxBuffer: 1 << 30 })
  for (let at = 0; ; at++) {
    try { sql('select 1'); break } catch (error) { if (at > 100) throw error }
    await new Promise(resolve => setTimeout(resolve, 100))
  }
  const rows = data.observations.map((it, at) => `${at}\t${it.year}\t${it.value}`).join('\n')
  sql(`create table observation (id int primary key, year int not null, value numeric not null);
copy observation from stdin;
${rows}
\\.
create index on observation (year, value desc);
vacuum analyze observation;`)
  // The process of every connection, and those that serve all.
  const main = () => Number(readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n')[0])
  const pids = () => [main(), ...execFileSync('pgrep', ['-P', String(main())], { encoding: 'utf8' }).trim().split('\n').map(Number)]
  const stop = async () => { const ended = new Promise(resolve => child.on('exit', resolve)); process.kill(main(), 'SIGINT'); await ended }
  return { url, pids, stop }
}
