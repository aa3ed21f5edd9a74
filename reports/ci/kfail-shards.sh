#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# One sweep on many machines: N shards, each with a store of its own in a folder that all machines share, then merged into
# one result.
#
#	kfail-shards.sh slurm    -n SHARDS -d DIRECTORY [-o SBATCH-OPTION ...] -- SWEEP-ARGUMENT ...
#	kfail-shards.sh parallel -n SHARDS -d DIRECTORY [-l SSHLOGINFILE] [-o PARALLEL-OPTION ...] -- SWEEP-ARGUMENT ...
#	kfail-shards.sh merge    -d DIRECTORY
#
# `slurm` submits an array job, a task for each shard, and a job that merges when all have ended; it waits for that one and
# prints its report. `parallel` does the same with GNU parallel, over ssh to the machines of SSHLOGINFILE, or here. Arguments are
# those of `kfail sweep`; the current directory, kfail (KFAIL, default: by PATH) and the module must be at the same
# place on every machine.
#
# A shard that is interrupted (a node that dies, a time limit, a preemption) is begun again by the scheduler and resumes its
# store; one that had ended is not run twice. Without arguments, a DIRECTORY that is there is gone on with: only shards that
# have not ended are run. DIRECTORY then holds
#
#	plan                         the sweep: sourced by each shard
#	shard-I.db .log .ended       store and output of a shard; the last when it has ended, with its status
#	merged.db                    all of them
#	result.txt .json .xml .sarif status     the result
#
# Status: that of `kfail sweep` for the whole (0 clean, 1 findings, 3 something, or a whole shard, was not judged);
# 2 wrong usage; 4 kfail or the scheduler failed.
set -u

die() {
	status=$1
	shift
	echo "kfail-shards: $*" >&2
	exit "$status"
}

usage() {
	die 2 "$1; see the head of $0"
}

# A word as a shell reads it back.
quote() {
	printf "'%s' " "$(printf '%s\n' "$1" | sed "s/'/'\\\\''/g")"
}

# Write the plan, so that a shard needs nothing but the folder.
write_plan() {
	{
		echo "shards=$shards"
		echo "kfail=$(quote "$(command -v "${KFAIL:-kfail}")")"
		echo "export KFAIL_CACHE=$(quote "${KFAIL_CACHE:-$HOME/.cache/kfail}")"
		echo "cd $(quote "$PWD") || exit 4"
		printf 'set -- '
		for word in "$@"; do quote "$word"; done
		echo
	} >"$folder/plan.new" && mv "$folder/plan.new" "$folder/plan"
}

# ---- on every machine ----

sweep_shard() {
	"$kfail" sweep --store "$mine.db" --shard "$shard/$shards" "$@" >>"$mine.log" 2>&1
}

# Run shard $1, or what is left of it.
run_shard() {
	shard=$1
	mine=$folder/shard-$shard
	[ ! -f "$mine.ended" ] || exit 0
	kfail=
	# shellcheck source=/dev/null
	. "$folder/plan"
	[ -z "${SLURM_CPUS_PER_TASK:-}" ] || set -- --jobs "$SLURM_CPUS_PER_TASK" "$@"
	status=2
	if [ -s "$mine.db" ]; then
		sweep_shard --resume "$@"
		status=$?
	fi
	# 2: it was interrupted before there was anything to resume; or it is wrong, and will be again.
	if [ $status = 2 ]; then
		sweep_shard "$@"
		status=$?
	fi
	case $status in
	# The verdict is in the store; for the scheduler, this shard is done.
	0 | 1 | 3)
		echo $status >"$mine.new" || die 4 "cannot write to $folder"
		mv "$mine.new" "$mine.ended" || die 4 "cannot write to $folder"
		exit 0
		;;
	esac
	tail -n 3 "$mine.log" >&2
	exit $status
}

# ---- where it is merged ----

left() {
	i=0
	while [ $((i += 1)) -le "$shards" ]; do
		[ -f "$folder/shard-$i.ended" ] || echo $i
	done
}

merge() {
	kfail=
	# shellcheck source=/dev/null
	. "$folder/plan"
	unended=$(left | paste -s -d ' ' -)
	set --
	for store in "$folder"/shard-*.db; do
		[ ! -s "$store" ] || set -- "$@" "$store"
	done
	[ $# -gt 0 ] || finish 4 "no shard has begun; $folder/shard-*.log and slurm-*.log say why"
	rm -f "$folder"/merged.db*
	"$kfail" merge "$folder/merged.db" "$@"
	status=$?
	# Wrong input, or kfail failed; otherwise the report says the rest.
	case $status in
	0 | 1 | 3) ;;
	*) finish 4 "the stores of $folder cannot be merged" ;;
	esac
	"$kfail" report --store "$folder/merged.db" --json "$folder/result.json" --junit "$folder/result.xml" \
		--sarif "$folder/result.sarif" >"$folder/result.txt" 2>&1
	reported=$?
	cat "$folder/result.txt"
	[ $reported = $status ] || finish 4 "the report of $folder/merged.db ended with status $reported, merging with $status"
	[ -z "$unended" ] || echo "kfail-shards: not ended: shard $unended; the same command without arguments, with -d $folder, goes on"
	[ $status != 0 ] || [ -z "$unended" ] || status=3
	finish $status
}

