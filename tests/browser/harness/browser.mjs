// One Chromium for a test file, a fresh profile for every page, and a console that must stay quiet.

import { chromium } from 'playwright-core';

const OPTIONS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--force-device-scale-factor=1',
];

/** So many times slower than this machine every page runs: nothing may depend on how soon one has drawn. */
export const SLOW = Number(process.env.SLOW ?? 1);

/** Starts the Chromium that `CHROME` names. */
export function launch() {
  const executablePath = process.env.CHROME || '/usr/bin/chromium';
  return chromium.launch({ executablePath, headless: true, args: OPTIONS });
}

export const DESKTOP = { width: 1440, height: 900 };
export const SMALL = { width: 1280, height: 720 };
export const PHONE = { width: 390, height: 844 };

/**
 * Opens a page in an empty profile. `troubles` collects what must not happen: errors, failed loads,
 * warnings on the console. Nothing outside 127.0.0.1 is reachable. With `slow` the processor is so many
 * times slower.
 */
export async function open(browser, address, options = {}) {
  const { viewport = DESKTOP, scheme = 'light', slow = SLOW, ...more } = options;
  // A page that keeps itself for offline use is tested on its own; here every page comes from the server.
  const quiet = { reducedMotion: 'reduce', serviceWorkers: 'block' };
  const context = await browser.newContext({ viewport, colorScheme: scheme, ...quiet, ...more });
  const page = await context.newPage();
  const troubles = [];
  page.on('pageerror', (error) => troubles.push(`error: ${error.stack ?? error}`));
  page.on('console', (message) => {
    if (message.text().startsWith('Service Worker registration blocked by Playwright')) return;
    if (['error', 'warning'].includes(message.type())) troubles.push(`${message.type()}: ${message.text()}`);
  });
  page.on('requestfailed', (request) => {
    // Leaving a page cuts off what it was still loading.
    if (request.failure()?.errorText !== 'net::ERR_ABORTED') troubles.push(`not loaded: ${request.url()}`);
  });
  await page.route('**/*', async (route) => {
    if (new URL(route.request().url()).hostname !== '127.0.0.1') {
      troubles.push(`asked the outside: ${route.request().url()}`);
      return route.abort();
    }
    // Fetched here and handed in: Chromium breaks off its own loads (ERR_NETWORK_CHANGED) whenever any
    // network interface of the machine changes. A page that is gone needs nothing any more.
    return route.fetch().then((response) => route.fulfill({ response })).catch(() => {});
  });
  if (slow > 1) await (await context.newCDPSession(page)).send('Emulation.setCPUThrottlingRate', { rate: slow });
  page.setDefaultTimeout(30_000 * slow);
  await page.goto(address);
  return { page, context, troubles };
}
