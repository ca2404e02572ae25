// A file is dropped or chosen: first it is only checked, and what is wrong stands at its cells; then exactly what was checked is committed.
import { bar, h, home, say } from './dom.ts';
import { committed } from './edit.ts';
import { ask, headers, may, newKey, sentences, troubles, unanswered, whenSignedIn } from './session.ts';

/** So many rows of what is wrong and of what changes are shown. */
const SHOWN = 200;

interface Cell {
  sheet: string | null;
  line: number | null;
  cell: string | null;
  field: string;
  code: string;
  message: string;
  hint: string;
  candidates?: string[];
}
interface Told {
  status: string;
  baseRevision: number;
  revision: number;
  digest: string;
  counts: Record<string, number>;
  kinds: { kind: string; created: number; updated: number; deleted: number }[];
  changes: { kind: string; key: string; outcome: string; fields: { field: string; before: unknown; after: unknown }[] }[];
  problemCount: number;
  problems: Cell[];
  noteCount: number;
  notes: Cell[];
  warnings: { path: string[]; code: string; message: string; hint: string }[];
  read: string;
}

const counted = (count = 0, one: string, many: string) => `${count} ${count === 1 ? one : many}`;
const plain = (word: string) => word.toLowerCase().replaceAll('_', ' ');

function table(label: string, heads: string[], rows: (Node | string)[][]): HTMLElement {
  const head = h('tr', {}, ...heads.map((text) => h('th', { scope: 'col' }, text)));
  const body = rows.slice(0, SHOWN).map((cells) => h('tr', {}, ...cells.map((cell) => h('td', {}, cell))));
  const more = rows.length > SHOWN ? [h('p', {}, say(`en ${rows.length - SHOWN} meer`, `and ${rows.length - SHOWN} more`))] : [];
  return h('div', {}, h('div', { class: 'wide', tabindex: '0', role: 'region', 'aria-label': label }, h('table', {}, h('thead', {}, head), h('tbody', {}, ...body))), ...more);
}

const where = ({ sheet, cell, line }: Cell) => {
  const at = cell ?? (line === null ? say('het bestand', 'the file') : `${say('regel', 'line')} ${line}`);
  return sheet ? `${sheet}, ${at}` : at;
};

const cells = (label: string, all: Cell[]) =>
  table(
    label,
    [say('Waar', 'Where'), say('Veld', 'Field'), say('Wat', 'What'), say('Wat te doen', 'What to do')],
    all.map((it) => [
      where(it),
      h('code', {}, it.field),
      h('span', { lang: 'en' }, `${it.message} `, h('code', {}, it.code)),
      h('span', { lang: 'en' }, it.hint, it.candidates?.length ? ` (${it.candidates.join(', ')})` : ''),
    ]),
  );

const shown = (value: unknown) => (value === null || value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value));

/** What would change. */
function changes({ kinds, changes: all }: Told): Node[] {
  const total = kinds.reduce((sum, it) => sum + it.created + it.updated + it.deleted, 0);
  const heads = [say('Soort', 'Kind'), say('Nieuw', 'New'), say('Gewijzigd', 'Changed'), say('Verwijderd', 'Deleted')];
  const rows = all.flatMap(({ kind, key, outcome, fields }) =>
    fields.map(({ field, before, after }, place) => [place === 0 ? `${plain(kind)} ${key}, ${plain(outcome)}` : '', h('code', {}, field), shown(before), shown(after)]),
  );
  return [
    table(say('Per soort', 'By kind'), heads, kinds.map((it) => [plain(it.kind), String(it.created), String(it.updated), String(it.deleted)])),
    h(
      'details',
      {},
      h('summary', {}, say(`Veld voor veld: ${all.length} van ${total} records`, `Field by field: ${all.length} of ${total} records`)),
      table(say('Veld voor veld', 'Field by field'), [say('Record', 'Record'), say('Veld', 'Field'), say('Nu', 'Now'), say('Wordt', 'Becomes')], rows),
    ),
  ];
}

