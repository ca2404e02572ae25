// What pages do besides when there is a script: tables that sort, what others change shown as it happens, changes by hand and files for
// those with a token, `/` to search. Everything that is read is there without it.
import { placeBar } from './pages/dom.ts';
import { editing } from './pages/edit.ts';
import { importing } from './pages/import.ts';
import { follow } from './pages/live.ts';
import { session } from './pages/session.ts';
import { makeAllSortable } from './pages/sort.ts';

placeBar();
makeAllSortable();
follow();
session();
editing();
importing();

addEventListener('keydown', (event) => {
  const typing = event.target instanceof HTMLElement && event.target.closest('input, select, textarea, dialog');
  if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  document.getElementById('find')?.focus();
});
