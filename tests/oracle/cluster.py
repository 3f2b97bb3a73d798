"""A cluster of real nodes, each a process in a network namespace of its own: starting, ending, cutting, looking."""
import json, re, signal, subprocess, threading, time
from pathlib import Path

from jars import java, sh

POLL = 0.05  # seconds between two looks of whoever waits


class Agent:
    """One client process and the requests under way in it."""

    def __init__(self, cluster, name, address):
        self.ns = cluster.namespace(name, address)
        self.process = subprocess.Popen(["ip", "netns", "exec", self.ns, *java(cluster.root / f"{name}.log", "Agent")],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=open(cluster.root / f"{name}.err", "w"), text=True)
        self.replies, self.waiting, self.next = {}, threading.Condition(), 0
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        for line in self.process.stdout:
            try:
                r = json.loads(line)
            except ValueError:
                continue
            with self.waiting:
                self.replies[r["id"]] = r["result"]
                self.waiting.notify_all()

    def ask(self, timeout=200, **q):
        with self.waiting:
            self.next += 1
            q["id"] = self.next
            try:
                self.process.stdin.write(json.dumps(q) + "\n")
                self.process.stdin.flush()
            except BrokenPipeError:
                return {"error": "AgentGone"}
            if not self.waiting.wait_for(lambda: q["id"] in self.replies or self.process.poll() is not None, timeout):
                return {"error": "OracleTimeout"}
            return self.replies.pop(q["id"], {"error": "AgentGone"})


