// Changes by hand: what the page offers in its templates is asked in a dialog and committed through the public API. What somebody else
// changed meanwhile is shown before it is written over.
import { h, home, say, tell } from './dom.ts';
import { isOurs, refresh, whenPlaced } from './live.ts';
import { type Trouble, ask, dialog, may, newKey, sentences, whenSignedIn } from './session.ts';

type Values = Record<string, string>;

/** What can be changed: how it stands, and how it is written. */
interface Change {
  /** What there is now: aliased `now`, with the register's revision. */
  query: string;
  variables: (values: Values) => object;
  /** The fields of the form as they stand. */
  fill?: (now: any) => Partial<Values>;
  mutation: string;
  input: (values: Values) => object;
}

/** A number as people of the page's language write it, as the API takes it: `1.234,5`, `97,6%`. What is no number stays as it is. */
export function exact(text: string): string {
  const isDutch = document.documentElement.lang === 'nl';
  const bare = text.replace(/[\s\u202f€]/g, '').replace('−', '-');
  const groups = isDutch ? /^-?[1-9]\d{0,2}(\.\d{3})+(,\d+)?%?$/ : /^-?[1-9]\d{0,2}(,\d{3})+(\.\d+)?%?$/;
  const number = (groups.test(bare) ? bare.replaceAll(isDutch ? '.' : ',', '') : bare).replace(',', '.');
  const share = /^(-?)(\d+)(?:\.(\d+))?%$/.exec(number);
  if (!share) return number;
  // A per cent is a hundredth, exactly: the point moves.
  const [, sign, whole = '', rest = ''] = share;
  const digits = whole.padStart(3, '0');
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}${rest}`;
}

/** The same the other way round. */
const written = (value: string) => (document.documentElement.lang === 'nl' ? value.replace('.', ',') : value);

const optional = (values: Values, names: string[]) => Object.fromEntries(names.filter((name) => values[name]).map((name) => [name, values[name]]));

const CHANGES: Record<string, Change> = {
  milestone: {
    query: 'query($key: String!) { register { revision } now: milestone(key: $key) { status statusWord commonStatus footnote } }',
    variables: ({ key }) => ({ key }),
    fill: (now) => ({
      status: now?.status === 'OTHER' ? '' : (now?.status ?? ''),
      statusWord: now?.status === 'OTHER' ? now.statusWord : '',
      commonStatus: now?.commonStatus ?? '',
      note: now?.footnote ?? '',
    }),
    mutation: 'SetMilestoneStatus',
    input: (values) => ({ milestoneKey: values['key'], status: values['status'] || null, ...optional(values, ['statusWord', 'commonStatus', 'note']) }),
  },
  observation: {
    query:
      'query($key: String!, $period: String) { register { revision } now: observations(first: 1, where: {indicatorKey: {eq: $key}, period: {eq: $period}}) { nodes { state explanation delivered yearToDate figure { value status } } } }',
    variables: ({ key, period }) => ({ key, period }),
    fill: ({ nodes: [now] }) => (now ? { value: written(now.figure.value ?? ''), status: now.figure.value === null ? now.figure.status : '', state: now.state ?? '', explanation: now.explanation ?? '', delivered: now.delivered ?? '', yearToDate: now.yearToDate ? 'true' : '' } : {}),
    mutation: 'RecordObservation',
    input: (values) => ({
      indicatorKey: values['key'],
      period: values['period'],
      value: values['value'] ? exact(values['value']) : null,
      ...optional(values, ['status', 'state', 'explanation', 'delivered']),
      // What the form does not ask stays as it stood.
      yearToDate: values['yearToDate'] === 'true',
    }),
  },
  progress: {
    query:
      'query($round: String!, $record: String!) { register { revision } now: progressReports(first: 1, where: {roundKey: {eq: $round}, recordKey: {eq: $record}}) { nodes { commonStatus status judgement explanation reportedBy } } }',
    variables: (values) => ({ round: values['round'], record: values['recordKey'] ?? '' }),
    fill: ({ nodes: [now] }) => now ?? {},
    mutation: 'ReportProgress',
    input: (values) => ({
      progressReport: { roundKey: values['round'], kind: values['kind'], recordKey: values['recordKey'], ...optional(values, ['commonStatus', 'status', 'judgement', 'explanation', 'reportedBy', 'reportedOn']) },
    }),
  },
  waiver: {
    query: 'query($key: String!) { register { revision } now: discrepancies(first: 1, where: {key: {eq: $key}}) { nodes { waiver { reason until } } } }',
    variables: ({ key }) => ({ key }),
    fill: ({ nodes: [now] }) => ({ reason: now?.waiver?.reason ?? '', until: now?.waiver?.until ?? '' }),
    mutation: 'WaiveDiscrepancy',
    input: (values) => ({ key: values['key'], ...optional(values, ['until']) }),
  },
};

const document_of = (name: string) =>
  `mutation ${name}($input: ${name}Input!) { done: ${name[0]!.toLowerCase()}${name.slice(1)}(input: $input) { status revision problems { code message hint } } }`;

const values_of = (form: HTMLFormElement): Values => Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value).trim()]));

/** Writes; what is wrong, if anything. */
async function write(mutation: string, input: object): Promise<{ revision?: number; status?: string; wrong: Trouble[] }> {
  const { data, errors } = await ask(document_of(mutation), { input });
  const done = data?.done as { status: string; revision: number; problems: Trouble[] } | undefined;
  return { ...done, wrong: [...errors, ...(done?.problems ?? [])] };
}

/** Says that it is in, and offers to undo it. */
export async function committed(revision: number, what: string): Promise<void> {
  isOurs(revision);
  await refresh();
  const changes = h('a', { href: new URL(`change?from=${revision - 1}&to=${revision}`, home).href }, say('Wat er veranderde', 'What changed'));
  const undo = may('ADMIN')
    ? h('button', { type: 'button', class: 'quiet', onclick: (event) => void undone(revision, event.currentTarget as HTMLButtonElement) }, say('Maak ongedaan', 'Undo'))
    : say(`Een beheerder kan revisie ${revision} ongedaan maken.`, `An administrator can undo revision ${revision}.`);
  tell(`${what} ${say('Revisie', 'Revision')} ${revision}. `, changes, ' ', undo);
}

async function undone(revision: number, button: HTMLButtonElement): Promise<void> {
  button.disabled = true;
  const reason = say(`Revisie ${revision} ongedaan gemaakt`, `Revision ${revision} undone`);
  const { wrong, revision: now } = await write('RevertRevision', { revision, reason, idempotencyKey: `undo-${revision}-${newKey()}` });
  if (now === undefined || wrong.length > 0) {
    tell(say(`Revisie ${revision} is niet ongedaan gemaakt.`, `Revision ${revision} was not undone.`), sentences(wrong));
    return;
  }
  isOurs(now);
  await refresh();
  tell(say(`Revisie ${revision} is ongedaan gemaakt door revisie ${now}.`, `Revision ${revision} was undone by revision ${now}.`));
}

/** What a record says, in a line. */
function summary(now: unknown): string {
  if (now === null || now === undefined) return '';
  if (Array.isArray(now)) return now.map(summary).filter(Boolean).join('; ');
  if (typeof now !== 'object') return String(now);
  const said = Object.entries(now).map(([name, value]) => [name, summary(value)] as const);
  return said
    .filter(([, value]) => value)
    .map(([name, value]) => (['nodes', 'figure', 'waiver'].includes(name) ? value : `${name} ${value}`))
    .join(', ');
}

/** Where records of a kind are listed, and what they are called. */
const LISTS: Record<string, string> = {
  PROJECT: 'projects title',
  MEASURE: 'measures name',
  MILESTONE: 'milestones title',
  OPERATIONAL_GOAL: 'operationalGoals title',
  STRATEGIC_GOAL: 'strategicGoals title',
};

/** Offers the keys of records of that kind by their names. */
async function listRecords(kind: string, form: HTMLFormElement): Promise<void> {
  const [list, name] = LISTS[kind]?.split(' ') ?? [];
  const { data } = await ask(`{ all: ${list}(first: 500) { nodes { key name: ${name} } } }`, {});
  const options = (data?.all.nodes ?? []).map(({ key, name }: { key: string; name: string }) => h('option', { value: key }, name));
  form.querySelector('datalist')?.replaceChildren(...options);
}

/** Asks for a change. */
async function edit(name: string, given: Values): Promise<void> {
  const change = CHANGES[name]!;
  const template = document.querySelector<HTMLTemplateElement>(`template[data-form="${name}"]`);
  if (!template) return;
  const fields = template.content.cloneNode(true) as DocumentFragment;
  // A form that says itself what it is about has no field for it twice.
  for (const field of fields.querySelectorAll<HTMLElement>('[data-unless]')) if (given[field.dataset['unless']!]) field.remove();
  const key = newKey();
  let now: { revision: number; record: string } | null = null;
  const all = () => ({ ...given, ...values_of(form) });

  /** How it stands; what is wrong, if that cannot be told. */
  /** What was filled in stays, whatever is looked up later. */
  const touched = new Set<string>();
  const present = h('p', { class: 'meta' });
  const look = async (fill: boolean): Promise<Trouble[]> => {
    const values = all();
    const { data, errors } = await ask(change.query, change.variables(values));
    if (errors.length > 0) return errors;
    now = { revision: data.register.revision, record: JSON.stringify(data.now) };
    const there = summary(data.now);
    present.textContent = there ? `${say('Er staat nu', 'There is now')}: ${there}` : '';
    if (fill)
      for (const [field, value] of Object.entries(change.fill?.(data.now) ?? {})) {
        const element = touched.has(field) ? null : form.elements.namedItem(field);
        if (element instanceof HTMLInputElement || element instanceof HTMLSelectElement || element instanceof HTMLTextAreaElement) element.value = String(value ?? '');
        // Who is about to type there types over it.
        if (element instanceof HTMLInputElement && element === document.activeElement) element.select();
      }
    return [];
  };

  const send = async (): Promise<(Node | string)[] | null> => {
    if (!now) {
      const wrong = await look(false);
      if (wrong.length > 0) return [sentences(wrong)];
    }
    const values = all();
    const input = { ...change.input(values), reason: values['reason'], expectRevision: now!.revision, idempotencyKey: key };
    const { revision, status, wrong } = await write(change.mutation, input);
    if (wrong.some(({ code }) => code === 'REVISION_MISMATCH')) {
      const before = now!.record;
      const troubles = await look(false);
      if (troubles.length > 0) return [sentences(troubles)];
      // Somebody changed something else: that is no matter of ours.
      if (now!.record === before) return send();
      return [
        h('p', { class: 'bad' }, say('Iemand anders heeft dit intussen gewijzigd. Wat je invulde staat er nog; verzend opnieuw om het te overschrijven, of annuleer.', 'Somebody else has changed this meanwhile. What you filled in is still there; send again to write over it, or cancel.')),
      ];
    }
    if (wrong.length > 0) return [sentences(wrong)];
    if (status === 'UNCHANGED') tell(say('Het stond er al zo: er is niets gewijzigd.', 'It was so already: nothing was changed.'));
    else void committed(revision!, say('Opgeslagen.', 'Saved.'));
    return null;
  };

  const title = given['name'] ? `${template.dataset['title']}: ${given['name']}` : template.dataset['title']!;
  const { form, trouble } = dialog(title, [present, fields], say('Bewaar', 'Save'), send);
  const reads = form.querySelector('output');
  form.addEventListener('input', (event) => {
    touched.add((event.target as HTMLInputElement).name);
    const { value = '' } = values_of(form);
    if (reads) reads.value = value ? `= ${exact(value)}` : '';
  });
  const kind = form.elements.namedItem('kind');
  if (kind instanceof HTMLSelectElement) {
    kind.addEventListener('change', () => void listRecords(kind.value, form));
    void listRecords(kind.value, form);
  }
  const asks = form.querySelectorAll<HTMLInputElement>('[data-asks]');
  const first = async () => {
    if ([...asks].some((field) => field.value === '')) return;
    const wrong = await look(true);
    trouble.replaceChildren(...(wrong.length > 0 ? [sentences(wrong)] : []));
  };
  // What the form is about may be filled in first: then it is looked up what stands there.
  for (const field of asks) {
    if (given[field.name]) field.value = given[field.name]!;
    field.addEventListener('change', () => void first());
  }
  await first();
}

/** Puts a button at each place of the page that can be changed. */
function offer(): void {
  if (!may('EDIT')) return;
  for (const place of document.querySelectorAll<HTMLElement>('[data-edit]')) {
    const { edit: name = '', ...given } = place.dataset as Values;
    // Types have their names in the API, kinds their words.
    if (given['kind']) given['kind'] = given['kind'].replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
    if (place.querySelector('button.edit') || !CHANGES[name]) continue;
    const label = document.querySelector<HTMLElement>(`template[data-form="${name}"]`)?.dataset['button'] ?? '';
    const about = given['name'] ? [h('span', { class: 'hidden' }, `: ${given['name']}`)] : [];
    place.append(' ', h('button', { type: 'button', class: 'quiet edit', onclick: () => void edit(name, given) }, label, ...about));
  }
}

/** Offers changes by hand to those who may make them. */
export function editing(): void {
  whenSignedIn(offer);
  whenPlaced(offer);
}
