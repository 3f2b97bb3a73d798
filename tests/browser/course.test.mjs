// The course as a learner drives it: requirements 1, 4, 11, 22 and 23 of the teaching. What is asked, answered and solved
// is read from the lesson files, so that a lesson that is added is held to the same; the newcomer reads only the page.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { withPage } from './harness/page.mjs';

const FOLDER = new URL('../../assets/lessons/', import.meta.url);

/** The commands of a block, without comments. */
const lines = (text) => text?.trim().split('\n').filter((line) => !line.startsWith('#')) ?? [];

/** How long commands wait, in milliseconds. */
const waits = (commands) => commands
  .map((line) => line.match(/^wait (\d+)(ms|s)$/))
  .reduce((all, wait) => all + (wait ? Number(wait[1]) * (wait[2] === 's' ? 1000 : 1) : 0), 0);

/** What is read of a piece of Markdown: no marks, one blank between two words. */
const plain = (text) => text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[*`]/g, '').replace(/\s+/g, ' ').trim();

/** The comment of each option of a question. */
const comments = (ask) => ask.split(/^- /m).slice(1).map((option) => {
  const [, comment] = option.match(/^ {2}comment: ([^]*?)(?=^ {2}[a-z]+: |$(?![^]))/m) ?? [];
  return plain(comment ?? '');
});

const LIST = readFileSync(new URL('../../core/src/lesson/library.rs', import.meta.url), 'utf8');

/** The lessons' heads and steps, as far as these tests need them, in the order of the course. */
const LESSONS = readdirSync(FOLDER)
  .filter((name) => !['README.md', 'CURRICULUM.md', 'GLOSSARY.md', 'sandbox.md'].includes(name))
  .map((name) => {
    const text = readFileSync(new URL(name, FOLDER), 'utf8');
    const field = (key) => text.match(new RegExp(`^${key}: (.*)$`, 'm'))?.[1];
    const steps = text.split(/^## /m).slice(1);
    const block = (step, kind) => step.match(new RegExp(`^\`\`\`${kind}\n([^]*?)^\`\`\``, 'm'))?.[1];
    return {
      id: field('id'), title: field('title'), aim: field('aim'), minutes: field('minutes') ?? '5', chapter: field('chapter'),
      steps: steps.map((step) => ({
        comments: block(step, 'ask') ? comments(block(step, 'ask')) : [],
        playMs: waits(lines(block(step, 'play'))),
        solution: lines(block(step, 'solution')),
      })),
    };
  })
  .sort((one, other) => LIST.indexOf(`"${one.id}"`) - LIST.indexOf(`"${other.id}"`));

/** The first lesson of each chapter. */
const CHAPTERS = [...new Map([...LESSONS].reverse().map((lesson) => [lesson.chapter, lesson])).values()].reverse();

const asks = (playground) => playground.at('ask').count();
const isOff = async (playground, hook) => (await playground.at(hook).getAttribute('aria-disabled')) === 'true';

const open = async (playground, id) => {
  if (id !== (await playground.lesson()).id) await playground.openLesson(id);
};

/** Lets time pass, all of it between two frames of the page. */
const wait = (playground, ms) => playground.say(`wait ${ms + 1000}ms`);

const untilDecided = (playground) => playground.until('the step is decided', () => {
  const kind = document.querySelector('[data-test="action-primary"]')?.dataset.kind;
  return kind === 'Next' || kind === 'Finish';
});

/** Gives what Show solution has typed. */
const giveSolution = async (playground) => {
  await playground.press('solution');
  await playground.press('command-run');
};

/** Decides a step, answering "I don't know". */
async function decide(playground, { playMs, solution }) {
  if (await asks(playground)) await playground.press('dont-know');
  if (playMs > 0) await wait(playground, playMs);
  if (solution.length > 0) await giveSolution(playground);
  await untilDecided(playground);
}

/** From the step that is open to another one, by way of the page. */
async function walkTo(playground, { id, steps }, number) {
  for (let at = 0; at < number; at += 1) {
    await decide(playground, steps[at]);
    await playground.press('action-primary');
    await playground.until(`step ${at + 2} of ${id}`, (wanted) => {
      return document.querySelector('[data-test="lesson"]')?.dataset.step === wanted;
    }, String(at + 1));
  }
}

