// The course as a learner drives it: requirements 1, 4, 11, 22 and 23 of the teaching. What is asked, solved and hinted
// is read from the lesson files, so that a lesson that is added is held to the same.

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { withPage } from './harness/page.mjs';

const FOLDER = new URL('../../assets/lessons/', import.meta.url);

/** The lessons' heads and steps, as far as these tests need them. */
const LESSONS = readdirSync(FOLDER)
  .filter((name) => !['README.md', 'CURRICULUM.md', 'GLOSSARY.md', 'sandbox.md'].includes(name))
  .map((name) => {
    const text = readFileSync(new URL(name, FOLDER), 'utf8');
    const field = (key) => text.match(new RegExp(`^${key}: (.*)$`, 'm'))?.[1];
    const steps = text.split(/^## /m).slice(1);
    const block = (step, kind) => step.match(new RegExp(`^\`\`\`${kind}\n([^]*?)^\`\`\``, 'm'))?.[1];
    return {
      id: field('id'), title: field('title'), aim: field('aim'), minutes: field('minutes') ?? '5', text,
      steps: steps.map((step) => ({
        options: (block(step, 'ask')?.match(/^- /gm) ?? []).length,
        hints: (block(step, 'hint')?.match(/^- /gm) ?? []).length,
        solution: block(step, 'solution')?.trim().split('\n').filter((line) => !line.startsWith('#')) ?? [],
      })),
    };
  });

const asks = (playground) => playground.at('ask').count();

test('R1: every lesson’s first question locks Next, Play and the time behind it until an answer is locked', async () => {
  await withPage({}, async (playground) => {
    for (const { id, steps } of LESSONS.filter((lesson) => lesson.steps[0].options > 0)) {
      if (id !== (await playground.lesson()).id) await playground.openLesson(id);
      const before = await playground.stateHash();
      for (const control of ['transport-play', 'transport-step', 'action-primary']) {
        assert.equal(await playground.at(control).getAttribute('aria-disabled'), 'true', `${id}: ${control}`);
      }
      await playground.page.keyboard.press('ArrowRight');
      assert.equal(await playground.stateHash(), before, `${id}: time stands`);
      await playground.answer(steps[0].options);
      assert.notEqual(await playground.at('transport-play').getAttribute('aria-disabled'), 'true', id);
      assert.equal(await playground.prediction(), 'locked', `${id}: the answer stays`);
    }
  });
});

test('R11: a wrong prediction is answered by where that very belief leads, each option by its own', () =>
  withPage({}, async (playground) => {
    await playground.hurry();
    const said = new Set();
    for (const option of [1, 2, 3]) {
      if (option > 1) await playground.openLesson('losing-a-broker');
      if (option > 1) await playground.openLesson('where-a-record-goes');
      await playground.answer(option);
      await playground.playUntilDecided();
      const verdict = await playground.prediction();
      const because = await playground.fact('because');
      if (verdict === 'wrong') assert.match(because, /^If /, `option ${option}`);
      said.add(because);
    }
    assert.equal(said.size, 3, 'each option has its own words');
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

test('R22: the list shows name, aim, minutes and state of every lesson; progress is kept, saved and opened', async () => {
  let saved;
  await withPage({}, async (playground, { page }) => {
    await playground.press('lessons');
    for (const { id, title, aim, minutes } of LESSONS) {
      const card = await playground.at(`card-${id}`).innerText();
      for (const part of [title, aim, `${minutes} min`]) assert.ok(card.includes(part), `${id}: ${part} in ${card}`);
    }
    // Any lesson opens at once, the last one too.
    for (const { id } of [LESSONS.at(-1), LESSONS[0]]) {
      await page.keyboard.press('Escape');
      await playground.openLesson(id);
    }
    await page.reload();
    await playground.ready();
    await playground.press('lessons');
    assert.match(await playground.at(`card-${LESSONS.at(-1).id}`).innerText(), /begun/);
    const [download] = await Promise.all([page.waitForEvent('download'), playground.press('save-progress')]);
    saved = readFileSync(await download.path());
  });
  await withPage({}, async (playground) => {
    await playground.press('lessons');
    assert.doesNotMatch(await playground.at(`card-${LESSONS.at(-1).id}`).innerText(), /begun/, 'a fresh profile');
    const choose = (buffer) => playground.at('progress-file').setInputFiles({ name: 'mine.json', mimeType: 'application/json', buffer });
    await choose(Buffer.from('{"lessons": 7}'));
    await playground.at('error').waitFor();
    assert.match(await playground.fact('error'), /mine\.json, line 1, column \d+: .*expected/);
    await choose(saved);
    await playground.until('the progress is there', (id) => /begun/.test(document.querySelector(`[data-test="card-${id}"]`).innerText), LESSONS.at(-1).id);
  });
});

test('R23: Undo, Reset, Hint and Show solution are there in every lesson; the solution is typed, not run', () =>
  withPage({}, async (playground) => {
    for (const { id, steps } of LESSONS) {
      if (id !== (await playground.lesson()).id) await playground.openLesson(id);
      for (const tool of ['undo', 'reset', 'hint', 'solution']) assert.ok(await playground.at(tool).isVisible(), `${id}: ${tool}`);
      const start = await playground.stateHash();
      for (let depth = 0; depth < steps[0].hints; depth += 1) await playground.press('hint');
      assert.equal(await playground.at('hint').getAttribute('aria-disabled'), 'true', `${id}: no deeper hint`);
      if (await asks(playground)) await playground.answer(1);
      if (steps[0].solution.length > 0) {
        await playground.press('solution');
        assert.equal(await playground.stateHash(), start, `${id}: typed, not run`);
        const typed = await playground.at('command-input').inputValue();
        const verb = steps[0].solution[0].split(' ')[0];
        assert.ok(typed.startsWith(verb), `${id}: ${typed}`);
      }
      await playground.press('reset');
      assert.equal(await playground.stateHash(), start, `${id}: Reset gives the beginning`);
    }
  }));

test('a newcomer finishes the first lesson with what the page says alone: hints are read and followed', () =>
  withPage({}, async (playground) => {
    const { steps } = LESSONS.find((lesson) => lesson.id === 'where-a-record-goes');
    await playground.hurry();
    for (const [number, step] of steps.entries()) {
      for (let depth = 0; depth < step.hints; depth += 1) await playground.press('hint');
      const hints = await playground.page.locator('[data-test^="hint-"]').allInnerTexts();
      assert.equal(hints.length, step.hints, 'all hints are shown');
      if (await asks(playground)) {
        // The last hint nearly says it: the option whose words it has.
        const labels = await playground.page.locator('[data-test^="lesson-option-"]').allInnerTexts();
        const last = hints.at(-1).toLowerCase();
        const alike = labels.map((label) => {
          const words = label.toLowerCase().replace(/\s*press \d+\s*$/, '').trim();
          const all = words.match(/[a-z0-9]+/g);
          return last.includes(words) ? 2 : all.filter((word) => last.match(/[a-z0-9]+/g).includes(word)).length / all.length;
        });
        await playground.answer(alike.indexOf(Math.max(...alike)) + 1);
      } else {
        const command = (await playground.page.locator('[data-test^="hint-"] code').allInnerTexts()).find((code) => code.includes(' '));
        assert.ok(command, `a command stands in the hints: ${hints}`);
        await playground.say(command);
      }
      await playground.playUntilDecided();
      if (number + 1 < steps.length) await playground.press('action-primary');
    }
    assert.equal(await playground.next(), 'Finish');
  }));
