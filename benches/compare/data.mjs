// The data that is compared on: measures of a plan, their indicators with an observation for each year, a budget line with its
// amounts, inspections. Made from a seed, so every server has the same.
import { createWriteStream, mkdirSync } from 'node:fs'
import { once } from 'node:events'

const FIELDS = ['animal-welfare', 'biodiversity', 'climate', 'rural-economy', 'soil', 'water']
const KINDS = ['input', 'output', 'result']
export const INDICATORS = 12

/** Numbers that look random and are the same each time (mulberry32). */
function random (seed) {
  return below => {
    seed = (seed + 0x6d2b79f5) | 0
    let it = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    it = (it + Math.imul(it ^ (it >>> 7), 61 | it)) ^ it
    return ((it ^ (it >>> 14)) >>> 0) % below
  }
}

/** So many measures, each with twelve indicators, over these years. */
export function generate ({ measures, years, first }) {
  const next = random(20261128)
  const cents = most => `${next(most)}.${String(next(100)).padStart(2, '0')}`
  const data = { measures: [], indicators: [], observations: [], lines: [], amounts: [], inspections: [] }
  for (let m = 1; m <= measures; m++) {
    const key = keyOf(m)
    const field = FIELDS[next(FIELDS.length)]
    data.measures.push({ key, name: `Measure ${m}: support for ${field}`, goal: `${field}-g${1 + next(9)}`, field })
    data.lines.push({ measure: key, title: `BL-${next(10000)} appropriation for ${key}` })
    for (let y = first; y < first + years; y++) {
      const [vak, vek] = [next(5_000_000), next(5_000_000)]
      data.amounts.push({
        measure: key,
        year: y,
        vakPlanned: `${vak}.${String(next(100)).padStart(2, '0')}`,
        vakRealised: `${Math.floor(vak * 0.9)}.${String(next(100)).padStart(2, '0')}`,
        vekPlanned: `${vek}.${String(next(100)).padStart(2, '0')}`,
        vekRealised: `${Math.floor(vek * 0.8)}.${String(next(100)).padStart(2, '0')}`
      })
      const controls = next(400)
      data.inspections.push({ measure: key, year: y, controls, warnings: next(Math.floor(controls / 8) + 1), recovery: cents(90_000) })
    }
    for (let i = 1; i <= INDICATORS; i++) {
      const indicator = `${key}/i${i}`
      data.indicators.push({ key: indicator, measure: key, label: `Indicator ${i} of ${key}`, kind: KINDS[i % 3], at: i })
      for (let y = first; y < first + years; y++) data.observations.push({ indicator, measure: key, year: y, value: cents(100_000) })
    }
  }
  return data
}

export function keyOf (measure) {
  return `m${String(measure).padStart(5, '0')}`
}

/** So many observations are loaded in one commit: it takes two million records at most. */
const OBSERVATIONS_OF_COMMIT = 500_000

/** The same as the files that `boordtabel load` takes: folders, each a commit. */
export async function write (data, folder) {
  const folders = [`${folder}/1`]
  mkdirSync(folders[0], { recursive: true })
  const file = async (name, header, rows, into = folders[0]) => {
    const out = createWriteStream(`${into}/${name}.csv`)
    let text = header.join(',') + '\n'
    for (const row of rows) {
      text += row.join(',') + '\n'
      if (text.length > 1 << 20) {
        if (!out.write(text)) await once(out, 'drain')
        text = ''
      }
    }
    out.end(text)
    await once(out, 'finish')
  }
  const goals = new Map(data.measures.map(it => [it.goal, it.field]))
  const fields = [...new Set(goals.values())].sort()
  await file('organisations', ['key', 'name'], [['body', 'Body']])
  await file('plans', ['key', 'organisationKey', 'year', 'evaluatedYear', 'title'], [['p', 'body', 2025, 2024, 'Plan']])
  await file('policy-fields', ['key', 'planKey', 'code', 'name'], fields.map(it => [it, 'p', it, it]))
  await file('structural-elements', ['key', 'policyFieldKey', 'code', 'name'], fields.map(it => [`${it}-s`, it, `${it} S`, it]))
  await file('operational-goals', ['key', 'structuralElementKey', 'code', 'title'], [...goals].map(([goal, field]) => [goal, `${field}-s`, goal, goal]))
  await file('measures', ['key', 'planKey', 'name', 'operationalGoalKey', 'operator', 'lifecycle', 'position'],
    data.measures.map((it, at) => [it.key, 'p', it.name, it.goal, 'OWN', 'ACTIVE', at + 1]))
  await file('indicators', ['key', 'measureKey', 'position', 'label', 'kind', 'unit'],
    data.indicators.map(it => [it.key, it.measure, it.at, it.label, 'VOLUME', 'EUR']))
  const figure = name => [`${name}.value`, `${name}.status`, `${name}.unit`]
  for (let from = 0; from < data.observations.length; from += OBSERVATIONS_OF_COMMIT) {
    const into = `${folder}/${1 + from / OBSERVATIONS_OF_COMMIT}`
    if (from > 0) folders.push(into)
    mkdirSync(into, { recursive: true })
    await file('observations', ['indicatorKey', 'period', ...figure('figure')],
      data.observations.slice(from, from + OBSERVATIONS_OF_COMMIT).map(it => [it.indicator, it.year, it.value, 'REPORTED', 'EUR']), into)
  }
  const goalOf = new Map(data.measures.map(it => [it.key, it.goal]))
  await file('budget-lines', ['key', 'planKey', 'position', 'name', 'section', 'direction', 'operationalGoalKey', 'measureKeys'],
    data.lines.map((it, at) => [`${it.measure}/line`, 'p', at + 1, it.title, 'MEASURE', 'EXPENDITURE', goalOf.get(it.measure), it.measure]))
  const credits = [['VAK', 'BUDGETED', 'vakPlanned'], ['VAK', 'REALISED', 'vakRealised'], ['VEK', 'BUDGETED', 'vekPlanned'], ['VEK', 'REALISED', 'vekRealised']]
  await file('budget-amounts', ['budgetLineKey', 'year', 'phase', 'credit', ...figure('figure')],
    data.amounts.flatMap(it => credits.map(([credit, phase, name]) => [`${it.measure}/line`, it.year, phase, credit, it[name], 'REPORTED', 'EUR'])))
  await file('inspected-processes', ['key', 'planKey', 'position', 'name', 'measureKeys'], data.measures.map((it, at) => [it.key, 'p', at + 1, it.key, it.key]))
  await file('inspections', ['processKey', 'year', ...figure('controls'), ...figure('sanctions'), ...figure('proposedRecovery')],
    data.inspections.map(it => [it.measure, it.year, it.controls, 'REPORTED', 'COUNT', it.warnings, 'REPORTED', 'COUNT', it.recovery, 'REPORTED', 'EUR']))
  return folders
}
