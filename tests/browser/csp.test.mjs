// The page under its strict policy: it is served, nothing breaks it, and a text never becomes code.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { withPage } from './harness/page.mjs';

const DIST = process.env.DIST ?? 'dist';

/** What must be in force, whatever else is. */
const RULES = {
  'default-src': "'none'",
  'script-src': "'self' 'wasm-unsafe-eval'",
  'style-src': "'self'",
  'connect-src': "'self'",
  'base-uri': "'none'",
  'form-action': "'none'",
  'require-trusted-types-for': "'script'",
};

function parsed(policy) {
  return Object.fromEntries(policy.split(';').map((rule) => {
    const [name, ...values] = rule.trim().split(' ');
    return [name, values.join(' ')];
  }));
}

/** Collects what the policy forbade from the first moment on. */
function watch(page) {
  return page.addInitScript(() => {
    globalThis.forbidden = [];
    addEventListener('securitypolicyviolation', (event) => {
      globalThis.forbidden.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`);
    });
  });
}

test('the policy is served with every file and stands in the page itself', () =>
  withPage({}, async (playground, { address }) => {
    const html = readFileSync(join(DIST, 'index.html'), 'utf8');
    const [, inPage] = html.match(/http-equiv="Content-Security-Policy" content="([^"]+)"/);
    for (const file of ['', 'sw.js', 'manifest.webmanifest']) {
      const served = (await fetch(address + file)).headers.get('content-security-policy');
      for (const policy of [parsed(served), parsed(inPage)]) {
        for (const [name, value] of Object.entries(RULES)) assert.equal(policy[name], value, `${name} of ${file || 'the page'}`);
      }
    }
    assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)/, 'no inline script');
    assert.doesNotMatch(html, /\son[a-z]+=|\sstyle=/, 'no inline handler or style');
  }));

test('a whole lesson, every view and a menu run without one violation', () =>
  withPage({}, async (playground, { page, address }) => {
    await watch(page);
    await page.goto('about:blank');
    await page.goto(address);
    await playground.ready();
    await playground.hurry();
    // To the end of the lesson: the yellow button, and an answer wherever one is asked for.
    await playground.answer(2);
    for (let presses = 0; presses < 60; presses += 1) {
      const kind = await playground.next();
      if (kind === 'Finish') break;
      if (kind === 'Pick') await playground.answer(1);
      else if (kind === 'Play') await playground.playUntilDecided();
      else if (kind === 'YourTurn') await playground.press('solution').then(() => playground.key('Escape'));
      else await playground.press('action-primary');
      if (kind === 'YourTurn') break;
    }
    for (const tab of ['tab-events', 'tab-branches', 'tab-terminal']) await playground.press(tab);
    await playground.openSandbox();
    await playground.press('hit-broker-102');
    await playground.key('Escape');
    await playground.press('add-topic');
    await playground.key('Escape');
    assert.deepEqual(await page.evaluate(() => globalThis.forbidden), []);
  }));

test('the policy is in force: a script, a style and a text that would become code are refused', () =>
  withPage({ noisy: true }, async (playground, { page, address }) => {
    await watch(page);
    await page.goto('about:blank');
    await page.goto(address);
    await playground.ready();
    const refused = await page.evaluate(async () => {
      const outcomes = {};
      try { document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="globalThis.broken = 1">'); } catch (error) { outcomes.html = error.name; }
      // What a debugger evaluates is exempt for as long as it evaluates.
      await new Promise((later) => requestAnimationFrame(later));
      try { (0, globalThis.Function)('globalThis.broken = 2')(); } catch (error) { outcomes.text = error.name; }
      try { globalThis.trustedTypes.createPolicy('another', {}); } catch (error) { outcomes.policy = error.name; }
      const style = document.createElement('p');
      style.setAttribute('style', 'color: red');
      document.body.append(style);
      outcomes.style = style.style.color;
      await fetch('https://example.org/').catch((error) => { outcomes.outside = error.name; });
      if (globalThis.broken) outcomes.broken = globalThis.broken;
      return outcomes;
    });
    assert.deepEqual(refused, { html: 'TypeError', text: 'EvalError', policy: 'TypeError', style: '', outside: 'TypeError' });
  }));
