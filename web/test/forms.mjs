// The pages there are, one of each sort, and what holds of each of them in any browser.

/** Asks the server at an address. */
export async function ask(graphql, query, timeoutMs) {
  const response = await fetch(graphql, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  return (await response.json()).data;
}

/** A page of each sort, with keys that the register has; of measures one that has indicators, norms and contradictions. */
export async function forms(graphql, timeoutMs) {
  const first = (list) => `${list}(first: 1) { nodes { key } }`;
  const kinds = ['plans', 'policyFields', 'operationalGoals', 'strategicGoals', 'projects', 'budgetArticles', 'inspectedProcesses'];
  const full = 'measures(first: 1, where: {norms: {some: {}}, inspectedProcesses: {some: {}}}) { nodes { key indicators { key observations { key } } } }';
  const data = await ask(graphql, `{ ${kinds.map(first).join(' ')} ${full} }`, timeoutMs);
  const key = (list) => encodeURIComponent(data[list].nodes[0].key);
  const [plan, measure] = [key('plans'), encodeURIComponent(data.measures.nodes[0].key)];
  const indicator = data.measures.nodes[0].indicators.find((it) => it.observations.length > 1);
  const figure = (path) => `measures/${measure}?at=${encodeURIComponent(`scoreboard.indicators|${indicator.key}|${path}`)}`;
  return {
    home: '',
    plans: 'plans',
    bodies: 'bodies',
    plan: `plans/${plan}`,
    field: `fields/${key('policyFields')}`,
    goal: `goals/${key('operationalGoals')}`,
    strategic: `strategic-goals/${key('strategicGoals')}`,
    project: `projects/${key('projects')}`,
    measure: `measures/${measure}`,
    article: `articles/${key('budgetArticles')}`,
    process: `processes/${key('inspectedProcesses')}`,
    norms: `norms?plan=${plan}`,
    budget: `budget?plan=${plan}`,
    milestones: `milestones?plan=${plan}`,
    trends: `trends?plan=${plan}&kind=RECEIVED`,
    inspections: `inspections?plan=${plan}`,
    staff: `staff?plan=${plan}`,
    contradictions: `contradictions?plan=${plan}`,
    round: `round?plan=${plan}`,
    changes: 'changes',
    change: 'change?from=0&to=1',
    search: 'search?text=a',
    computed: figure('trend.relative'),
    printed: figure(`indicator.observations|${indicator.observations[1].key}|figure`),
    guides: 'guides',
    guide: 'guides/asking',
    reference: 'guides/reference',
    schema: 'docs',
    type: 'docs/Query',
    found: 'docs?q=norm+result',
    error: 'measures/none',
  };
}

// These run in the page.

/** By how much it is wider than the screen. */
export const overflow = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;

/** Figures whose text is not their value, as the language writes it. */
export const misread = () => {
  const dutch = document.documentElement.lang === 'nl';
  const wrong = [];
  for (const data of document.querySelectorAll('data')) {
    const text = data.textContent.replace('−', '-');
    const digits = text.replace(/[^\d.,-]/g, '').replace(/[.,]$/, '');
    const shown = Number(dutch ? digits.replaceAll('.', '').replace(',', '.') : digits.replaceAll(',', ''));
    const scale = /%|ppt|pp/.test(text) ? 100 : /mln|m$/.test(text) ? 1e-6 : 1;
    const off = Math.abs(shown - Number(data.value) * scale);
    // What is computed in euro is shown whole.
    const room = scale !== 1 ? 0.051 : /€/.test(text) && !/[.,]\d\d?$/.test(text) ? 0.51 : 0.0051;
    if (!(off <= room)) wrong.push(`${data.textContent} for ${data.value}`);
  }
  return wrong;
};

/** The figures that stand there: what leads to each, and its value. */
export const figures = () => [...document.querySelectorAll('a.f')].map((it) => ({ to: it.href, value: it.querySelector('data')?.value ?? null, seen: it.getClientRects().length > 0 || it.closest('details:not([open])') !== null }));
