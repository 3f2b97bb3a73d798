"""What a case may say (FORMAT.md): each step is a method `do_…`, each condition of `await` a branch of `holds`."""
import json, re, shlex, shutil, signal, subprocess, threading, time

from casefile import records, tidy
from cluster import Cluster, sh
from jars import java

ADMIN = {"create-topic", "delete-topic", "list-topics", "add-partitions", "alter-config", "reassign", "list-reassignments", "elect-leader",
         "metadata", "cluster", "topic-config", "offsets", "delete-records", "group", "groups", "group-offsets", "alter-group-offset",
         "delete-group", "remove-members", "transactions", "transaction", "abort-transaction", "read"}
CLIENT = {"init-transactions", "begin", "commit-transaction", "abort", "send-offsets", "flush", "send", "send-async", "outcomes",
          "close-producer", "hold", "continue", "received", "consumer-error", "rebalances", "assignment", "generation", "position",
          "commit", "commit-async", "seek", "pause-partition", "resume-partition", "subscribe", "unsubscribe", "close-consumer"}
TOOLS = {"kafka-topics.sh": ["org.apache.kafka.tools.TopicCommand"], "kafka-consumer-groups.sh": ["org.apache.kafka.tools.consumer.group.ConsumerGroupCommand"],
         "kafka-console-producer.sh": ["kafka.tools.ConsoleProducer"], "kafka-console-consumer.sh": ["org.apache.kafka.tools.consumer.ConsoleConsumer"],
         "kafka-configs.sh": ["kafka.admin.ConfigCommand"], "kafka-reassign-partitions.sh": ["org.apache.kafka.tools.reassign.ReassignPartitionsCommand"],
         "kafka-leader-election.sh": ["org.apache.kafka.tools.LeaderElectionCommand"], "kafka-get-offsets.sh": ["org.apache.kafka.tools.GetOffsetShell"],
         "kafka-delete-records.sh": ["org.apache.kafka.tools.DeleteRecordsCommand"], "kafka-dump-log.sh": ["kafka.tools.DumpLogSegments"],
         "kafka-log-dirs.sh": ["org.apache.kafka.tools.LogDirsCommand"], "kafka-transactions.sh": ["org.apache.kafka.tools.TransactionsCommand"],
         "zookeeper-shell.sh": ["org.apache.zookeeper.ZooKeeperMainWithTlsSupportForKafka", "-server"], "kafka-broker-api-versions.sh": ["kafka.admin.BrokerApiVersionsCommand"]}


CONDITIONS = {"leader", "isr", "leader_epoch", "state", "controller", "brokers", "absent_topic", "znode_absent", "log_end", "log_start",
              "high_watermark", "received", "assignment", "group_state", "members", "transaction", "metadata_leader", "exited", "consumer_error"}


def unknown(step):
    """What of a step cannot be played, in words; known before a cluster is started."""
    do = step.get("do", "nothing")
    if do == "background":
        return unknown(step.get("step", {}))
    if do == "await" and not CONDITIONS & set(step.get("that", {})):
        return [f"unknown condition {json.dumps(step.get('that'))}"]
    known = do in ADMIN or do in CLIENT or hasattr(Steps, "do_" + do.replace("-", "_"))
    return [] if known else [f"unknown step {do!r}"]