class Cluster:
    def __init__(self, spec, root, slot):
        self.spec, self.root, self.slot = spec, Path(root), slot
        self.net, self.bridge = f"10.77.{slot}.", f"kbr{slot}"
        self.nodes, self.namespaces, self.agents, self.home = {}, [], {}, {}
        self.cuts, self.client_address, self.background = {}, 200, {}
        self.home_of = {}  # which process a client lives in
        self.was = {}  # the quorum's leader and epoch when a case last asked
        self.brokers = spec.get("brokers", [101, 102, 103])
        self.kraft = list(range(1, spec.get("kraft", 0) + 1))
        self.zookeepers = [] if self.kraft else list(range(1, spec.get("zookeeper", 1) + 1))

    # ---- network
    def namespace(self, name, address):
        ns = f"k{self.slot}-{name}"
        sh("ip", "netns", "del", ns, check=False)
        sh("ip", "netns", "add", ns)
        self.namespaces.append(ns)
        v = f"v{self.slot}-{address}"
        sh("ip", "link", "del", v, check=False)
        sh("ip", "link", "add", v, "type", "veth", "peer", "name", "eth0", "netns", ns)
        sh("ip", "link", "set", v, "master", self.bridge, "up")
        sh("ip", "-n", ns, "addr", "add", f"{self.net}{address}/24", "dev", "eth0")
        sh("ip", "-n", ns, "link", "set", "eth0", "up")
        sh("ip", "-n", ns, "link", "set", "lo", "up")
        return ns

    def address(self, node):
        if isinstance(node, int):
            return f"{self.net}{node}"
        if re.fullmatch(r"(zk|kraft)\d", node):
            return f"{self.net}{10 + int(node[-1])}"
        return f"{self.net}{self.home[node]}"

    def zk_connect(self, only=None):
        return ",".join(f"{self.net}{10 + i}:2181" for i in (only or self.zookeepers))

    def bootstrap(self, brokers=None):
        return ",".join(f"{self.net}{b}:9092" for b in (brokers or self.brokers))

    def cut(self, a, b, one_way=False):
        """a no longer hears b; unless one_way, b no longer hears a."""
        for hearer, speaker in ([(a, b)] if one_way else [(a, b), (b, a)]):
            rule = ["INPUT", "-s", self.address(speaker), "-j", "DROP"]
            sh("ip", "netns", "exec", self.ns(hearer), "iptables", "-w", "-A", *rule)
            self.cuts.setdefault(frozenset((a, b)), []).append((hearer, rule))

    def heal(self, a, b):
        for hearer, rule in self.cuts.pop(frozenset((a, b)), []):
            sh("ip", "netns", "exec", self.ns(hearer), "iptables", "-w", "-D", *rule)

    def ns(self, node):
        return f"k{self.slot}-b{node}" if isinstance(node, int) else f"k{self.slot}-{node}"

    # ---- processes
    def up(self):
        sh("ip", "link", "del", self.bridge, check=False)
        sh("ip", "link", "add", self.bridge, "type", "bridge")
        sh("ip", "addr", "add", f"{self.net}1/24", "dev", self.bridge)
        sh("ip", "link", "set", self.bridge, "up")
        for i in self.zookeepers:
            self.namespace(f"zk{i}", 10 + i)
            self.start_zookeeper(i)
        for b in self.brokers:
            self.namespace(f"b{b}", b)
        for i in self.kraft:
            self.namespace(f"kraft{i}", 10 + i)
        self.format_kraft()
        for i in self.kraft:
            self.start_kraft(i)
        self.main = self.agent("main")
        for b in self.brokers:
            if b not in self.spec.get("not_started", []):
                self.start(b)
                if self.spec.get("start_in_order", True):
                    self.until(lambda: b in self.live(), 60)
        self.until(lambda: set(self.live()) == set(self.brokers) - set(self.spec.get("not_started", [])), 60)
        self.until(lambda: self.controller() is not None, 30)
        time.sleep(1)

    def spawn(self, name, ns, argv):
        self.nodes[name] = subprocess.Popen(["ip", "netns", "exec", ns, *argv], stdin=subprocess.DEVNULL,
                                            stdout=open(self.root / f"{name}.out", "a"), stderr=subprocess.STDOUT)

    def start_zookeeper(self, i):
        d = self.root / f"zk{i}"
        d.mkdir(exist_ok=True)
        (d / "myid").write_text(str(i))
        servers = "".join(f"server.{j}={self.net}{10 + j}:2888:3888\n" for j in self.zookeepers) if len(self.zookeepers) > 1 else ""
        (d / "zoo.cfg").write_text(f"tickTime={self.spec.get('tick_ms', 2000)}\ninitLimit=10\nsyncLimit=5\ndataDir={d}\nclientPort=2181\nadmin.enableServer=false\nmaxClientCnxns=0\n4lw.commands.whitelist=*\n{servers}")
        self.spawn(f"zk{i}", f"k{self.slot}-zk{i}", java(self.root / f"zk{i}.log", "org.apache.zookeeper.server.quorum.QuorumPeerMain", str(d / "zoo.cfg")))

    def kraft_conf(self):
        voters = ",".join(f"{i}@{self.net}{10 + i}:9093" for i in self.kraft)
        return {"controller.quorum.voters": voters, "controller.listener.names": "CONTROLLER", "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT"}

    def start_kraft(self, i):
        self.spawn(f"kraft{i}", f"k{self.slot}-kraft{i}", java(self.root / f"kraft{i}.log", "kafka.Kafka", str(self.root / f"kraft{i}.properties")))

    def format_kraft(self):
        """Formats every node's folder, one process after the other in parallel."""
        if not self.kraft:
            return
        for i in self.kraft:
            conf = {"node.id": i, "process.roles": "controller", "listeners": f"CONTROLLER://{self.net}{10 + i}:9093", "log.dirs": self.root / f"kraft-{i}"} | self.kraft_conf() | self.spec.get("config", {})
            (self.root / f"kraft{i}.properties").write_text("".join(f"{k}={v}\n" for k, v in conf.items()))
        for b in self.brokers:
            self.write_broker(b)
        files = [f"kraft{i}" for i in self.kraft] + [f"b{b}" for b in self.brokers]
        running = [subprocess.Popen(java("", "kafka.tools.StorageTool", "format", "-t", "AAAAAAAAAAAAAAAAAAAAAQ", "-c", str(self.root / f"{f}.properties")), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for f in files]
        for p in running:
            if p.wait():
                raise SystemExit(p.stderr.read().decode())

    def start(self, b):
        self.write_broker(b)
        self.spawn(f"b{b}", f"k{self.slot}-b{b}", java(self.root / f"b{b}.log", "kafka.Kafka", str(self.root / f"b{b}.properties"), heap="384m"))

    def write_broker(self, b):
        d = self.root / f"data-{b}"
        conf = {"broker.id": b, "listeners": f"PLAINTEXT://{self.net}{b}:9092", "log.dirs": d,
                "auto.create.topics.enable": "false", "controlled.shutdown.enable": "true", "log.cleaner.dedupe.buffer.size": "10485760"}
        conf |= {"process.roles": "broker", "node.id": b} | self.kraft_conf() if self.kraft else {"zookeeper.connect": self.zk_connect()}
        if len(self.brokers) < 3:
            conf |= {"offsets.topic.replication.factor": len(self.brokers), "transaction.state.log.replication.factor": len(self.brokers), "transaction.state.log.min.isr": 1}
        conf |= self.spec.get("config", {}) | self.spec.get("broker_config", {}).get(str(b), {})
        (self.root / f"b{b}.properties").write_text("".join(f"{k}={v}\n" for k, v in conf.items()))

    def signal(self, name, s, wait=False):
        p = self.nodes[name]
        p.send_signal(s)
        if wait:
            p.wait(120)

    def agent(self, name):
        if name not in self.agents:
            self.client_address += 1
            self.home[name] = self.client_address
            self.agents[name] = Agent(self, name, self.client_address)
            self.agents[name].ask(op="ping")
        return self.agents[name]

    def down(self):
        for a in self.agents.values():
            a.process.kill()
        for p in self.nodes.values():
            if p.poll() is None:
                p.send_signal(signal.SIGCONT)
                p.kill()
        for p in self.nodes.values():
            p.wait()
        for ns in self.namespaces:
            sh("ip", "netns", "del", ns, check=False)
        sh("ip", "link", "del", self.bridge, check=False)

    # ---- looking
    def zk(self, op, path, **k):
        return self.main.ask(op=op, connect=self.zk_connect(k.pop("via", None)), path=path, **k)

    def image(self):
        """What the longest metadata log among the running controllers says."""
        alive = [i for i in self.kraft if f"kraft{i}" in self.nodes and self.nodes[f"kraft{i}"].poll() is None]
        logs = [self.root / f"kraft-{i}" / "__cluster_metadata-0" for i in alive]
        logs = [d for d in logs if d.is_dir()]
        if not logs:
            return {"brokers": {}, "topics": {}}
        longest = max(logs, key=lambda d: sum(f.stat().st_size for f in d.glob("*.log")))
        return self.main.ask(op="metadata-log", dir=str(longest))

    def live(self):
        if self.kraft:
            return sorted(int(b) for b, s in self.image().get("brokers", {}).items() if s != "fenced")
        r = self.zk("zk-ls", "/brokers/ids")
        return sorted(map(int, r)) if isinstance(r, list) else []

    def controller(self):
        if self.kraft:
            r = self.main.ask(op="quorum", bootstrap=self.bootstrap())
            return r["leader"] if r.get("leader", -1) >= 0 else None
        r = self.zk("zk-get", "/controller")
        return r.get("brokerid") if isinstance(r, dict) else None

    def state(self, topic, partition):
        if self.kraft:
            r = self.image().get("topics", {}).get(topic, {}).get(str(partition), {"absent": True})
            return {k: v for k, v in r.items() if k != "replicas"}
        r = self.zk("zk-get", f"/brokers/topics/{topic}/partitions/{partition}/state")
        if not isinstance(r, dict) or "leader" not in r:
            return {"absent": True}
        return {"leader": None if r["leader"] == -1 else r["leader"], "leader_epoch": r["leader_epoch"], "isr": r["isr"], "controller_epoch": r["controller_epoch"]}

    def log(self, broker, topic, partition, records=True):
        return self.main.ask(op="dump-log", dir=str(self.root / f"data-{broker}" / f"{topic}-{partition}"), records=records)

    def until(self, condition, limit):
        begin = time.monotonic()
        while time.monotonic() - begin < limit:
            if condition():
                return int((time.monotonic() - begin) * 1000)
            time.sleep(POLL)
        return None
