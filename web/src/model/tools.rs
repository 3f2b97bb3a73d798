//! What the command line says for `help`.

/// Lines that can be typed.
pub fn help() -> &'static str {
    HELP.trim_end()
}

const HELP: &str = "\
Kafka's tools print what Kafka's print: --help says what each can do; Tab completes.
kafka-topics.sh --create --topic T --partitions P --replication-factor R [--config K=V]
kafka-topics.sh --describe [--topic T]      kafka-topics.sh --list
kafka-topics.sh --alter --topic T --partitions N      kafka-topics.sh --delete --topic T
kafka-configs.sh --alter --entity-type topics --entity-name T --add-config K=V
kafka-leader-election.sh --election-type preferred|unclean --topic T --partition P
kafka-consumer-groups.sh --list      kafka-consumer-groups.sh --describe --group G [--members|--state] [--verbose]
kafka-configs.sh --describe --topic T [--all]      kafka-get-offsets.sh [--topic T] [--time earliest]
kafka-transactions.sh list|describe|describe-producers|find-hanging      kafka-log-dirs.sh --describe
kafka-console-consumer.sh --topic T [--from-beginning] [--max-messages N] [--group G]      Ctrl-C ends it
kafka-console-producer.sh --topic T      reads the lines that you type then; or printf 'one\\ntwo' | kafka-console-producer.sh --topic T
zookeeper-shell.sh zookeeper-1:2181 ls|get|set|create|delete PATH [DATA]
kafka-dump-log.sh --files data-101/T-0/00000000000000000000.log --print-data-log
kafka-delete-records.sh --topic T --partition P --offset O      (-1: all that is replicated)
producer P [--topic T] [--config K=V]      send P [--key K] [--partition N] [--count N] VALUE
consumer C --topic T [--group G] [--config K=V]      commit C      seek C T-0 OFFSET
kill N   power-off N   stop N   start N   pause N   resume N      (N: 102, zk1, a client, controller, leader(t-0))
disk-full N [DIR]   disk-fail N [DIR]   disk-repair N [DIR]      (N: a broker; DIR: one of its log.dirs)
cut A B [one-way]   isolate N   delay A B 120ms   drop-connection A B   heal [NUMBER]
wait 5s      clear
";
