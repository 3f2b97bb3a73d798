#!/usr/bin/env python3
"""Ask Apache Kafka itself: plays a case on real brokers and writes down what they did.

  oracle.py CASE.json ...           play each case once and print its steps with results
  oracle.py --record N CASE.json    play each N times, keep what every run agreed on, write it into the file
  oracle.py --again N CASE.json     play a recorded case N more times: widens times, marks what now differs as unstable
  oracle.py --check CASE.json       only say whether the case can be played; needs no Java
  oracle.py --vectors FOLDER        answers of single functions of Kafka, one file each

Status 0: done; 1: done, but a step needs a look; 2: not done. README.md says what the machine needs, FORMAT.md what a case may contain.
"""
import argparse, fcntl, json, os, shutil, signal, sys, tempfile, time
from pathlib import Path

from casefile import doubtful, dump, merge, strip
from jars import KAFKA, Place, Unfit, prepare, vectors
from steps import Steps, unknown

SLOTS = 2  # clusters that may run side by side on one machine: a third would starve all of them


def take_slot():
    """Waits for one of the machine's slots; the open file is the claim. A slot names bridge and addresses, so it holds for the whole machine."""
    while True:
        for slot in range(SLOTS):
            f = open(Path(tempfile.gettempdir()) / f"kafka-oracle.{slot}.lock", "w")
            try:
                fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return slot, f
            except OSError:
                f.close()
        time.sleep(0.3)


def play(case, keep=False, verbose=False):
    """One run: a fresh cluster, every step's result, and nothing left behind."""
    slot, claim = take_slot()
    root = tempfile.mkdtemp(prefix="oracle-", dir=Place.runs)
    c = Steps(case["cluster"], root, slot)
    out = []
    try:
        c.up()
        for s in case["steps"]:
            begin = time.monotonic()
            r = c.step(s)
            if verbose:
                asked = json.dumps({k: v for k, v in s.items() if k != "result"})
                print(f"  {int((time.monotonic() - begin) * 1000):6} ms  {asked}\n             → {json.dumps(r)}", flush=True)
            out.append(strip(r))
    finally:
        c.down()
        if keep:
            print("kept", root)
        else:
            shutil.rmtree(root, ignore_errors=True)
        claim.close()
    return out


def write(path, case, runs, again):
    """Writes what the runs agree on into the case's file; how many steps need a look."""
    bad = 0
    for i, s in enumerate(case["steps"]):
        before = [s.pop("result")] if again and "result" in s else []
        s.pop("result", None)
        s["result"] = merge(before + [r[i] for r in runs])
        if doubtful(s["result"]) and before != [s["result"]]:
            bad += 1
            print(f"  step {i + 1}: {json.dumps(s)}", flush=True)
    if again and case.get("kafka", Place.kafka) != Place.kafka:
        raise Unfit(f"{path} is of Kafka {case['kafka']}, not of {Place.kafka}: record it afresh")
    case["kafka"], case["runs"] = Place.kafka, len(runs) + (case.get("runs", 0) if again else 0)
    path.write_text(dump(case))
    return bad


def read(path):
    try:
        case = json.loads(path.read_text())
    except (OSError, ValueError) as e:
        raise Unfit(f"{path}: {e}") from None
    complaints = [f"step {n}: {what}" for n, s in enumerate(case.get("steps", []), 1) for what in unknown(s)]
    if "cluster" not in case or complaints:
        raise Unfit(f"{path}: " + ("; ".join(complaints) or "a case has a cluster and steps (FORMAT.md)"))
    return case


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("cases", nargs="*", type=Path)
    p.add_argument("--record", type=int, default=0, metavar="N", help="N runs, written into the file")
    p.add_argument("--again", type=int, default=0, metavar="N", help="N further runs of a recorded case")
    p.add_argument("--check", action="store_true", help="only read the cases")
    p.add_argument("--vectors", metavar="FOLDER", help="answers of single functions, which need no cluster")
    p.add_argument("--keep", action="store_true", help="leave each run's folder with its logs in place and say where")
    p.add_argument("--kafka", default=os.environ.get("ORACLE_KAFKA", KAFKA), metavar="VERSION", help=f"Kafka's version (ORACLE_KAFKA; default {KAFKA})")
    p.add_argument("--cache", type=Path, default=os.environ.get("ORACLE_CACHE", Place.cache), metavar="FOLDER", help="where jars are kept (ORACLE_CACHE; default %(default)s)")
    p.add_argument("--runs-in", default=os.environ.get("ORACLE_RUNS"), metavar="FOLDER", help="where runs have their data and logs (ORACLE_RUNS; default: the temporary folder)")
    a = p.parse_args()
    if not a.cases and not a.vectors:
        p.error("no case given")
    return a


def main():
    a = arguments()
    Place.kafka, Place.cache, Place.runs = a.kafka, Path(a.cache).resolve(), a.runs_in
    cases = [(path, read(path)) for path in a.cases]
    if a.check:
        print(f"{len(cases)} cases can be played")
        return 0
    prepare()
    if a.vectors:
        vectors(a.vectors)
    times, bad = a.record or a.again, 0
    for path, case in cases:
        print(f"{path}: {case.get('title', '')} (Kafka {Place.kafka})", flush=True)
        runs = [play(case, a.keep, not times) for _ in range(max(times, 1))]
        if times:
            bad += write(path, case, runs, bool(a.again))
    print(f"{len(cases)} cases, {bad} steps to look at")
    return 1 if bad else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))  # so that `finally` ends the nodes and their network
    try:
        sys.exit(main())
    except Unfit as e:
        print(e, file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(2)
