// The worked examples: the files of `web/examples`, in the order of their names, each about something that this register has.
export interface Example {
  /** The operation's name, also the title of its tab. */
  name: string;
  /** The first line of its opening comment. */
  about: string;
  query: string;
}

const files = import.meta.glob<string>('../examples/*.graphql', { query: '?raw', import: 'default', eager: true });

/** How long the register is asked before the examples are shown as they are written. */
const PATIENCE_MS = 3000;

/** What variables of that name stand for, and which record of the register shows most in its place. */
const RECORDS: Record<string, { one: string; many: string; where?: string }> = {
  plan: { one: 'plan', many: 'plans', where: 'orderBy: [{field: YEAR, direction: DESC}]' },
  body: { one: 'organisation', many: 'organisations', where: 'where: {plans: {some: {}}}' },
  goal: { one: 'operationalGoal', many: 'operationalGoals', where: 'where: {budgetLines: {some: {}}}' },
  project: { one: 'project', many: 'projects', where: 'where: {milestones: {some: {}}}' },
  measure: { one: 'measure', many: 'measures', where: 'where: {indicators: {some: {}}}' },
};

/** A variable that names a record, with the key that it has when none is given. */
const KEYED = /\$(\w+): String! = "([^"]+)"/g;
/** One that names a year. */
const YEAR = /(\$year: Int!? = )\d+/g;

const written: Example[] = Object.keys(files)
  .sort((a, b) => (a < b ? -1 : 1))
  .map((path) => read(path, files[path] ?? ''));

function read(path: string, query: string): Example {
  const fileName = path.slice(path.lastIndexOf('/') + 1);
  const name = /^\s*(?:query|mutation|subscription)\s+(\w+)/m.exec(query)?.[1];
  const about = /^\s*#\s*(.*)$/m.exec(query)?.[1];
  return { name: name ?? fileName.replace(/\.graphql$/, ''), about: about ?? '', query };
}

interface Found {
  /** By the name of the variable and the key that stands there: whether there is such a record. */
  there: Record<string, { key: string } | null>;
  /** By the name of the variable: another record. */
  other: Record<string, { nodes: { key: string }[] }>;
  /** The newest year of which there are figures. */
  year: number | undefined;
  /** Whether this is another register than the one that the examples were written for. */
  isAnother: boolean;
}

/** What the register has of that which the examples name. */
async function ask(endpoint: string): Promise<Found | null> {
  const keys = new Map<string, [string, string]>();
  for (const { query } of written) {
    for (const [, name = '', key = ''] of query.matchAll(KEYED)) if (RECORDS[name]) keys.set(`${name}|${key}`, [name, key]);
  }
  const all = [...keys.values()];
  const one = all.map(([name, key], place) => `r${place}: ${RECORDS[name]!.one}(key: ${JSON.stringify(key)}) { key }`);
  const others = Object.entries(RECORDS).flatMap(([name, { many, where }]) => [
    `${name}: ${many}(first: 1${where ? `, ${where}` : ''}) { nodes { key } }`,
    // Where nothing shows much, anything will do.
    `any_${name}: ${many}(first: 1) { nodes { key } }`,
  ]);
  const query = `{ ${[...one, ...others].join(' ')} years: plans(first: 1, orderBy: [{field: YEAR, direction: DESC}]) { nodes { year evaluatedYear } } }`;
  const answer = await fetch(endpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query }),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const { data } = await answer.json();
  if (!data) return null;
  const [plan] = data.years.nodes;
  return {
    there: Object.fromEntries(all.map(([name, key], place) => [`${name}|${key}`, data[`r${place}`]])),
    other: Object.fromEntries(Object.keys(RECORDS).map((name) => [name, data[name].nodes.length > 0 ? data[name] : data[`any_${name}`]])),
    year: plan?.evaluatedYear ?? plan?.year,
    isAnother: all.some(([name], place) => name === 'plan' && !data[`r${place}`]),
  };
}

/** The example about what there is: what it names and the register does not have gives way to something that it has. */
function fitted(example: Example, { there, other, year, isAnother }: Found): Example {
  const query = example.query.replace(KEYED, (text, name: string, key: string) => {
    const instead = other[name]?.nodes[0]?.key;
    if (!(`${name}|${key}` in there) || there[`${name}|${key}`] || !instead) return text;
    return text.replace(JSON.stringify(key), JSON.stringify(instead));
  });
  // Another plan has another year.
  return { ...example, query: isAnother && year ? query.replace(YEAR, `$1${year}`) : query };
}

/** The examples for the register at that endpoint; as they are written, when it does not answer. */
export async function examplesFor(endpoint: string): Promise<Example[]> {
  const found = await ask(endpoint).catch(() => null);
  return found ? written.map((example) => fitted(example, found)) : written;
}
