#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# reports/ci/kfail-shards.sh and fuzz/campaign/kfail-campaign.sh on a real cluster of this machine: munged, slurmctld and two slurmd, each of them a "node" in a
# process namespace of its own, so that a node can lose its power: all of its processes die at once. And under GNU parallel
# with an ssh that stays here. Ends with "N passed, N failed"; status 77: the programs are not there, or namespaces are not
# allowed.
#
#	tests/slurm.sh			needs slurmctld slurmd munged parallel
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
passed=0 failed=0
PATH=$PATH:/usr/sbin:/sbin
work=$(mktemp -d) || exit
controller='' munge='' node_1='' node_2=''
mkdir "$work/tmp"
unset KFAIL_STORE
export KFAIL_REAL="$KFAIL" KFAIL_WORK="$work" TMPDIR="$work/tmp"

skip() {
	echo "SKIPPED: tests/slurm.sh: $1"
	echo "0 passed, 0 failed"
	exit $SKIP
}

for program in munged slurmctld slurmd sbatch parallel unshare; do
	command -v $program >/dev/null || skip "there is no $program"
done
# The user of this shell, so that it needs no root.
namespace="unshare --pid --fork --kill-child=KILL --mount-proc"
[ "$(id -u)" = 0 ] || namespace="$namespace --user --map-current-user"
$namespace true 2>/dev/null || skip "process namespaces are not allowed here"

# Only what was started here, by its number.
stop() {
	for process in $node_1 $node_2 $controller $munge; do
		kill -KILL "$process" 2>/dev/null
	done
	wait 2>/dev/null
	rm -rf "$work"
}
trap stop EXIT
trap 'exit 1' INT TERM

# until_true TRIES COMMAND...: ask again, ten times a second, until it says yes.
until_true() {
	tries=$1
	shift
	while ! "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}

# ---- the cluster ----

free_ports() {
	/usr/bin/env python3 - "$1" <<'PYTHON'
import socket, sys
sockets = [socket.socket() for _ in range(int(sys.argv[1]))]
for s in sockets:
    s.bind(("127.0.0.1", 0))
print(*[s.getsockname()[1] for s in sockets])
PYTHON
}

configure() {
	# shellcheck disable=SC2046 # three numbers
	set -- $(free_ports 3)
	user=$(id -un)
	mkdir -m 700 "$work/munge" && mkdir "$work/state" "$work/node-1" "$work/node-2"
	head -c 1024 /dev/urandom >"$work/munge/key" && chmod 400 "$work/munge/key"
	cat >"$work/slurm.conf" <<CONF
ClusterName=kfail
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=$1
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
# A requeued job waits until credentials of its first life have expired.
AuthInfo=socket=$work/munge/socket,cred_expire=5
CredType=cred/munge
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/%n
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/%n.pid
SlurmctldLogFile=$work/slurmctld.log
SlurmdLogFile=$work/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SwitchType=switch/none
MpiDefault=none
MailProg=/bin/true
ReturnToService=2
SlurmdTimeout=3
MessageTimeout=3
SchedulerType=sched/builtin
SchedulerParameters=sched_min_interval=100000,sched_interval=1
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
NodeName=node-1 NodeHostname=$(hostname) NodeAddr=127.0.0.1 Port=$2 CPUs=1
NodeName=node-2 NodeHostname=$(hostname) NodeAddr=127.0.0.1 Port=$3 CPUs=1
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
	export SLURM_CONF="$work/slurm.conf"
}

start_node() {
	$namespace slurmd -D -f "$SLURM_CONF" -N "$1" >"$work/$1.out" 2>&1 &
}

is_idle() {
	[ "$(sinfo -h -N -n "$1" -o %T)" = idle ]
}

start_cluster() {
	configure
	munged --foreground --force --key-file="$work/munge/key" --socket="$work/munge/socket" \
		--pid-file="$work/munge/pid" --log-file="$work/munge/log" --seed-file="$work/munge/seed" \
		>"$work/munge/out" 2>&1 &
	munge=$!
	until_true 50 munge -S "$work/munge/socket" -n || fail "munged does not start: $(tail -n 1 "$work/munge/out")"
	slurmctld -D -f "$SLURM_CONF" >"$work/slurmctld.out" 2>&1 &
	controller=$!
	start_node node-1
	node_1=$!
	start_node node-2
	node_2=$!
	for node in node-1 node-2; do
		until_true 200 is_idle $node && continue
		tail -n 5 "$work/slurmctld.log" "$work/$node.out"
		fail "$node does not come up"
	done
}

# ---- what is swept ----

# As many points as make a shard last longer than the store's interval, and a bug that shows in several shards.
driver() {
	cat >"$work/many.c" <<'DRIVER'
#include <linux/module.h>
#include <linux/slab.h>
#define POINTS 4900
static void *objects[POINTS];
static int __init many_init(void)
{
	int i;

	for (i = 0; i < POINTS; i++) {
		objects[i] = kmalloc(64, GFP_KERNEL);
		if (!objects[i])
			goto unwind;
	}
	return 0;
unwind:
	if (i % 401 == 7) /* the bug: the one before is forgotten */
		i--;
	while (i--)
		kfree(objects[i]);
	return -ENOMEM;
}
static void __exit many_exit(void)
{
	for (int i = 0; i < POINTS; i++)
		kfree(objects[i]);
}
module_init(many_init);
module_exit(many_exit);
MODULE_LICENSE("GPL");
DRIVER
}

# A result without what differs from one machine, or one time, to the next.
settled() {
	/usr/bin/env python3 - "$1" <<'PYTHON'
import json, sys
result = json.load(open(sys.argv[1]))
for key in ("seconds", "runs_per_second"):
    result.pop(key, None)
print(json.dumps(result, indent=1, sort_keys=True))
PYTHON
}

same_result() {
	settled "$1" >"$work/a" && settled "$2" >"$work/b" && cmp -s "$work/a" "$work/b" && return
	diff "$work/a" "$work/b" | head -n 20
	return 1
}

# kfail for the nodes: on its first life, shard 2 stops in the middle, when some of its runs are in the store, and waits
# for its node to die.
cat >"$work/kfail" <<'WRAPPER'
#!/bin/sh
case " $* " in
*" --shard 2/"*) ;;
*) exec "$KFAIL_REAL" "$@" ;;
esac
[ ! -e "$KFAIL_WORK/dying" ] || exec "$KFAIL_REAL" "$@"
echo "$SLURMD_NODENAME" >"$KFAIL_WORK/dying"
"$KFAIL_REAL" "$@" &
while kill -0 $!; do
	runs=$(sqlite3 -readonly "$KFAIL_WORK/nodes/shard-2.db" 'SELECT count(*) FROM run' 2>/dev/null)
	[ "${runs:-0}" -gt 0 ] || continue
	kill -STOP $!
	echo "$runs" >"$KFAIL_WORK/middle"
	wait