# finish STATUS [SENTENCE]: the status of the whole goes into the folder too.
finish() {
	[ -z "${2:-}" ] || echo "kfail-shards: $2" >&2
	echo "$1" >"$folder/status"
	exit "$1"
}

# The status that merging ended with, wherever that was.
conclude() {
	[ ! -f "$folder/merge.log" ] || cat "$folder/merge.log"
	[ -f "$folder/status" ] || die 4 "the merging job did not end properly; see $folder/merge.log"
	exit "$(cat "$folder/status")"
}

# ---- the schedulers ----

command_line() {
	printf 'exec sh %s %s -d %s' "$(quote "$folder/kfail-shards.sh")" "$1" "$(quote "$folder")"
}

submit_slurm() {
	command -v sbatch >/dev/null || die 4 "there is no sbatch here"
	numbers=$(left | paste -s -d , -)
	rm -f "$folder/status" "$folder/merge.log"
	if [ -n "$numbers" ]; then
		# shellcheck disable=SC2086 # options
		array=$(sbatch --parsable --job-name=kfail --array="$numbers" --requeue --open-mode=append \
			--output="$folder/slurm-%a.log" $options --wrap="$(command_line shard) -i \$SLURM_ARRAY_TASK_ID") ||
			die 4 "sbatch refused the array job"
		options="$options --dependency=afterany:${array%%;*}"
		echo "kfail-shards: job ${array%%;*}, tasks $numbers" >&2
	fi
	# Its status is that of the job, and 1 when it cannot be submitted: the file tells them apart.
	# shellcheck disable=SC2086
	sbatch --wait --quiet --job-name=kfail-merge --requeue --output="$folder/merge.log" $options \
		--wrap="$(command_line merge)"
	conclude
}

run_parallel() {
	command -v parallel >/dev/null || die 4 "there is no GNU parallel here"
	[ -z "$hosts" ] || options="--sshloginfile $hosts $options"
	rm -f "$folder/status" "$folder/merge.log"
	# A shard that fails is tried again, on another machine if there is one.
	# shellcheck disable=SC2086 # options
	left | parallel --will-cite --retries 3 --joblog "$folder/joblog" $options \
		"$(command_line shard) -i {}" >"$folder/parallel.log" 2>&1
	sh "$folder/kfail-shards.sh" merge -d "$folder"
	exit $?
}

# ---- the command line ----

[ $# -gt 0 ] || usage "slurm, parallel or merge?"
command=$1 shards='' folder='' hosts='' options='' number=''
shift
while getopts n:d:l:o:i: letter; do
	case $letter in
	n) shards=$OPTARG ;;
	d) folder=$OPTARG ;;
	l) hosts=$OPTARG ;;
	o) options="$options $OPTARG" ;;
	i) number=$OPTARG ;;
	*) usage "wrong options" ;;
	esac
done
shift $((OPTIND - 1))
[ -n "$folder" ] || usage "no -d DIRECTORY"
case $command in
slurm | parallel) ;;
shard) run_shard "$number" ;;
merge)
	[ -f "$folder/plan" ] || die 2 "$folder holds no sweep"
	folder=$(cd "$folder" && pwd)
	shards=$(sed -n 's/^shards=//p' "$folder/plan")
	merge
	;;
*) usage "what is \"$command\"?" ;;
esac

if [ $# -gt 0 ]; then
	case $shards in
	'' | 0 | *[!0-9]*) usage "-n wants the number of shards" ;;
	esac
	command -v "${KFAIL:-kfail}" >/dev/null || die 4 "there is no ${KFAIL:-kfail}; set KFAIL to the program"
	mkdir -p "$folder" || die 4 "cannot make $folder"
	[ ! -f "$folder/plan" ] || die 2 "$folder holds a sweep already: go on with it without arguments, or take another"
	folder=$(cd "$folder" && pwd)
	cp "$0" "$folder/kfail-shards.sh" || die 4 "cannot write to $folder"
	write_plan "$@" || die 4 "cannot write to $folder"
else
	[ -f "$folder/plan" ] || usage "no arguments for kfail sweep, and $folder holds no sweep to go on with"
	folder=$(cd "$folder" && pwd)
	shards=$(sed -n 's/^shards=//p' "$folder/plan")
fi
[ "$command" = slurm ] && submit_slurm
run_parallel
