// What is done in whole lessons that are played from an empty profile with one kind of hand only: by keyboard,
// by touch. A step has an answer, an action on a thing of the picture, a line to be typed, or several of them.

export const WHOLE_LESSONS = {
  'where-a-record-goes': [
    { answer: 2 }, { answer: 1 }, { answer: 1 }, { answer: 2 },
    { line: 'send truck-E --key truck-F F-0' },
  ],
  'losing-a-broker': [
    { answer: 2, thing: 'broker-102', entry: 'kill' },
    { answer: 1 }, { answer: 2 },
    { line: 'kafka-leader-election.sh --election-type preferred --topic trucks_gps --partition 1' },
  ],
};

/** Notes from the first moment on with what the page is pressed: `mouse`, `touch`, `pen`. */
export const noteHands = (page) => page.addInitScript(() => {
  globalThis.hands = [];
  for (const name of ['pointerdown', 'pointerover', 'wheel']) {
    addEventListener(name, ({ pointerType }) => globalThis.hands.push(pointerType ?? name), { capture: true, passive: true });
  }
});

/**
 * Plays a lesson to its end with `hands`: `open(id)`, `answer(option)`, `act(thing, entry)`, `type(line)`,
 * `play()`, `faster()`, `goOn()`. `check` looks at each step once it is decided.
 */
export async function playWhole(playground, hands, id, check) {
  const steps = WHOLE_LESSONS[id];
  await hands.open(id);
  await hands.faster();
  for (const [number, { answer, thing, entry, line }] of steps.entries()) {
    await playground.until(`step ${number + 1} of ${id}`, (wanted) => {
      const { lesson, step } = document.querySelector('[data-test="lesson"]')?.dataset ?? {};
      return `${lesson} ${step}` === wanted;
    }, `${id} ${number}`);
    if (answer) await hands.answer(answer);
    if (thing) await hands.act(thing, entry);
    if (line) await hands.type(line);
    if (!(await playground.isPlaying())) await hands.play();
    await playground.until(`step ${number + 1} of ${id} is decided`, () => {
      const { kind } = document.querySelector('[data-test="action-primary"]')?.dataset ?? {};
      return kind === 'Next' || kind === 'Finish';
    });
    await check(number, steps[number]);
    await hands.goOn();
  }
}
