// Pictures of the page for a person to look at: `cargo xtask shots` calls this with a folder to fill.

import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DESKTOP, PHONE, SMALL, launch, open } from './harness/browser.mjs';
import { Playground } from './harness/playground.mjs';
import { INCIDENTS } from './incidents.mjs';
import { SCENES as TARGETS } from './scenes.mjs';
import { serve } from './harness/server.mjs';

const out = process.argv[2] ?? 'target/shots';
mkdirSync(out, { recursive: true });
const only = process.env.ONLY ?? '';

const server = await serve(process.env.DIST ?? 'dist');
const browser = await launch();
let taken = 0;

/** Opens the page, leads it to `scene` and takes its picture. */
async function shot(name, viewport, scheme, lead, start = '', stands = undefined, more = {}) {
  const address = `${server.address}${start}`;
  const { page, context, troubles } = await open(browser, address, { viewport, scheme, ...more });
  const playground = new Playground(page);
  await playground.ready(stands);
  await lead(playground);
  await page.screenshot({ path: join(out, `${name}-${viewport.width}x${viewport.height}-${scheme}.png`) });
  for (const trouble of troubles) console.log(`${name}: ${trouble}`);
  await context.close();
  taken += 1;
}

const SCENES = {
  'first-visit': async () => {},
  'lesson-1-after': async (playground) => {
    await playground.answer(2);
    await playground.hurry();
    await playground.playUntilDecided();
  },
  'lesson-2': (playground) => playground.openLesson('losing-a-broker'),
  'lesson-2-after-the-kill': async (playground) => {
    await playground.openLesson('losing-a-broker');
    await playground.answer(2);
    await playground.choose('broker-102', 'kill');
    await playground.hurry();
    await playground.playUntilDecided();
  },
  'lesson-3': (playground) => playground.openLesson('sharing-the-work'),
  sandbox: (playground) => playground.openSandbox(),
};

/** Types the lines, then leaves the command line: the picture is what counts. */
function typed(lines) {
  return async (playground) => {
    for (const line of lines) await playground.say(line);
    if (await playground.at('dock-close').isVisible()) await playground.press('dock-close');
    else if (await playground.at('panel-lesson').isVisible()) await playground.press('panel-lesson');
  };
}

// The target's messages are on their way.
const MOVING = { reducedMotion: 'no-preference' };

const SHOTS = Object.entries(SCENES).map(([name, lead]) => [name, lead, '']);
for (const [name, { start = '', lines }] of Object.entries(INCIDENTS)) {
  SHOTS.push([`incident-${name}`, typed(lines), `#k1&seed=7&lesson=sandbox${start && '&'}${start}`]);
}

for (const [name, { lead, start, stands }] of Object.entries(TARGETS)) SHOTS.push([`scene-${name}`, lead, start, stands, MOVING]);

for (const [name, lead, start, stands, more] of SHOTS.filter(([name]) => name.includes(only))) {
  for (const viewport of [DESKTOP, SMALL, PHONE]) {
    for (const scheme of ['light', 'dark']) {
      try {
        await shot(name, viewport, scheme, lead, start, stands, more);
      } catch (error) {
        console.log(`${name} ${viewport.width} ${scheme}: ${error.message}`);
        process.exitCode = 1;
      }
    }
  }
}

/** Ours beside the target's picture of the same scene, size and theme, where the target has one. */
async function sheet(name) {
  const target = process.env.VISUAL;
  const pairs = [];
  for (const { width, height } of [DESKTOP, SMALL, PHONE]) {
    for (const scheme of ['light', 'dark']) {
      const size = `${width}x${height}-${scheme}.png`;
      const both = [join(out, `scene-${name}-${size}`), join(target, `${name}-${size}`)];
      if (both.every(existsSync)) pairs.push([size, width, both]);
    }
  }
  if (pairs.length === 0) return;
  const image = (file, width) => `<img width="${Math.min(width, 900)}" src="data:image/png;base64,${readFileSync(file, 'base64')}">`;
  const rows = pairs.map(([size, width, both]) => `<h2>${name} ${size}: ours, target</h2><div>${both.map((file) => image(file, width)).join('')}</div>`);
  const page = await browser.newPage({ viewport: { width: 1820, height: 900 } });
  await page.setContent(`<style>body{margin:8px;background:#777;font:14px sans-serif}div{display:flex;gap:8px}h2{font-size:14px;color:#fff}</style>${rows.join('')}`);
  await page.screenshot({ path: join(out, `sheet-${name}.png`), fullPage: true });
  await page.close();
}

if (process.env.VISUAL) for (const name of Object.keys(TARGETS).filter((name) => `scene-${name}`.includes(only))) await sheet(name);

await browser.close();
await server.close();
console.log(`${taken} pictures`);