/** Drags the time axis to its left end and then to its right one, as a hand does. */
async function dragTime(playground) {
  const { page } = playground;
  const box = await playground.at('scrubber').boundingBox();
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + box.width - 2, y);
  await page.mouse.down();
  await page.mouse.move(box.x + 2, y, { steps: 3 });
  const past = await playground.stateHash();
  await page.mouse.move(box.x + box.width + 40, y, { steps: 3 });
  await page.mouse.up();
  return past;
}

/** No hand brings time behind the open question; what lies before it may be looked at: by `drag` too. */
async function holdsTime(playground, told, drag) {
  const before = await playground.stateHash();
  for (const control of ['transport-play', 'transport-step', 'transport-end', 'action-primary']) {
    assert.ok(await isOff(playground, control), `${told}: ${control}`);
  }
  await playground.page.keyboard.press('ArrowRight');
  assert.equal(await playground.stateHash(), before, `${told}: the key of the page`);
  if (drag) {
    const past = await dragTime(playground);
    if (!(await isOff(playground, 'transport-start'))) assert.notEqual(past, before, `${told}: the past is open`);
    assert.equal(await playground.stateHash(), before, `${told}: the axis is dragged as far as it goes`);
  }
  await playground.at('scrubber').focus();
  for (const keys of [['ArrowRight', 'ArrowUp', 'PageUp'], ['ArrowLeft', 'End', 'PageUp', 'ArrowRight']]) {
    await playground.key(...keys);
    assert.equal(await playground.stateHash(), before, `${told}: ${keys} on the axis`);
  }
  return before;
}

test('R1: every lesson’s first question locks Next, Play and the time behind it until an answer is locked', async () => {
  await withPage({}, async (playground) => {
    for (const { id, steps } of LESSONS.filter((lesson) => lesson.steps[0].comments.length > 0)) {
      await open(playground, id);
      const before = await holdsTime(playground, id, CHAPTERS.some((first) => first.id === id));
      await playground.answer(steps[0].comments.length);
      assert.notEqual(await playground.at('transport-play').getAttribute('aria-disabled'), 'true', id);
      assert.equal(await playground.prediction(), 'locked', `${id}: the answer stays`);
      // The same key on the same axis: now time goes on.
      await playground.at('scrubber').focus();
      await playground.key('ArrowRight');
      assert.notEqual(await playground.stateHash(), before, `${id}: time goes on`);
    }
  });
});

test('R1: a later question locks the time behind it too, whatever was seen before', () =>
  withPage({}, async (playground) => {
    for (const lesson of [CHAPTERS[0], CHAPTERS[4]]) {
      await open(playground, lesson.id);
      await walkTo(playground, lesson, 1);
      await holdsTime(playground, `${lesson.id}, second step`, true);
    }
  }));

test('R11: in every chapter a wrong prediction is answered by where that very belief leads, each by its own words', () =>
  withPage({}, async (playground) => {
    for (const lesson of CHAPTERS) {
      const number = lesson.steps.findIndex((step) => step.comments.length > 0);
      const { comments: own, playMs, solution } = lesson.steps[number];
      await open(playground, lesson.id);
      await walkTo(playground, lesson, number);
      assert.ok(own.length > 1 && own.every((words) => words.length > 0), `${lesson.id}: each option has words`);
      const verdicts = [];
      for (let option = 1; option <= own.length; option += 1) {
        await playground.answer(option);
        if (playMs > 0) await wait(playground, playMs);
        if (solution.length > 0) await giveSolution(playground);
        await untilDecided(playground);
        const told = `${lesson.id}, step ${number + 1}, option ${option}`;
        const verdict = await playground.prediction();
        const said = plain(await playground.fact('because'));
        if (verdict === 'wrong') assert.match(said, /^If /, told);
        assert.ok(said.startsWith(own[option - 1]), `${told}: ${own[option - 1]} is wanted, the page says ${said}`);
        verdicts.push(verdict);
        await playground.press('reset');
        await playground.until('the question is open', () => document.querySelector('[data-test="ask"]')?.dataset.state === 'open');
      }
      assert.deepEqual(verdicts.sort(), ['right', ...own.slice(1).map(() => 'wrong')], lesson.id);
      assert.equal(new Set(own).size, own.length, `${lesson.id}: each option has its own words`);
    }
  }));