const result = h('div', { role: 'status' });
const chosen = h('input', { id: 'file', type: 'file', accept: '.csv,.tsv,.txt,.jsonl,.xlsx,.xlsm,.ods', multiple: true, onchange: () => void take([...(chosen.files ?? [])]) });
const reason = h('input', { id: 'why', autocomplete: 'off', required: true });
const good = h('input', { id: 'good', type: 'checkbox', onchange: () => void check() });
const kinds = h('select', { id: 'kind', onchange: () => void check() }, h('option', { value: '' }, say('zegt de naam', 'as its name says')));
const mark = h(
  'select',
  { id: 'mark', onchange: () => void check() },
  h('option', { value: '' }, say('vind het zelf', 'find out')),
  h('option', { value: 'comma' }, say('komma: 1234,5', 'comma: 1234,5')),
  h('option', { value: 'point' }, say('punt: 1234.5', 'point: 1234.5')),
);
const panel = h(
  'section',
  { class: 'card', 'aria-labelledby': 'import', hidden: true },
  h('h2', { id: 'import' }, say('Een bestand inlezen', 'Import a file')),
  h('p', {}, say('Kies CSV-bestanden of werkmappen, of sleep ze op de pagina. Ze komen een na een. Eerst wordt alleen nagekeken: er verandert niets voor je dat zegt.', 'Choose CSV files or workbooks, or drop them on the page. They come one after the other. Each is only checked first: nothing changes before you say so.')),
  h('p', { class: 'row' }, h('label', { for: 'file' }, say('Bestand', 'File')), chosen, h('label', { for: 'kind' }, say('Wat erin zit', 'What it holds')), kinds, h('label', { for: 'mark' }, say('Decimaalteken', 'Decimal mark')), mark),
  h('p', { class: 'row' }, h('label', { for: 'why' }, say('Reden, voor de geschiedenis', 'Reason, for the history')), reason),
  h('p', {}, h('label', { class: 'check' }, good, ' ', say('Laat slechte rijen weg en neem de andere', 'Leave bad rows out and take the others'))),
  result,
);

let file: { name: string; bytes: ArrayBuffer } | null = null;
/** What was dropped or chosen with it, in the order in which it comes. */
let waiting: File[] = [];
/** The last question counts: the answer to an earlier one is dropped. */
let asked = 0;

async function send(options: Record<string, string>): Promise<Told | Node> {
  const address = new URL('import', home);
  const { name, bytes } = file!;
  const own = { reason: reason.value.trim() || name, file: name, ...(kinds.value ? { kind: kinds.value } : {}), ...(mark.value ? { decimal: mark.value } : {}), ...(good.checked ? { atomicity: 'GOOD_ROWS' } : {}) };
  address.search = String(new URLSearchParams({ ...own, ...options }));
  try {
    const answer = await fetch(address, { method: 'POST', headers: { ...headers(), 'Content-Type': 'application/octet-stream' }, body: bytes });
    const told = await answer.json();
    return told.errors ? sentences(troubles(told.errors)) : (told as Told);
  } catch {
    return sentences([unanswered()]);
  }
}

/** Takes files one after the other: what the next means may lean on what this one brings. */
async function take([first, ...others]: File[]): Promise<void> {
  if (!first) return;
  panel.hidden = false;
  waiting = others;
  file = { name: first.name, bytes: await first.arrayBuffer() };
  await check();
}

/** Goes on with the next file; `later` comes after all others. */
function next(later: File[] = []): void {
  kinds.value = '';
  void take([...waiting, ...later]);
}

async function fillKinds(): Promise<void> {
  if (kinds.options.length > 1) return;
  const { data } = await ask('{ __type(name: "Kind") { enumValues { name } } }', {});
  for (const { name } of data?.__type?.enumValues ?? []) kinds.append(h('option', { value: name }, plain(name)));
}