done
# Too late: it had ended.
echo 0 >"$KFAIL_WORK/middle"
wait $!
WRAPPER
chmod +x "$work/kfail"

shards() {
	timeout 240 "$root/reports/ci/kfail-shards.sh" "$@"
}

driver
cd "$work" || exit
"$KFAIL" sweep --no-store --json "$work/whole.json" "$work/many.c" >"$work/whole.txt" 2>&1
[ $? = 1 ] || { tail -n 3 "$work/whole.txt" && fail "the undivided sweep does not find the bug"; }

start_cluster
echo "a cluster of two nodes is up"

# Four shards on two nodes; the node that runs the second one loses its power in the middle.
KFAIL=$work/kfail shards slurm -n 4 -d "$work/nodes" -- --jobs 1 "$work/many.c" >"$work/slurm.txt" 2>&1 &
submitted=$!
until_true 600 test -s "$work/middle"
result $? "a shard is in the middle: $(cat "$work/middle" 2>/dev/null) rows of its runs are stored"
node=$(cat "$work/dying" 2>/dev/null)
case $node in
node-1) kill -KILL "$node_1" && node_1='' ;;
node-2) kill -KILL "$node_2" && node_2='' ;;
esac
is_gone() {
	sinfo -h -N -n "$node" -o %T | grep -q down
}
until_true 600 is_gone
result $? "its node is gone: $node"
wait $submitted
status=$?
[ $status = 1 ]
result $? "the whole has the status of its findings: $status"
grep -q "requeue job.*due to failure of node $node" "$work/slurmctld.log"
result $? "the shard was requeued by Slurm"
grep -q . "$work/nodes/shard-2.log" && [ "$(cat "$work"/nodes/shard-*.ended | wc -l)" = 4 ]
result $? "all shards have ended"
[ "$(sqlite3 -readonly "$work/nodes/shard-2.db" 'SELECT count(*) FROM sweep')" = 1 ]
result $? "it went on with its store: there is one sweep in it"
same_result "$work/whole.json" "$work/nodes/result.json"
result $? "nothing is lost, nothing is counted twice: the result is that of the undivided sweep"
xmllint --noout "$work/nodes/result.xml" && grep -q '"version": "2.1.0"' "$work/nodes/result.sarif"
result $? "the merged result as JUnit and SARIF"
shards slurm -d "$work/nodes" >"$work/again.txt" 2>&1
[ $? = 1 ] && same_result "$work/whole.json" "$work/nodes/result.json"
result $? "going on with what has ended runs no shard again"

