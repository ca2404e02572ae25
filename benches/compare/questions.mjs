// What is asked, in the words of each server, and with which variables.
import { keyOf } from './data.mjs'

export const QUESTIONS = {
  Q1: {
    title: 'one measure',
    boordtabel: 'query Q1($id: String!) { measure(key: $id) { id key name lifecycle operationalGoalKey } }',
    plain: 'query Q1($id: String!) { measure(key: $id) { key name goal field } }',
    variables: ({ measures }) => Array.from({ length: 60 }, (_, at) => ({ id: keyOf(1 + at % measures) }))
  },
  Q2: {
    title: 'a list of 60 with their budgets',
    boordtabel: 'query Q2 { measures(first: 60) { nodes { key name lifecycle operationalGoalKey budgetLines { name amounts { year phase credit figure { value } } } } } }',
    plain: 'query Q2 { measures(first: 60) { key name goal field line { title amounts { year vakPlanned vakRealised vekPlanned vekRealised } } } }'
  },
  Q3: {
    title: 'a dashboard of 60 measures',
    boordtabel: `query Q3 { measures(first: 60) { nodes { key name lifecycle operationalGoalKey indicators { label kind observations { period { code } figure { value } } }
      budgetLines { name amounts { year phase credit figure { value } } } inspectedProcesses { inspections { year controls { value } sanctions { value } proposedRecovery { value } } } } } }`,
    plain: `query Q3 { measures(first: 60) { key name goal field indicators { label kind observations { year value } }
      line { title amounts { year vakPlanned vakRealised vekPlanned vekRealised } } inspections { year controls warnings recovery } } }`
  },
  Q4: {
    title: 'a page of 50 of one measure\'s, ordered and counted',
    boordtabel: `query Q4($m: String!) { observations(where: {indicator: {measureKey: {eq: $m}}, period: {year: {gte: 2019}}},
      orderBy: [{field: FIGURE_VALUE, direction: DESC}], first: 50) { totalCount nodes { id period { code } figure { value } } } }`,
    plain: 'query Q4($m: String!) { observations(measure: $m, yearFrom: 2019, byValue: true, first: 50) { totalCount nodes { id year value } } }',
    variables: ({ measures }) => Array.from({ length: 50 }, (_, at) => ({ m: keyOf(1 + at * 37 % measures) }))
  },
  Q4w: {
    title: 'a page of 50 of a tenth of all, ordered and counted',
    boordtabel: `query Q4w($y: Int!) { observations(where: {period: {year: {eq: $y}}}, orderBy: [{field: FIGURE_VALUE, direction: DESC}], first: 50) {
      totalCount nodes { id period { code } figure { value } } } }`,
    plain: 'query Q4w($y: Int!) { observations(year: $y, byValue: true, first: 50) { totalCount nodes { id year value } } }',
    variables: () => Array.from({ length: 10 }, (_, at) => ({ y: 2015 + at }))
  },
  Q5: {
    title: 'exact sums by policy field',
    boordtabel: 'query Q5 { budgetAmounts(where: {phase: {eq: REALISED}, credit: {eq: VAK}}) { groupBy(by: [POLICY_FIELD]) { keys { policyField { code } } figure { sum } } } }',
    plain: 'query Q5 { vakByField { field vakRealised } }'
  }
}

/** The bodies of the requests of a question. */
export function bodies (name, dialect, size) {
  const { [dialect]: query, variables } = QUESTIONS[name]
  return (variables?.(size) ?? [{}]).map(variables => JSON.stringify({ query: query.replace(/\s+/g, ' '), variables }))
}
