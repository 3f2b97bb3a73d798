// Starts the program, by the names that the page's own links give it, and has the page kept for offline use.

const link = (selector) => document.querySelector(selector)?.href;

/** What the page says without the program. */
function say(sentence) {
  const note = document.querySelector('.waiting-note[role="status"]');
  if (note) note.textContent = sentence;
}

/** A trap leaves the program no word of its own: its card is shown from here. */
addEventListener('error', ({ error, message }) => {
  const ofProgram = error instanceof WebAssembly.RuntimeError || /\.wasm/.test(error?.stack ?? '');
  const card = document.getElementById('fatal');
  if (!ofProgram || !card?.hidden) return;
  document.getElementById('fatal-message').textContent = `${message}\n${error?.stack ?? ''}`;
  const moment = document.getElementById('fatal-link');
  const journal = document.getElementById('fatal-journal').textContent;
  moment.href = `${location.href.split('#')[0]}#${journal}${moment.dataset.moment ?? ''}`;
  moment.target = '_blank';
  card.hidden = false;
});

/** The texts of the lessons, which the program finds under this name. */
async function course() {
  const name = document.querySelector('meta[name="playground-course"]').content;
  const answer = await fetch(new URL(name, document.baseURI));
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  globalThis.playgroundCourse = await answer.text();
}

async function start() {
  const lessons = course();
  const program = link('link[rel="modulepreload"]');
  const wasm = link('link[rel="preload"][as="fetch"]');
  const [{ default: init }] = await Promise.all([import(program), lessons]);
  await init({ module_or_path: wasm });
}

/** What Trusted Types lets through: the service worker alone. */
function offline() {
  const name = document.querySelector('meta[name="playground-offline"]')?.content;
  if (!name || !('serviceWorker' in navigator)) return;
  const own = new URL(name, document.baseURI).href;
  const refuse = () => { throw new TypeError('only the page’s own service worker may be registered'); };
  const policy = globalThis.trustedTypes?.createPolicy('playground', {
    createScriptURL: (address) => (address === own ? address : refuse()),
  });
  // A browser that refuses has the page all the same, but not offline.
  navigator.serviceWorker.register(policy ? policy.createScriptURL(own) : own).catch(() => {});
}

start().then(offline, (error) => {
  say(`The program of this page could not be loaded (${error.message}). The text can be read all the same; loading the page again may help.`);
  throw error;
});
