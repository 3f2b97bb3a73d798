"""Case files: records of a step, what is compared of a result, what several runs agree on, one step a line."""
import json


def records(s):
    """records: [[key, value], …] or values: [v, …] or count with prefix."""
    if "count" in s:
        return [{"value": f"{s.get('prefix', 'v')}{i}"} for i in range(s["count"])]
    out = []
    for r in s.get("records", []):
        out.append(({"key": r[0], "value": r[1]} if r[0] is not None else {"value": r[1]}) if isinstance(r, list) else {"value": r})
    return out


def tidy(z):
    if isinstance(z, dict):
        return {k: ("<time>" if k in ("timestamp",) else "<id>" if k == "topic_id" else tidy(v)) for k, v in z.items()}
    return [tidy(x) for x in z] if isinstance(z, list) else z


def strip(result):
    """Messages are prose of one version; what is compared is the name of the error."""
    if isinstance(result, dict):
        return {k: strip(v) for k, v in result.items() if k not in ("message", "last")}
    return [strip(x) for x in result] if isinstance(result, list) else result


def merge(results):
    """What all results agree on. Elapsed times become [shortest, longest]; a difference becomes {"unstable": […]}."""
    seen = []
    for r in results:
        for one in r["unstable"] if isinstance(r, dict) and "unstable" in r else [r]:
            if one not in seen:
                seen.append(one)
    if all(isinstance(r, dict) and "elapsed_ms" in r for r in seen):
        times = [t for r in seen for t in (r["elapsed_ms"] if isinstance(r["elapsed_ms"], list) else [r["elapsed_ms"]])]
        return {"elapsed_ms": [min(times), max(times)]}
    return seen[0] if len(seen) == 1 else {"unstable": seen}


def dump(case):
    """One step a line, so that a difference shows as one line."""
    head = {k: v for k, v in case.items() if k != "steps"}
    lines = ",\n".join("  " + json.dumps(s, ensure_ascii=False) for s in case["steps"])
    body = json.dumps(head, indent=1, ensure_ascii=False)[:-2]
    return f'{body},\n "steps": [\n{lines}\n ]\n}}\n'


def doubtful(result):
    return isinstance(result, dict) and ("unstable" in result or result.get("error") in ("never", "OracleTimeout", "AgentGone", "NullPointerException"))