class Steps(Cluster):
    """A cluster that plays steps."""

    def step(self, s):
        do = s["do"]
        f = getattr(self, "do_" + do.replace("-", "_"), None)
        if f:
            return f(s)
        if do in ADMIN:
            q = {k: v for k, v in s.items() if k not in ("do", "result", "note", "at", "timeout_ms")}
            q["bootstrap"] = self.bootstrap(s.get("at"))
            return self.main.ask(op=do, **q)
        if do in CLIENT:
            a = self.agent(s.get("client") if s["client"] not in self.home_of else self.home_of[s["client"]])
            q = {k: v for k, v in s.items() if k not in ("do", "result", "note", "process", "at")}
            if "records" in q or do in ("send", "send-async"):
                q["records"] = records(s)
            return a.ask(op=do, **q)
        raise SystemExit(f"unknown step {do!r}")

    def do_producer(self, s):
        return self.open_client("producer", s)

    def do_consumer(self, s):
        return self.open_client("consumer", s)

    def open_client(self, op, s):
        process = s.get("process", s["client"])
        self.home_of[s["client"]] = process
        q = {k: v for k, v in s.items() if k not in ("do", "result", "note", "process", "at")}
        return self.agent(process).ask(op=op, bootstrap=self.bootstrap(s.get("at")), **q)

    def do_crash_client(self, s):
        name = self.home_of[s["client"]]
        self.agents[name].process.kill()
        self.agents[name].process.wait()
        del self.agents[name]
        return "ok"

    def do_pause_client(self, s):
        self.agents[self.home_of[s["client"]]].process.send_signal(signal.SIGSTOP)
        return "ok"

    def do_unpause_client(self, s):
        self.agents[self.home_of[s["client"]]].process.send_signal(signal.SIGCONT)
        return "ok"

    def do_kill_broker(self, s):
        self.signal(f"b{s['broker']}", signal.SIGKILL, wait=True)
        return "ok"

    def do_stop_broker(self, s):
        self.signal(f"b{s['broker']}", signal.SIGTERM, wait=True)
        return "ok"

    def do_start_broker(self, s):
        self.start(s["broker"])
        return "ok"

    def do_pause_broker(self, s):
        self.signal(f"b{s['broker']}", signal.SIGSTOP)
        return "ok"

    def do_resume_broker(self, s):
        self.signal(f"b{s['broker']}", signal.SIGCONT)
        return "ok"

    def do_broker_alive(self, s):
        return self.nodes[f"b{s['broker']}"].poll() is None

    def do_wipe_disk(self, s):
        shutil.rmtree(self.root / f"data-{s['broker']}")
        return "ok"

    def quorum(self):
        """Leader and epoch of the metadata quorum, from the files of the controllers that run: the highest epoch counts."""
        seen = []
        for i in self.kraft:
            if f"kraft{i}" in self.nodes and self.nodes[f"kraft{i}"].poll() is None:
                try:
                    q = json.loads((self.root / f"kraft-{i}" / "__cluster_metadata-0" / "quorum-state").read_text())
                    seen.append((q["leaderEpoch"], q["leaderId"]))
                except (OSError, ValueError, KeyError):
                    pass  # not there yet, or being replaced
        epoch, leader = max(seen, default=(0, -1))
        return (leader if leader >= 0 else None), epoch

    def which(self, controller):
        """A controller's id; "leader" and "follower" (the lowest id that does not lead) are of this moment, "old-leader" and "old-follower" what these last were."""
        if isinstance(controller, int):
            return controller
        if controller in ("leader", "follower"):
            leader, epoch = self.quorum()
            if leader is None:
                raise SystemExit(f"no quorum leader for {controller!r}")
            running = [i for i in self.kraft if f"kraft{i}" in self.nodes and self.nodes[f"kraft{i}"].poll() is None]
            self.was = {**self.was, "epoch": epoch, "leader": leader}
            if controller == "follower":
                self.was["follower"] = next(i for i in running if i != leader)
            return self.was[controller]
        return self.was[controller.removeprefix("old-")]

    def do_mark_controller(self, s):
        self.which("leader")
        return "ok"

    def do_controller_since(self, s):
        leader, epoch = self.quorum()
        return {"leader": None if leader is None else "same" if leader == self.was["leader"] else "another", "epoch": "same" if epoch == self.was["epoch"] else "higher"}

    def do_kill_controller(self, s):
        self.signal(f"kraft{self.which(s['controller'])}", signal.SIGKILL, wait=True)
        return "ok"

    def do_stop_controller(self, s):
        self.signal(f"kraft{self.which(s['controller'])}", signal.SIGTERM, wait=True)
        return "ok"

    def do_start_controller(self, s):
        self.start_kraft(self.which(s["controller"]))
        return "ok"

    def do_pause_controller(self, s):
        self.signal(f"kraft{self.which(s['controller'])}", signal.SIGSTOP)
        return "ok"

    def do_resume_controller(self, s):
        self.signal(f"kraft{self.which(s['controller'])}", signal.SIGCONT)
        return "ok"

    def do_kill_zookeeper(self, s):
        self.signal(f"zk{s['zookeeper']}", signal.SIGKILL, wait=True)
        return "ok"

    def do_start_zookeeper(self, s):
        self.start_zookeeper(s["zookeeper"])
        return "ok"

    def do_zookeeper_role(self, s):
        import socket  # noqa: the four-letter words answer over a bare socket
        out = sh("ip", "netns", "exec", f"k{self.slot}-main", "bash", "-c", f"exec 3<>/dev/tcp/{self.net}{10 + s['zookeeper']}/2181; echo srvr >&3; timeout 5 cat <&3", check=False).stdout
        m = re.search(r"Mode: (\w+)", out)
        return m.group(1) if m else ("not serving" if "not currently serving" in out else "unreachable")

    def node(self, n):
        if n in ("leader", "old-leader", "follower", "old-follower"):
            return f"kraft{self.which(n)}"
        return n if isinstance(n, int) or re.fullmatch(r"(zk|kraft)\d", n) else self.home_of.get(n, n)

    def do_cut(self, s):
        self.cut(self.node(s["between"][0]), self.node(s["between"][1]), s.get("one_way", False))
        return "ok"

    def do_heal(self, s):
        self.heal(self.node(s["between"][0]), self.node(s["between"][1]))
        return "ok"

    def do_sleep(self, s):
        time.sleep(s["ms"] / 1000)
        return "ok"

    def do_partition(self, s):
        return self.state(s["topic"], s.get("partition", 0))

    def do_assignment_of(self, s):
        if self.kraft:
            return {k: v["replicas"] for k, v in self.image()["topics"].get(s["topic"], {}).items()} or {"absent": True}
        r = self.zk("zk-get", f"/brokers/topics/{s['topic']}")
        return {k: v for k, v in sorted(r["partitions"].items(), key=lambda e: int(e[0]))} if isinstance(r, dict) and "partitions" in r else {"absent": True}

    def do_controller(self, s):
        if self.kraft:
            r = self.main.ask(op="quorum", bootstrap=self.bootstrap())
            return r if "error" in r else {"controller": r["leader"], "epoch": r["epoch"]}
        e = self.zk("zk-get", "/controller_epoch")
        return {"controller": self.controller(), "epoch": e}

    def do_brokers(self, s):
        return self.live()

    def do_znode(self, s):
        return self.named(tidy(self.zk("zk-get", s["path"], via=s.get("via"))))

    def named(self, z):
        """Addresses of brokers by name, since a run's network is its own."""
        if isinstance(z, dict):
            return {k: self.named(v) for k, v in z.items()}
        if isinstance(z, list):
            return [self.named(x) for x in z]
        return re.sub(re.escape(self.net) + r"(1\d\d)\b", r"broker-\1", z) if isinstance(z, str) else z

    def do_children(self, s):
        return self.zk("zk-ls", s["path"])

    def do_znode_stat(self, s):
        return self.zk("zk-stat", s["path"])

    def do_znode_delete(self, s):
        return self.zk("zk-delete", s["path"])

    def do_znode_set(self, s):
        return self.zk("zk-set", s["path"], data=s["data"])

    def do_log(self, s):
        return self.log(s["broker"], s["topic"], s.get("partition", 0), s.get("records", True))

    def do_background(self, s):
        """Starts a step whose answer comes later; `join` collects it."""
        box = []
        t = threading.Thread(target=lambda: box.append(self.step(s["step"])), daemon=True)
        t.start()
        self.background[s["name"]] = (t, box, time.monotonic())
        return "ok"

    def do_join(self, s):
        t, box, begin = self.background.pop(s["name"])
        t.join(200)
        return box[0] if box else {"error": "OracleTimeout"}

    def do_tool(self, s):
        words = shlex.split(s["line"])
        main = TOOLS[words[0]]
        words = [w.replace("BOOTSTRAP", self.bootstrap(s.get("at"))).replace("ZOOKEEPER", self.zk_connect()) for w in words[1:]]
        for name, text in s.get("files", {}).items():
            (self.root / name).write_text(text if isinstance(text, str) else json.dumps(text))
        words = [w.replace("FILES/", f"{self.root}/") for w in words]
        words = [re.sub(r"DATA-(\d+)", lambda m: f"{self.root}/data-{m.group(1)}", w) for w in words]
        r = subprocess.run(["ip", "netns", "exec", f"k{self.slot}-main", *java("", *main, *words)], input=s.get("stdin"), capture_output=True, text=True, timeout=180)
        lines = self.plain(r.stdout)
        out = {"status": r.returncode, "out": sorted(lines) if s.get("sorted") else lines}
        err = self.plain(r.stderr)[:3]
        return out | ({"err": err} if err else {})

    def plain(self, text):
        text = re.sub(re.escape(self.net) + r"(1[0-9][1-9]|1[1-9]0)\b", r"broker-\1", text)
        text = re.sub(re.escape(self.net) + r"1([1-9])\b", r"zookeeper-\1", text)
        text = re.sub(re.escape(self.net) + r"2\d\d\b", "client", text)
        text = text.replace(str(self.root), "FILES")
        text = re.sub(r"TopicId: [\w-]{22}", "TopicId: <id>", text)
        text = re.sub(r"-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "-<uuid>", text)
        text = re.sub(r"(CreateTime|LogAppendTime): ?\d{13}", r"\1:<time>", text)
        text = re.sub(r"\b1[789]\d{11}\b", "<time>", text)
        text = re.sub(r"(CurrentTransactionStartTimeMs[^\n]*\n.*<time>\s+)\d+", r"\1<ms>", text)
        text = re.sub(r"\bcrc: \d+", "crc: <crc>", text)
        text = re.sub(r"\b([cmp]Zxid = |ephemeralOwner = (?=0x\w\w))0x\w+", r"\1<zxid>", text)
        text = re.sub(r"\b([cm]time = )\w{3} \w{3} .*", r"\1<time>", text)
        text = re.sub(r"\b(tries=|after )\d+(?=, next| attempt)", r"\1<n>", text)
        text = re.sub(r'("(?:topic_)?id":)"[\w-]{22}"', r'\1"<id>"', text)
        trace = re.compile(r"\s*(at [\w.$/<>]+\(|\.\.\. \d+ more)")
        return [re.sub(r"\s+", " ", l).rstrip() for l in text.split("\n") if l.strip() and not trace.match(l)]

    def do_await(self, s):
        limit = s.get("within_ms", 60000) / 1000
        ms = self.until(lambda: self.holds(s["that"]), limit)
        return {"elapsed_ms": ms} if ms is not None else {"error": "never", "last": self.last}

    def holds(self, c):
        kind, want = next((k, v) for k, v in c.items() if k not in ("topic", "partition", "broker", "client", "group"))
        topic, partition = c.get("topic"), c.get("partition", 0)
        if kind == "leader":
            self.last = self.state(topic, partition).get("leader", "absent")
        elif kind == "isr":
            self.last = self.state(topic, partition).get("isr", "absent")
        elif kind == "leader_epoch":
            self.last = self.state(topic, partition).get("leader_epoch", "absent")
        elif kind == "state":
            self.last = self.state(topic, partition)
        elif kind == "controller" and want in ("another", "none"):
            self.last = self.quorum()[0]
            return self.last is None if want == "none" else self.last not in (None, self.was["leader"])
        elif kind == "controller":
            self.last = self.controller()
            if want == "any":
                return self.last is not None
            if isinstance(want, dict):
                return self.last is not None and self.last != want["not"]
        elif kind == "brokers":
            self.last = self.live()
        elif kind == "absent_topic":
            if self.kraft:
                return want not in self.image()["topics"]
            self.last = self.zk("zk-get", f"/brokers/topics/{want}")
            return isinstance(self.last, dict) and self.last.get("absent") is True
        elif kind == "znode_absent":
            self.last = self.zk("zk-get", want)
            return isinstance(self.last, dict) and self.last.get("absent") is True
        elif kind == "log_end":
            d = self.log(c["broker"], topic, partition, False)
            self.last = d["batches"][-1]["last_offset"] + 1 if d.get("batches") else 0
        elif kind == "log_start":
            d = self.log(c["broker"], topic, partition, False)
            self.last = d["segments"][0] if d.get("segments") else None
        elif kind == "high_watermark":
            self.last = self.step({"do": "offsets", "topic": topic, "partition": partition}).get("high_watermark")
        elif kind == "received":
            self.last = self.agent(self.home_of[c["client"]]).ask(op="received-count", client=c["client"])
            return isinstance(self.last, int) and self.last >= want
        elif kind == "assignment":
            self.last = self.agent(self.home_of[c["client"]]).ask(op="assignment", client=c["client"], timeout=10)
        elif kind == "group_state":
            g = self.main.ask(op="group", group=c["group"], bootstrap=self.bootstrap())
            self.last = g.get("state") if "state" in g else g
        elif kind == "members":
            g = self.main.ask(op="group", group=c["group"], bootstrap=self.bootstrap())
            self.last = [g.get("state"), len(g.get("members", {}))]
            return self.last[1] == want and self.last[0] in ("Stable", "Empty")
        elif kind == "transaction":
            g = self.main.ask(op="transactions", bootstrap=self.bootstrap())
            self.last = g
            return all(g.get(k) == v for k, v in want.items())
        elif kind == "metadata_leader":
            r = self.step({"do": "metadata", "topic": topic, **({"at": [c["broker"]]} if "broker" in c else {})})
            self.last = next((p["leader"] for p in r.get("partitions", []) if p["partition"] == partition), "absent")
        elif kind == "exited":
            self.last = self.nodes[f"b{want}"].poll() is not None
            return self.last
        elif kind == "consumer_error":
            self.last = self.agent(self.home_of[c["client"]]).ask(op="consumer-error", client=c["client"])
            return isinstance(self.last, dict) and self.last.get("error") == want
        else:
            raise SystemExit(f"unknown condition {kind!r}")
        return self.last == want
