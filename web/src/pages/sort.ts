// Tables that sort by their heads. They have one body and one row of heads; others have an order that means something.
import { h } from './dom.ts';

const collator = new Intl.Collator(document.documentElement.lang, { numeric: true });

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

function sort(body: HTMLTableSectionElement, head: HTMLTableCellElement, falling: boolean): void {
  for (const other of (head.parentElement as HTMLTableRowElement).cells) other.ariaSort = null;
  head.ariaSort = falling ? 'descending' : 'ascending';
  const rows = [...body.rows].map((row) => ({ row, key: sortKey(row, head.cellIndex) }));
  rows.sort((a, b) => (falling ? compare(b.key, a.key) : compare(a.key, b.key)));
  body.append(...rows.map(({ row }) => row));
}

function makeSortable(table: HTMLTableElement): void {
  const [body, more] = table.tBodies;
  const heads = table.tHead?.rows;
  if (!body || more || heads?.length !== 1 || body.rows.length < 3) return;
  for (const head of heads[0]!.cells) {
    const button = h('button', { class: 'sort', onclick: () => sort(body, head, head.ariaSort === 'ascending') }, ...head.childNodes);
    head.append(button);
  }
}

/** How the tables of the page are sorted: by which column, and which way. */
export const sorted = () =>
  [...document.querySelectorAll('table')].map((table) => {
    const head = table.querySelector<HTMLTableCellElement>('th[aria-sort]');
    return head ? { column: head.cellIndex, falling: head.ariaSort === 'descending' } : null;
  });

/** Makes the page's tables sortable, and sorts them as they were. */
export function makeAllSortable(as: ReturnType<typeof sorted> = []): void {
  for (const [place, table] of document.querySelectorAll('table').entries()) {
    makeSortable(table);
    const order = as[place];
    const head = order && table.tHead?.rows[0]?.cells[order.column];
    if (head?.querySelector('.sort') && table.tBodies[0]) sort(table.tBodies[0], head, order!.falling);
  }
}