test('R4: goals are a checklist of statements; what is beside the point does not block, what is done stays done', () =>
  withPage({}, async (playground) => {
    await playground.openLesson('losing-a-broker');
    await playground.hurry();
    await playground.answer(2);
    await playground.say('kafka-topics.sh --create --topic stray --partitions 1 --replication-factor 1');
    const met = () => playground.page.locator('[data-test^="goal-"][data-met="true"]').count();
    assert.equal(await met(), 0);
    await playground.choose('broker-102', 'kill');
    await playground.until('the first goal is met', () =>
       document.querySelector('[data-test="goal-1"]')?.dataset.met === 'true');
    await playground.playUntilDecided();
    assert.equal(await met(), 2);
    // A milestone that was met is not taken away by what follows.
    await playground.say('start 102');
    assert.equal(await met(), 2);
  }));

/** What the cards of the list say of each lesson: `begun`, `done` or nothing. */
async function states(playground) {
  const all = {};
  for (const { id } of LESSONS) {
    all[id] = (await playground.at(`card-${id}`).innerText()).match(/\b(begun|done)\b/g)?.at(-1) ?? '';
  }
  return all;
}

test('R22: the list shows name, aim, minutes and state of every lesson; progress is kept, saved and opened', async () => {
  const done = ['where-a-record-goes', 'more-partitions', 'the-copy-that-lagged'];
  // Any lesson opens at once, the last one too.
  const begun = [LESSONS.at(-1).id, 'exactly-once', 'three-or-a-hundred'];
  const wanted = Object.fromEntries(LESSONS.map(({ id }) => [id, done.includes(id) ? 'done' : begun.includes(id) ? 'begun' : '']));
  let saved;
  await withPage({}, async (playground, { page }) => {
    await playground.press('lessons');
    for (const { id, title, aim, minutes } of LESSONS) {
      const card = await playground.at(`card-${id}`).innerText();
      for (const part of [title, aim, `${minutes} min`]) assert.ok(card.includes(part), `${id}: ${part} in ${card}`);
    }
    await page.keyboard.press('Escape');
    for (const id of begun) await playground.openLesson(id);
    for (const lesson of LESSONS.filter(({ id }) => done.includes(id))) {
      await open(playground, lesson.id);
      await walkTo(playground, lesson, lesson.steps.length - 1);
      await decide(playground, lesson.steps.at(-1));
      assert.equal(await playground.next(), 'Finish', lesson.id);
    }
    await page.reload();
    await playground.ready();
    await playground.press('lessons');
    assert.deepEqual(await states(playground), wanted, 'after a reload');
    const [download] = await Promise.all([page.waitForEvent('download'), playground.press('save-progress')]);
    saved = readFileSync(await download.path());
  });
  await withPage({}, async (playground) => {
    await playground.press('lessons');
    const fresh = Object.entries(await states(playground)).filter(([, state]) => state !== '');
    assert.deepEqual(fresh.map(([id]) => id), [LESSONS[0].id], 'a fresh profile has begun the first lesson');
    const choose = (buffer) => playground.at('progress-file').setInputFiles({ name: 'mine.json', mimeType: 'application/json', buffer });
    await choose(Buffer.from('{"lessons": 7}'));
    await playground.at('error').waitFor();
    assert.match(await playground.fact('error'), /mine\.json, line 1, column \d+: .*expected/);
    await choose(saved);
    await playground.until('the progress is there', (id) => /done/.test(document.querySelector(`[data-test="card-${id}"]`).innerText), done[0]);
    assert.deepEqual(await states(playground), wanted, 'in a fresh profile');
  });
});

/** Presses Hint until the page has no deeper one; gives what the hints say. */
async function readHints(playground) {
  while (!(await isOff(playground, 'hint'))) await playground.press('hint');
  return playground.page.locator('[data-test^="hint-"]').allInnerTexts();
}

