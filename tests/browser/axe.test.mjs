// axe finds nothing, in both themes, on every view that `views.mjs` lists; and the list has every view.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { violations } from './harness/axe.mjs';
import { PHONE } from './harness/browser.mjs';
import { withPage } from './harness/page.mjs';
import { SANDBOX, VIEWS } from './views.mjs';

const KINDS = ['tab', 'state', 'inspector', 'menu', 'dialog'];

for (const [kind, views] of Object.entries(VIEWS)) {
  for (const [name, view] of Object.entries(views)) {
    const { path = SANDBOX, options = {}, stands, lead } = typeof view === 'function' ? { lead: view } : { path: '', ...view };
    test(`axe finds nothing, ${kind}: ${name}`, () =>
      withPage({ path, stands, ...options }, async (playground, { page }) => {
        await lead(playground);
        for (const scheme of ['light', 'dark']) {
          await page.emulateMedia({ colorScheme: scheme });
          await playground.until(`the theme is ${scheme}`, (dark) => {
            const [red] = getComputedStyle(document.body).backgroundColor.match(/\d+/g);
            return (Number(red) < 128) === dark;
          }, scheme === 'dark');
          assert.deepEqual(await violations(page), [], scheme);
        }
      }));
  }
}

const listed = (kind) => Object.keys(VIEWS[kind]);

/** What is not in the list of views. */
const lacking = (kind, wanted) => wanted.filter((name) => !listed(kind).includes(name));

test('every tab of the dock, every panel of its state and every tab of the phone is among the views', async () => {
  const hooks = (page, selector) => page.locator(selector).evaluateAll((all) => all.map((one) => one.dataset.test));
  await withPage({ path: SANDBOX }, async (playground, { page }) => {
    const tabs = await hooks(page, '.dock [role="tab"]');
    assert.ok(tabs.length >= 6, String(tabs));
    assert.deepEqual(lacking('tab', tabs), []);
    await playground.press('tab-state');
    const panels = await hooks(page, '#dock-panel [data-test^="state-"][role="radio"]');
    assert.ok(panels.length >= 5, String(panels));
    assert.deepEqual(lacking('state', panels), []);
  });
  await withPage({ path: SANDBOX, viewport: PHONE }, async (_, { page }) => {
    const tabs = await hooks(page, '.tabbar [role="tab"]');
    assert.ok(tabs.length >= 8, String(tabs));
    assert.deepEqual(lacking('phone', tabs), []);
  });
});

/** The names of an enum's variants in one of the page's own files. */
function variants(file, name) {
  const source = readFileSync(new URL(`../../web/src/${file}`, import.meta.url), 'utf8');
  const [, body] = source.split(`pub enum ${name} {`);
  return [...body.slice(0, body.indexOf('\n}')).matchAll(/^ {4}([A-Z]\w*)/gm)].map(([, variant]) => variant);
}

test('every dialog, every kind of thing and what is not one is among the views', () => {
  assert.deepEqual(lacking('dialog', variants('model/state.rs', 'Dialog')), []);
  const things = [...variants('scene/options.rs', 'Selection'), ...variants('model/subject.rs', 'Subject')]
    .filter((kind) => kind !== 'Thing').map((kind) => kind.toLowerCase());
  assert.ok(things.length >= 13, String(things));
  assert.deepEqual(lacking('inspector', things.filter((kind) => kind !== 'ground')), []);
  // What has no menu by itself, or none that differs: a record has its replica's, the rest is in the inspector.
  assert.deepEqual(lacking('menu', things.filter((kind) => !['record', 'topic', 'znode'].includes(kind))), []);
  for (const kind of KINDS) assert.ok(listed(kind).length > 4, kind);
});
