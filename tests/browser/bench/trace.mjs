// Chromium's own trace of the page's main thread, cut into frames: how long script ran in each, and how long
// everything that the page has to do before its picture stands.

const CATEGORIES = ['devtools.timeline', 'v8', 'disabled-by-default-v8.gc', '__metadata'];
const SCRIPT = new Set(['FireAnimationFrame', 'FunctionCall', 'RunMicrotasks', 'EvaluateScript', 'TimerFire', 'EventDispatch', 'MinorGC', 'MajorGC', 'V8.GC_SCAVENGER']);
const REST = new Set(['UpdateLayoutTree', 'Layout', 'PrePaint', 'Paint', 'Layerize', 'Commit', 'UpdateLayer', 'HitTest', 'ParseHTML']);
/** Two callbacks of one frame lie closer together than this, in µs. */
const ONE_FRAME_US = 6000;

/** Traces while `act` goes on. */
export async function traced(browser, page, act) {
  await browser.startTracing(page, { categories: CATEGORIES });
  await act();
  return framesOf(JSON.parse((await browser.stopTracing()).toString()).traceEvents);
}

/** Only what does not lie inside another one. */
function outermost(events) {
  let end = -1;
  return events.filter((event) => {
    if (event.ts < end) return false;
    end = event.ts + event.dur;
    return true;
  });
}

/** A row for each frame: script and all work, in ms of the clock and of the thread's own time. */
function framesOf(all) {
  const calls = all.filter((event) => event.name === 'FireAnimationFrame' && event.ph === 'X');
  const counts = new Map();
  for (const { pid, tid } of calls) counts.set(`${pid} ${tid}`, (counts.get(`${pid} ${tid}`) ?? 0) + 1);
  const [thread] = [...counts].toSorted(([, one], [, other]) => other - one)[0] ?? [];
  const own = all.filter((event) => event.ph === 'X' && `${event.pid} ${event.tid}` === thread).toSorted((one, other) => one.ts - other.ts || other.dur - one.dur);
  const starts = [];
  for (const { name, ts } of own) if (name === 'FireAnimationFrame' && !(ts - starts.at(-1) < ONE_FRAME_US)) starts.push(ts);
  const frames = starts.slice(0, -1).map(() => ({ script: 0, work: 0, scriptOwn: 0, workOwn: 0 }));
  const add = (names, whole, mine) => {
    let frame = 0;
    for (const event of outermost(own.filter(({ name }) => names.has(name)))) {
      if (event.ts < starts[0]) continue;
      while (frame < frames.length && event.ts >= starts[frame + 1]) frame += 1;
      if (frame >= frames.length) break;
      frames[frame][whole] += event.dur / 1000;
      frames[frame][mine] += (event.tdur ?? event.dur) / 1000;
    }
  };
  add(SCRIPT, 'script', 'scriptOwn');
  add(new Set([...SCRIPT, ...REST]), 'work', 'workOwn');
  return frames;
}
