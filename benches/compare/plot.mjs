// Lines in a plane with logarithmic axes, as SVG.

const COLOURS = ['#00687a', '#b5482a', '#5b6b00', '#7a3b8f', '#555']
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [720, 380, 70, 190, 40, 50]

const shown = value => value >= 1e6 ? `${value / 1e6} M` : value >= 1e3 ? `${value / 1e3} k` : String(value)

/** `series`: [{ name, points: [[x, y], …] }]. */
export function plot ({ title, x, y, series }) {
  const all = series.flatMap(it => it.points).filter(([, value]) => value > 0)
  const decades = values => {
    const [least, most] = [Math.min(...values), Math.max(...values)]
    return [Math.floor(Math.log10(least)), Math.max(Math.ceil(Math.log10(most)), Math.floor(Math.log10(least)) + 1)]
  }
  const [xs, ys] = [decades(all.map(it => it[0])), decades(all.map(it => it[1]))]
  const along = value => LEFT + (Math.log10(value) - xs[0]) / (xs[1] - xs[0]) * (WIDTH - LEFT - RIGHT)
  const up = value => HEIGHT - BOTTOM - (Math.log10(value) - ys[0]) / (ys[1] - ys[0]) * (HEIGHT - TOP - BOTTOM)
  const parts = []
  const text = (at, to, words, more = '') => parts.push(`<text x="${at.toFixed(1)}" y="${to.toFixed(1)}" ${more}>${words}</text>`)
  const line = (a, b, c, d) => parts.push(`<line x1="${a.toFixed(1)}" y1="${b.toFixed(1)}" x2="${c.toFixed(1)}" y2="${d.toFixed(1)}" stroke="#ddd"/>`)
  for (let it = xs[0]; it <= xs[1]; it++) {
    line(along(10 ** it), TOP, along(10 ** it), HEIGHT - BOTTOM)
    text(along(10 ** it), HEIGHT - BOTTOM + 18, shown(10 ** it), 'text-anchor="middle"')
  }
  for (let it = ys[0]; it <= ys[1]; it++) {
    line(LEFT, up(10 ** it), WIDTH - RIGHT, up(10 ** it))
    text(LEFT - 8, up(10 ** it) + 4, shown(+(10 ** it).toPrecision(1)), 'text-anchor="end"')
  }
  text(LEFT, 22, title, 'font-weight="bold"')
  text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, x, 'text-anchor="middle"')
  parts.push(`<text transform="translate(16 ${(HEIGHT - BOTTOM + TOP) / 2}) rotate(-90)" text-anchor="middle">${y}</text>`)
  series.forEach(({ name, points }, at) => {
    const [colour, dashes] = [COLOURS[at % COLOURS.length], at % 2 ? ' stroke-dasharray="6 3"' : '']
    const way = points.filter(([, value]) => value > 0).map(([a, b]) => `${along(a).toFixed(1)},${up(b).toFixed(1)}`)
    parts.push(`<polyline points="${way.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"${dashes}/>`)
    way.forEach(point => parts.push(`<circle cx="${point.split(',')[0]}" cy="${point.split(',')[1]}" r="3" fill="${colour}"/>`))
    text(WIDTH - RIGHT + 12, TOP + 12 + 20 * at, name, `fill="${colour}"`)
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12" role="img" aria-label="${title}">
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${parts.join('\n')}
</svg>
`
}
