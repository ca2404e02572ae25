// Asks a server as fast as it answers: `node load.mjs '{"port", "path", "bodies", "connections", "seconds", "headers"}'`. Prints how
// many answers came, how many were no good, and how long they took, as JSON. Each connection has one request under way.
import { connect } from 'node:net'

const { port, path = '/graphql', bodies, connections, seconds, headers = {} } = JSON.parse(process.argv[2])
const lines = Object.entries({ host: `127.0.0.1:${port}`, 'content-type': 'application/json', accept: 'application/json', ...headers })
const requests = bodies.map(body => Buffer.from(
  `POST ${path} HTTP/1.1\r\n${lines.map(it => it.join(': ')).join('\r\n')}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`))

const took = []
let [turn, bad, bytes] = [0, 0, 0]
const begun = performance.now()
const end = begun + seconds * 1000

function ask () {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    let sent, missing, head
    const next = () => {
      if ((sent = performance.now()) >= end) { socket.end(); resolve(); return }
      missing = undefined
      head = Buffer.alloc(0)
      socket.write(requests[turn++ % requests.length])
    }
    socket.on('connect', next).on('error', reject).on('data', piece => {
      if (missing === undefined) {
        head = head.length ? Buffer.concat([head, piece]) : piece
        const at = head.indexOf('\r\n\r\n')
        if (at < 0) return
        const text = head.toString('latin1', 0, at)
        const length = Number(/content-length: (\d+)/i.exec(text)?.[1])
        if (!text.startsWith('HTTP/1.1 200') || Number.isNaN(length)) bad++
        bytes = length
        missing = length - (head.length - at - 4)
      } else {
        missing -= piece.length
      }
      if (missing <= 0) {
        took.push(performance.now() - sent)
        next()
      }
    })
  })
}

await Promise.all(Array.from({ length: connections }, ask))
took.sort((a, b) => a - b)
const at = share => took[Math.min(took.length - 1, Math.floor(took.length * share))]
console.log(JSON.stringify({ count: took.length, bad, bytes, seconds: (performance.now() - begun) / 1000, p50: at(0.5), p99: at(0.99), most: at(1) }))
