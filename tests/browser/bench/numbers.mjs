// Numbers of the bench: parts of a sorted list, and the table that is printed.

/** The value below which `percent` of the values lie. */
export function percentile(values, percent) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? NaN;
}

export const median = (values) => percentile(values, 50);

const WIDTHS = [58, 12, 12, 7];

/** Rows are printed when they are measured: a run takes minutes. */
export class Table {
  constructor() {
    this.missed = [];
    this.held = 0;
  }

  head() {
    this.line('metric', 'measured', 'target', 'ratio', '');
  }

  line(name, measured, target, ratio, verdict) {
    const cells = [measured, target, ratio].map((text, index) => String(text).padStart(WIDTHS[index + 1]));
    console.log([String(name).padEnd(WIDTHS[0]), ...cells, '', verdict].join(' ').trimEnd());
  }

  title(text) {
    console.log(`\n${text}`);
  }

  /** A number that may be at most `target`; `unit` stands behind both. */
  most(name, measured, target, unit) {
    this.judge(name, measured, target, unit, measured <= target, measured / target);
  }

  /** A number that must be at least `target`. */
  least(name, measured, target, unit) {
    this.judge(name, measured, target, unit, measured >= target, target / measured);
  }

  judge(name, measured, target, unit, holds, ratio) {
    if (holds) this.held += 1;
    else this.missed.push(name);
    this.line(name, text(measured, unit), text(target, unit), Number.isFinite(ratio) ? ratio.toFixed(2) : '', holds ? 'held' : 'MISSED');
  }

  /** A number that nothing is asked of. */
  note(name, measured, unit) {
    this.line(name, text(measured, unit), '', '', '');
  }

  sum() {
    console.log(`\n${this.held} targets held, ${this.missed.length} missed. A ratio above 1 misses its target.`);
  }
}

const text = (value, unit) => `${value >= 1000 ? Math.round(value) : Number(value.toPrecision(3))} ${unit}`.trim();