# A shard that is missing.
rm "$work/nodes/shard-3.db" "$work/nodes/shard-3.ended"
shards merge -d "$work/nodes" >"$work/missing.txt" 2>&1
status=$?
[ $status = 1 ] && grep -q "not ended: shard 3" "$work/missing.txt"
result $? "a missing shard is told"
shards slurm -d "$work/nodes" >"$work/again.txt" 2>&1
[ $? = 1 ] && same_result "$work/whole.json" "$work/nodes/result.json"
result $? "and run when one goes on"

# Two "machines" by an ssh that stays here.
cat >"$work/ssh" <<'SSH'
#!/bin/sh
# [OPTION ...] HOST [--] WORD ...: as there, nothing of this environment goes along.
while [ "${1#-}" != "$1" ]; do shift; done
echo "$1" >>"$KFAIL_WORK/machines"
shift
[ "$1" != -- ] || shift
exec env -i PATH="$PATH" HOME="$HOME" SHELL=/bin/sh sh -c "$*"
SSH
chmod +x "$work/ssh"
printf '%s\n%s\n' "1/$work/ssh alpha" "1/$work/ssh beta" >"$work/hosts"
shards parallel -n 3 -d "$work/machines.d" -l "$work/hosts" -- --jobs 1 "$work/many.c" >"$work/parallel.txt" 2>&1
status=$?
[ $status = 1 ] && same_result "$work/whole.json" "$work/machines.d/result.json"
result $? "GNU parallel: the same result"
[ "$(sort -u "$work/machines" | paste -s -d ' ')" = "alpha beta" ]
result $? "on both machines"

# What is clean as far as it is known is not clean when a shard is missing.
sed 's/i % 401 == 7/0/; s/POINTS 2000/POINTS 20/' "$work/many.c" >"$work/clean.c"
shards parallel -n 2 -d "$work/clean.d" -- "$work/clean.c" >"$work/clean.txt" 2>&1
result $? "a clean module, all shards of this machine"
rm "$work/clean.d/shard-2.db" "$work/clean.d/shard-2.ended"
shards merge -d "$work/clean.d" >"$work/clean.txt" 2>&1
[ $? = 3 ] && [ "$(cat "$work/clean.d/status")" = 3 ] && grep -q '<error type="not-judged"' "$work/clean.d/result.xml"
result $? "the same with a missing shard is not judged"

# Bad usage.
for words in "" "slurm" "slurm -d $work/x" "slurm -n 0 -d $work/x -- many.c" "nonsense -d $work/x" "merge -d $work/x" \
	"slurm -n 2 -d $work/nodes -- many.c"; do
	# shellcheck disable=SC2086
	shards $words >"$work/out" 2>&1
	[ $? = 2 ]
	result $? "wrong usage: $words: $(head -n 1 "$work/out")"
done
KFAIL=$work/nowhere shards parallel -n 2 -d "$work/y" -- many.c >"$work/out" 2>&1
[ $? = 4 ]
result $? "no kfail: $(head -n 1 "$work/out")"

# ---- a campaign of AFL++ on the same cluster ----

on_cluster() {
	timeout 300 "$root/fuzz/campaign/kfail-campaign.sh" "$@"
}

# The node that runs task 2 of the array.
node_of_2() {
	squeue -h -t R -r -o '%K %N' | sed -n 's/^2 //p'
}

kill_node() {
	case $1 in
	node-1) kill -KILL "$node_1" ;;
	node-2) kill -KILL "$node_2" ;;
	esac
}

again() {
	start_node "$1"
	case $1 in
	node-1) node_1=$! ;;
	node-2) node_2=$! ;;
	esac
}

# A queue of some inputs.
has_inputs() {
	[ "$(find "$1/queue" -name 'id:*' 2>/dev/null | wc -l)" -gt 5 ] && [ -f "$1/fuzzer_stats" ]
}