test('R23: Undo, Reset, Hint and Show solution work in every lesson; the solution is typed, not run', () =>
  withPage({}, async (playground) => {
    for (const lesson of LESSONS) {
      const { id, steps } = lesson;
      await open(playground, id);
      for (const tool of ['undo', 'reset', 'hint', 'solution']) assert.ok(await playground.at(tool).isVisible(), `${id}: ${tool}`);
      assert.ok((await readHints(playground)).length > 0, `${id}: a hint`);
      const number = steps.findIndex((step) => step.solution.length > 0);
      const { playMs, solution } = steps[number];
      await walkTo(playground, lesson, number);
      const start = await playground.stateHash();
      if (await asks(playground)) await playground.press('dont-know');
      if (playMs > 0) await wait(playground, playMs);
      const ready = await playground.stateHash();

      await playground.press('solution');
      assert.equal(await playground.stateHash(), ready, `${id}: typed, not run`);
      const typed = (await playground.at('command-input').inputValue()).split('\n');
      // Options may stand in another order, and a server may go by its short name.
      const words = (line) => line.replace(/\bzookeeper (\d)/, 'zk$1').split(' ').sort().join(' ');
      assert.deepEqual(typed.map(words), solution.map(words), `${id}: what is typed`);

      // One command, and time: Undo takes both back and says what it was.
      await playground.say(typed[0]);
      await playground.say('wait 1s');
      assert.notEqual(await playground.stateHash(), ready, `${id}: ${typed[0]} has done something`);
      await playground.press('undo');
      assert.equal(await playground.stateHash(), ready, `${id}: Undo takes back ${typed[0]}`);
      assert.equal(await playground.fact('announcement'), `Undone: ${typed[0]}`, id);

      await giveSolution(playground);
      await untilDecided(playground);
      assert.notEqual(await playground.stateHash(), start, `${id}: the solution has done something`);
      await playground.press('reset');
      assert.equal(await playground.stateHash(), start, `${id}: Reset gives the beginning`);
      assert.notEqual(await playground.next(), 'Next', `${id}: it is to be decided again`);
    }
  }));

/**
 * Chooses as somebody does who only compares words: the option of which the longest pieces stand in the deepest hint.
 * A piece that several options have says little.
 */
function choose(labels, hint) {
  const words = (text) => text.toLowerCase().replace(/press \d+\s*$/, '').match(/[a-z0-9]+(?:-[a-z0-9]+)*/g) ?? [];
  const pieces = (text) => {
    const all = words(text);
    return new Set([1, 2, 3, 4].flatMap((length) => all.map((_, from) => all.slice(from, from + length).join(' '))));
  };
  const said = pieces(hint);
  const options = labels.map(pieces);
  const worth = (piece) => piece.split(' ').length ** 2 / options.filter((option) => option.has(piece)).length;
  const scores = options.map((option) => [...option].filter((piece) => said.has(piece)).reduce((sum, piece) => sum + worth(piece), 0));
  return scores.indexOf(Math.max(...scores)) + 1;
}

test('a newcomer finishes the first lesson with what the page says alone: hints are read, followed, and right', () =>
  withPage({}, async (playground) => {
    await playground.hurry();
    let steps = 0;
    for (let goesOn = true; goesOn; steps += 1) {
      const question = await playground.fact('question');
      const hints = await readHints(playground);
      assert.match(hints.at(-1), /^Hint (\d) of \1/i, `${question}: all hints are shown`);
      const isAsked = await asks(playground) > 0;
      if (isAsked) {
        await playground.answer(choose(await playground.page.locator('[data-test^="lesson-option-"]').allInnerTexts(), hints.at(-1)));
      } else {
        const codes = await playground.page.locator('[data-test^="hint-"] code').allInnerTexts();
        const command = codes.reverse().find((code) => code.includes(' '));
        assert.ok(command, `${question}: a command stands in the hints: ${hints}`);
        await playground.say(command);
      }
      await playground.playUntilDecided();
      if (isAsked) assert.equal(await playground.prediction(), 'right', `${question}: the hint said ${hints.at(-1)}`);
      const unmet = await playground.page.locator('[data-test^="goal-"][data-met="false"]').allInnerTexts();
      assert.deepEqual(unmet, [], question);
      goesOn = (await playground.next()) !== 'Finish';
      if (goesOn) await playground.press('action-primary');
    }
    assert.ok(steps >= 3, `${steps} steps`);
  }));
