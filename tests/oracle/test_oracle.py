"""What can be tested without Kafka: `python3 -m unittest discover -s tests/oracle`."""
import json, unittest

from casefile import doubtful, dump, merge, records, strip
from jars import lacks
from steps import unknown


class CaseFiles(unittest.TestCase):
    def test_runs_that_agree_and_runs_that_differ(self):
        for results, expected in [
            (["ok", "ok"], "ok"),
            ([{"elapsed_ms": 300}, {"elapsed_ms": 200}], {"elapsed_ms": [200, 300]}),
            ([{"elapsed_ms": [200, 300]}, {"elapsed_ms": 400}], {"elapsed_ms": [200, 400]}),
            ([1, 2, 1], {"unstable": [1, 2]}),
            ([{"unstable": [1, 2]}, 3], {"unstable": [1, 2, 3]}),
            ([{"elapsed_ms": 5}, {"error": "never"}], {"unstable": [{"elapsed_ms": 5}, {"error": "never"}]}),
        ]:
            self.assertEqual(merge(results), expected, results)

    def test_messages_are_not_kept_and_doubts_are_named(self):
        self.assertEqual(strip([{"error": "X", "message": "prose", "last": 1}]), [{"error": "X"}])
        self.assertTrue(doubtful({"error": "never"}) and doubtful({"unstable": []}))
        self.assertFalse(doubtful({"error": "TOPIC_ALREADY_EXISTS"}) or doubtful("ok"))

    def test_records_of_a_step(self):
        self.assertEqual(records({"records": [["k", "v"], [None, "w"], "x"]}), [{"key": "k", "value": "v"}, {"value": "w"}, {"value": "x"}])
        self.assertEqual(records({"count": 2, "prefix": "p"}), [{"value": "p0"}, {"value": "p1"}])

    def test_a_case_is_written_one_step_a_line(self):
        case = {"id": "x", "cluster": {}, "steps": [{"do": "brokers", "result": [1]}, {"do": "sleep", "ms": 1, "result": "ok"}]}
        text = dump(case)
        self.assertEqual(json.loads(text), case)
        self.assertIn('\n  {"do": "brokers", "result": [1]},\n', text)


class Steps(unittest.TestCase):
    def test_what_cannot_be_played_is_known_before(self):
        for step, complaints in [
            ({"do": "kill-broker", "broker": 1}, 0), ({"do": "create-topic"}, 0), ({"do": "send"}, 0), ({"do": "dance"}, 1), ({}, 1),
            ({"do": "await", "that": {"topic": "t", "leader": 1}}, 0), ({"do": "await", "that": {"topic": "t", "mood": 1}}, 1),
            ({"do": "background", "name": "b", "step": {"do": "dance"}}, 1),
        ]:
            self.assertEqual(len(unknown(step)), complaints, step)


class Machines(unittest.TestCase):
    def test_what_a_machine_lacks_is_said(self):
        self.assertEqual(lacks(lambda name: name, "Linux", 0), [])
        self.assertEqual([line.split(":")[0] for line in lacks(lambda name: name != "java", "Linux", 0)], ["java"])
        self.assertEqual(len(lacks(lambda name: None, "Darwin", 501)), 7)


if __name__ == "__main__":
    unittest.main()
