"""Kafka's published jars of the version asked for, the compiled client agent, and the command lines that start them."""
import fcntl, os, re, shutil, subprocess, tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
KAFKA = "3.9.1"  # what the recorded cases are of
PROGRAMS = {"java": "a Java runtime, 17 or newer", "javac": "its compiler", "mvn": "Maven, which fetches the jars", "ip": "iproute2, for network namespaces", "iptables": "iptables, to cut links"}
INSTALL = "On Debian or Ubuntu: apt-get install -y openjdk-17-jdk-headless maven iproute2 iptables"


class Place:
    """Where jars are kept and runs have their folders, and which Kafka it is."""
    kafka = KAFKA
    cache = Path(tempfile.gettempdir()) / "kafka-oracle"
    runs = None  # the system's own temporary folder

    @classmethod
    def of_kafka(cls):
        return cls.cache / cls.kafka

    @classmethod
    def lib(cls):
        return cls.of_kafka() / "lib"


class Unfit(Exception):
    """This machine cannot ask Kafka; the text says what it lacks."""


def sh(*a, check=True, **k):
    return subprocess.run(a, check=check, capture_output=True, text=True, **k)


def lacks(which=shutil.which, system=os.uname().sysname, user=os.geteuid()):
    """What this machine lacks for asking Kafka, one line each; nothing if it is fit."""
    lines = [] if system == "Linux" else [f"Linux (this is {system}): every node gets a network namespace"]
    lines += [f"{name}: {what}" for name, what in PROGRAMS.items() if not which(name)]
    return lines if user == 0 else lines + ["root: only root may make network namespaces (try sudo)"]


def java_version():
    found = re.search(r'version "(\d+)', sh("java", "-version", check=False).stderr)
    return int(found.group(1)) if found else 0


def prepare():
    """Fetches Kafka's jars and compiles the client agent, once for each version of Kafka."""
    missing = lacks()
    if not missing and java_version() < 17:
        missing = [f"java: a Java 17 or newer runtime (this one is {java_version()})"]
    if missing:
        raise Unfit("To ask Apache Kafka, the oracle lacks here:\n  " + "\n  ".join(missing) + f"\n{INSTALL}")
    base, lib = Place.of_kafka(), Place.lib()
    base.mkdir(parents=True, exist_ok=True)
    with open(base / "prepare.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (base / "fetched").exists():
            print(f"fetching Kafka {Place.kafka} into {base}", flush=True)
            fetched = sh("mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), f"-Dkafka.version={Place.kafka}", "dependency:copy-dependencies", f"-DoutputDirectory={lib}", check=False)
            if fetched.returncode:
                raise Unfit(f"Maven could not fetch Kafka {Place.kafka}:\n{fetched.stdout[-2000:]}{fetched.stderr[-2000:]}")
            for unwanted in list(lib.glob("logback*")) + list(lib.glob("log4j-over*")):
                unwanted.unlink()
            (base / "fetched").touch()
        compile_agent(base / "classes", lib)
        (base / "log4j.properties").write_text(
            "log4j.rootLogger=INFO,F\nlog4j.appender.F=org.apache.log4j.FileAppender\nlog4j.appender.F.File=${oracle.log}\n"
            "log4j.appender.F.layout=org.apache.log4j.PatternLayout\nlog4j.appender.F.layout.ConversionPattern=[%d] %p %m (%c)%n\n"
            "log4j.logger.org.apache.kafka.clients=INFO\nlog4j.logger.org.apache.kafka.common.config=WARN\nlog4j.logger.kafka.server.KafkaConfig=WARN\n")
        (base / "quiet.properties").write_text("log4j.rootLogger=OFF\n")


def compile_agent(classes, lib):
    source, stamp = HERE / "java" / "Agent.java", classes / "Agent.class"
    if stamp.exists() and stamp.stat().st_mtime >= source.stat().st_mtime:
        return
    classes.mkdir(exist_ok=True)
    compiled = sh("javac", "-cp", f"{lib}/*", "-d", str(classes), str(source), check=False)
    if compiled.returncode:
        raise Unfit(f"java/Agent.java does not compile against Kafka {Place.kafka}:\n{compiled.stderr[-2000:]}")


def java(log, *args, heap="256m"):
    """The command line of a Java program; with `log`, Kafka's log goes into that file."""
    base = Place.of_kafka()
    conf = f"file:{base}/log4j.properties" if log else f"file:{base}/quiet.properties"
    return ["java", f"-Xmx{heap}", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", f"-Doracle.log={log}",
            f"-Dlog4j.configuration={conf}", "-cp", f"{base}/classes:{Place.lib()}/*", *args]


def vectors(folder):
    """Answers of single functions of Kafka into `folder`, one file a function; twice gives the same bytes."""
    target = Path(folder).resolve()
    target.mkdir(parents=True, exist_ok=True)
    base = Place.of_kafka()
    subprocess.run(["java", f"-Dlog4j.configuration=file:{base}/quiet.properties", "-cp", f"{Place.lib()}/*", str(HERE / "java" / "Vectors.java"), str(target)], check=True)
