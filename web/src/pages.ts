// What pages do besides when there is a script: tables that sort, a word when the register has changed, `/` to search.
// Everything is there without it.

const language = document.documentElement.lang;
const say = (dutch: string, english: string) => (language === 'nl' ? dutch : english);
const collator = new Intl.Collator(language, { numeric: true });

/** What a cell sorts by: its exact value where it has a figure, else its text. */
function sortKey(row: HTMLTableRowElement, column: number): number | string {
  const cell = row.cells[column];
  const exact = cell?.querySelector('data')?.value;
  return exact ? Number(exact) : (cell?.textContent ?? '').trim();
}

function compare(a: number | string, b: number | string): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  // What has no number comes after those that have one.
  if (typeof a === 'number') return -1;
  if (typeof b === 'number') return 1;
  return collator.compare(a, b);
}

/** Tables of one body and one row of heads; others have an order that means something. */
function makeSortable(table: HTMLTableElement): void {
  const [body, more] = table.tBodies;
  const heads = table.tHead?.rows;
  if (!body || more || heads?.length !== 1 || body.rows.length < 3) return;
  for (const head of heads[0]!.cells) {
    const button = document.createElement('button');
    button.className = 'sort';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const falling = head.ariaSort === 'ascending';
      for (const other of heads[0]!.cells) other.ariaSort = null;
      head.ariaSort = falling ? 'descending' : 'ascending';
      const rows = [...body.rows].map((row) => ({ row, key: sortKey(row, head.cellIndex) }));
      rows.sort((a, b) => (falling ? compare(b.key, a.key) : compare(a.key, b.key)));
      body.append(...rows.map(({ row }) => row));
    });
  }
}

/** The name of what the page would be now; a commit that changes nothing of it leaves it as it is. */
async function tag(): Promise<string | null> {
  const answer = await fetch(location.href, { method: 'HEAD', cache: 'no-cache' });
  return answer.headers.get('etag');
}

/** Says that the page would be another one by now; what is being read stays as it is. */
async function follow(home: URL, revision: number): Promise<void> {
  const shown = await tag();
  const address = new URL('graphql/stream', home);
  const query = 'subscription($after: Revision) { changes(after: $after) { commit { revision } } }';
  address.search = String(new URLSearchParams({ query, variables: JSON.stringify({ after: revision }) }));
  const stream = new EventSource(address);
  stream.addEventListener('next', () => {
    void tag().then((now) => {
      if (now === shown || stream.readyState === EventSource.CLOSED) return;
      stream.close();
      tell();
    });
  });
  addEventListener('pagehide', () => stream.close());
}

function tell(): void {
  const told = document.createElement('p');
  told.className = 'past';
  told.setAttribute('role', 'status');
  const inner = document.createElement('span');
  inner.className = 'wrap';
  const link = document.createElement('a');
  link.href = location.href;
  link.textContent = say('Toon de nieuwe toestand', 'Show the new state');
  inner.append(say('Het register is intussen gewijzigd. ', 'The register has changed meanwhile. '), link);
  told.append(inner);
  document.querySelector('main')?.before(told);
}

for (const table of document.querySelectorAll('table')) makeSortable(table);

const script = document.querySelector<HTMLScriptElement>('script[data-home]');
if (script?.dataset['revision']) {
  void follow(new URL(script.dataset['home'] ?? '', location.href), Number(script.dataset['revision']));
}

addEventListener('keydown', (event) => {
  const typing = event.target instanceof HTMLElement && event.target.closest('input, select, textarea');
  if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  document.getElementById('find')?.focus();
});