/** Checks the file, and shows what would come of it. */
async function check(before = ''): Promise<void> {
  if (!file) return;
  asked += 1;
  const turn = asked;
  result.replaceChildren(h('p', {}, say(`${file.name} wordt nagekeken…`, `${file.name} is being checked…`)));
  const told = await send({ dryRun: 'true', idempotencyKey: newKey() });
  if (turn !== asked) return;
  if (told instanceof Node) return result.replaceChildren(told);
  const { counts, problemCount, problems } = told;
  const about = [h('p', { class: 'meta', lang: 'en' }, told.read)];
  const remarks = [
    ...(told.noteCount > 0 ? [h('h3', {}, `${say('Na te kijken', 'To look at')}: ${told.noteCount}`), cells(say('Na te kijken', 'To look at'), told.notes)] : []),
    ...(told.warnings.length > 0 ? [h('ul', { class: 'plain part', lang: 'en' }, ...told.warnings.map((it) => h('li', {}, `${it.message}: ${it.hint} `, h('code', {}, it.code))))] : []),
  ];
  const wrong =
    problemCount > 0
      ? [h('h3', { class: 'bad' }, say(counted(problemCount, 'probleem', 'problemen'), counted(problemCount, 'problem', 'problems'))), cells(say('Problemen', 'Problems'), problems)]
      : [];
  if (problems.some((it) => it.line === null)) void fillKinds();
  const is_good = told.status === 'WOULD_COMMIT';
  const words = is_good
    ? say(`${counted(counts['received'], 'rij', 'rijen')}: ${counts['created']} nieuw, ${counts['updated']} gewijzigd, ${counts['unchanged']} gelijk, ${counts['rejected']} weggelaten.`, `${counted(counts['received'], 'row', 'rows')}: ${counts['created']} new, ${counts['updated']} changed, ${counts['unchanged']} the same, ${counts['rejected']} left out.`)
    : told.status === 'UNCHANGED'
      ? say('Alles stond er al zo: er is niets te doen.', 'All of it was there already: there is nothing to do.')
      : say('Zo wordt het niet ingelezen. Verbeter het bestand en kies of sleep het opnieuw.', 'It cannot be imported like this. Correct the file, and choose or drop it again.');
  const { name, bytes } = file;
  const left = waiting.map((it) => it.name).join(', ');
  const others = waiting.length === 0 ? [] : [
    h('p', {}, say(`Daarna: ${left}.`, `Then: ${left}.`), ' ', h('button', { type: 'button', class: 'quiet', onclick: () => next([new File([bytes], name)]) }, say('Dit bestand als laatste', 'This file last')), ' ', h('button', { type: 'button', class: 'quiet', onclick: () => next() }, say('Sla dit bestand over', 'Leave this file out'))),
  ];
  const key = newKey();
  const commit = h('button', { type: 'button', onclick: () => void apply(told, key, commit) }, say('Lees precies dit in', 'Commit exactly this'));
  result.replaceChildren(...(before ? [h('p', { class: 'part' }, before)] : []), h('p', {}, h('strong', {}, words)), ...wrong, ...(is_good ? changes(told) : []), ...remarks, ...about, ...(is_good ? [h('p', {}, commit)] : []), ...others);
}

/** Commits what was checked: the same bytes, on the same revision, with the same outcome. */
async function apply(checked: Told, key: string, button: HTMLButtonElement): Promise<void> {
  if (!reason.value.trim()) {
    reason.focus();
    reason.reportValidity();
    return;
  }
  button.disabled = true;
  const turn = asked;
  const told = await send({ expectDigest: checked.digest, expectRevision: String(checked.baseRevision), idempotencyKey: key });
  button.disabled = false;
  if (turn !== asked) return;
  if (told instanceof Node) return result.append(told);
  if (told.problems.some(({ code }) => code === 'REVISION_MISMATCH' || code === 'DIGEST_MISMATCH')) {
    return check(say('Iemand heeft het register intussen gewijzigd. Het bestand is opnieuw nagekeken; kijk wat er nu verandert, en lees het dan in.', 'Somebody has changed the register meanwhile. The file was checked again; see what changes now, then commit.'));
  }
  if (told.status !== 'COMMITTED') return check();
  const { created, updated } = told.counts;
  file = null;
  chosen.value = '';
  panel.hidden = waiting.length === 0;
  result.replaceChildren();
  await committed(told.revision, say(`Ingelezen: ${created} nieuw, ${updated} gewijzigd.`, `Imported: ${created} new, ${updated} changed.`));
  next();
}

function offer(): void {
  if (!may('IMPORT')) return;
  const open = () => {
    panel.hidden = !panel.hidden;
    if (!panel.hidden) chosen.focus();
  };
  bar.querySelector('.who')?.lastElementChild?.before(h('button', { type: 'button', class: 'quiet', onclick: open }, say('Bestand inlezen', 'Import a file')));
  bar.append(panel);
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    void take([...(event.dataTransfer?.files ?? [])]);
  });
}

/** Offers imports to those who may. */
export function importing(): void {
  whenSignedIn(offer);
}