hashes() {
	find "$@" -name 'id:*' -exec sha256sum {} + | cut -d ' ' -f 1 | sort -u
}

campaign_on_cluster() {
	[ -z "$node" ] || again "$node"
	until_true 600 is_idle node-1 && until_true 600 is_idle node-2
	result $? "both nodes are back"
	on_cluster slurm -n 2 -d "$work/campaign" -- --jobs 1 --seconds 20 --exchange 1 -- --target canary >"$work/campaign.txt" 2>&1 &
	submitted=$!
	two=$work/campaign/node-2/sync/node-2-main
	until_true 1200 has_inputs "$two"
	result $? "node 2 of a campaign fuzzes"
	hashes "$two/queue" >"$work/before"
	# What AFL++ would keep, so that there is a finding whatever it comes to by itself.
	printf 'mode is=5\ngive of=3\n' >"$work/wild.kfuzz"
	mkdir -p "$two/crashes"
	"$KFAIL" fuzz --target canary --assemble --out "$two/crashes/id:000077" "$work/wild.kfuzz"
	node=$(node_of_2)
	kill_node "$node"
	until_true 600 is_gone
	result $? "the node loses its power: $node"
	again "$node"
	wait $submitted
	status=$?
	[ $status = 1 ]
	result $? "the whole has the status of its findings: $status"
	grep -q "requeue job.*due to failure of node $node" "$work/slurmctld.log" &&
		[ "$(grep -c ' start: ' "$work/campaign/node-2/run/events.log")" = 2 ]
	result $? "node 2 was requeued, and went on with its folder"
	hashes "$two/queue" >"$work/after"
	[ -s "$work/before" ] && [ -z "$(comm -23 "$work/before" "$work/after")" ]
	result $? "with every input that it had: $(wc -l <"$work/before")"
	lost=0
	for finding in "$work"/campaign/node-*/findings/*/finding.json; do
		id=$(basename "$(dirname "$finding")")
		[ -f "$work/campaign/merged/findings/$id/finding.json" ] || lost=$((lost + 1))
	done
	[ $lost = 0 ] && grep -q '"kind"' "$work/campaign/result.json"
	result $? "the merged campaign has every finding"
	find "$work"/campaign/node-1/sync/node-2-main/queue "$work"/campaign/node-2/sync/node-1-main/queue -name 'id:*' 2>/dev/null |
		grep -q .
	result $? "the nodes exchanged inputs"
	on_cluster slurm -n 2 -d "$work/campaign" -- -- --target canary >"$work/out" 2>&1
	[ $? = 2 ]
	result $? "not anew in the same folder: $(head -n 1 "$work/out")"
}

# The same by an ssh that stays here.
campaign_by_ssh() {
	export SSH="$work/ssh"
	mkdir -p "$work/there"
	: >"$work/machines"
	on_cluster ssh -l alpha -d "$work/there/c" -- --jobs 1 --execs 1000 -- --target canary >"$work/ssh.txt" 2>&1
	result $? "a campaign by ssh: $(tail -n 1 "$work/ssh.txt")"
	on_cluster ssh -l alpha -d "$work/there/c" status | grep -q '^alpha-main '
	result $? "which is looked at"
	on_cluster ssh -l alpha -d "$work/there/c" stop >"$work/ssh.txt" 2>&1 && [ "$(sort -u "$work/machines")" = alpha ]
	result $? "and stopped by ssh: $(tail -n 1 "$work/ssh.txt")"
	unset SSH
}

if command -v afl-fuzz >/dev/null && [ -x "$(dirname "$KFAIL_REAL")/fuzz/kfail" ]; then
	export KFAIL="$KFAIL_REAL"
	campaign_on_cluster
	campaign_by_ssh
else
	echo "SKIPPED: a campaign on the cluster: no AFL++, or no build/fuzz/kfail (make fuzz-targets)"
fi
for words in "" "slurm -d $work/x" "slurm -n 2 -d $work/x -- --jobs 1" "ssh -d /x -- a -- b" "ssh -l a -d x stop" "nonsense -d $work/x" \
	"merge -d $work/x"; do
	# shellcheck disable=SC2086
	on_cluster $words >"$work/out" 2>&1
	[ $? = 2 ]
	result $? "wrong usage of kfail-campaign: $words: $(head -n 1 "$work/out")"
done
echo "$passed passed, $failed failed"
[ $failed = 0 ]
