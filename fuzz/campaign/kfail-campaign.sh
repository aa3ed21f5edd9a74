#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# One campaign on many machines: each has a folder of its own, and fetches what the main instances
# of the others found.
#
#	kfail-campaign.sh slurm -n NODES -d DIRECTORY [-o SBATCH-OPTION ...] -- START-ARGUMENT ... -- WORDS OF kfail fuzz ...
#	kfail-campaign.sh merge -d DIRECTORY
#	kfail-campaign.sh ssh   -l HOST,HOST,... -d DIRECTORY [-w WORK-DIRECTORY] -- START-ARGUMENT ... -- WORDS OF kfail fuzz ...
#	kfail-campaign.sh ssh   -l HOST,HOST,... -d DIRECTORY status|stop|merge
#
# `slurm` submits an array job, a task for each node, which runs `kfail campaign start
# DIRECTORY/node-I --foreground`, and a job that merges when all have ended; it waits for that one
# and prints its report. DIRECTORY, the current directory and kfail (KFAIL, default: by PATH) must
# be at the same place on every machine. A node that dies is begun again by the scheduler and goes
# on with its folder; when a task is to end by itself, give --seconds. Without arguments, a
# DIRECTORY that is there is gone on with.
#
# `ssh` starts a campaign in DIRECTORY of each host, in the directory WORK-DIRECTORY there (default:
# the current one); it runs until `stop`. `merge` fetches the folders of all hosts into
# DIRECTORY/HOST here, and reports.
#
# After merging, DIRECTORY holds (beside the folders of the nodes)
#
#	merged/                      a campaign's folder: the inputs and findings of all; `kfail campaign start` can go on with it
#	result.txt .json .xml .sarif status     the report of it
#
# Status: that of `kfail campaign report` for the whole (0 clean, 1 findings, 3 something was not
# judged, or a node never ran); 2 wrong usage; 4 kfail or the scheduler failed.
set -u

die() {
	status=$1
	shift
	echo "kfail-campaign: $*" >&2
	exit "$status"
}

usage() {
	die 2 "$1; see the head of $0"
}

# A word as a shell reads it back.
quote() {
	printf "'%s' " "$(printf '%s\n' "$1" | sed "s/'/'\\\\''/g")"
}

quote_all() {
	for word in "$@"; do quote "$word"; done
}

# Write the plan, so that a task needs nothing but the folder.
write_plan() {
	{
		echo "nodes=$nodes"
		echo "kfail=$(quote "$(command -v "${KFAIL:-kfail}")")"
		echo "export KFAIL_CACHE=$(quote "${KFAIL_CACHE:-$HOME/.cache/kfail}")"
		echo "cd $(quote "$PWD") || exit 4"
		echo "set -- $(quote_all "$@")"
	} >"$folder/plan.new" && mv "$folder/plan.new" "$folder/plan"
}

# ---- on every machine of a cluster ----

# Run node $1, or go on with it. Its findings are not the scheduler's business.
run_node() {
	node=$1
	kfail=
	# shellcheck source=/dev/null
	. "$folder/plan"
	# A folder that was begun has its words.
	if [ -f "$folder/node-$node/campaign.json" ]; then
		# shellcheck disable=SC2046 # options without blanks
		"$kfail" campaign start "$folder/node-$node" --foreground $(ends "$@")
	else
		"$kfail" campaign start "$folder/node-$node" --foreground --node "node-$node" \
			--peer "$folder/node-*" "$@"
	fi
	status=$?
	case $status in
	0 | 1 | 3) exit 0 ;;
	esac
	exit $status
}

# The options of a start that are of one run, and not of the folder: each on its own, as no value of
# them has blanks.
ends() {
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		case $1 in
		--seconds=* | --execs=* | --until-finding) echo "$1" ;;
		--seconds | --execs) [ $# -lt 2 ] || echo "$1=$2" ;;
		esac
		shift
	done
}

# ---- where it is merged ----

# finish STATUS [SENTENCE]: the status of the whole goes into the folder too.
finish() {
	[ -z "${2:-}" ] || echo "kfail-campaign: $2" >&2
	echo "$1" >"$folder/status"
	exit "$1"
}

# The first folder's copy takes what the others have. All folders of nodes as arguments.
merge_all() {
	[ $# -gt 0 ] || finish 4 "no node has begun"
	rm -rf "$folder/merged"
	cp -R "$1" "$folder/merged" || finish 4 "cannot write to $folder"
	rm -f "$folder/merged/run/supervisor.pid"
	shift
	if [ $# -gt 0 ]; then
		"$kfail" campaign merge "$folder/merged" "$@" || finish 4 "the folders of $folder cannot be merged"
	fi
	"$kfail" campaign report "$folder/merged" --json "$folder/result.json" --junit "$folder/result.xml" \
		--sarif "$folder/result.sarif" >"$folder/result.txt" 2>&1
	status=$?
	cat "$folder/result.txt"
	finish $status
}

merge_cluster() {
	kfail=
	# shellcheck source=/dev/null
	. "$folder/plan"
	set --
	i=0
	missing=''
	while [ $((i += 1)) -le "$nodes" ]; do
		if [ -f "$folder/node-$i/campaign.json" ]; then
			set -- "$@" "$folder/node-$i"
		else
			missing="$missing $i"
		fi
	done
	[ -z "$missing" ] || echo "kfail-campaign: never begun: node$missing"
	if [ -n "$missing" ]; then
		status=$( (merge_all "$@") >&2; echo $?)
		[ "$status" != 0 ] || status=3
		finish "$status"
	fi
	merge_all "$@"
}

# ---- slurm ----

command_line() {
	printf 'exec sh %s %s -d %s' "$(quote "$folder/kfail-campaign.sh")" "$1" "$(quote "$folder")"
}

submit_slurm() {
	command -v sbatch >/dev/null || die 4 "there is no sbatch here"
	rm -f "$folder/status" "$folder/merge.log"
	# shellcheck disable=SC2086 # options
	array=$(sbatch --parsable --job-name=kfail-campaign --array="1-$nodes" --requeue --open-mode=append \
		--output="$folder/slurm-%a.log" $options --wrap="$(command_line node) -i \$SLURM_ARRAY_TASK_ID") ||
		die 4 "sbatch refused the array job"
	echo "kfail-campaign: job ${array%%;*}, tasks 1-$nodes" >&2
	# Its status is that of the job, and 1 when it cannot be submitted: the file tells them
	# apart.
	# shellcheck disable=SC2086
	sbatch --wait --quiet --job-name=kfail-merge --requeue --output="$folder/merge.log" $options \
		--dependency="afterany:${array%%;*}" --wrap="$(command_line merge)"
	[ ! -f "$folder/merge.log" ] || cat "$folder/merge.log"
	[ -f "$folder/status" ] || die 4 "the merging job did not end properly; see $folder/merge.log"
	exit "$(cat "$folder/status")"
}

# ---- ssh ----

# On each host: KFAIL WORDS...; a host that fails is told.
on_hosts() {
	worst=0
	for host in $(echo "$hosts" | tr , ' '); do
		echo "== $host"
		# shellcheck disable=SC2029 # it is to be expanded here
		${SSH:-ssh} "$host" "cd $(quote "$there") && $(quote "${KFAIL:-kfail}") $(quote_all "$@")$(peers_of "$host")" ||
			{ worst=$? && echo "kfail-campaign: $host: status $worst" >&2; }
	done
	return $worst
}

# The others, for a start; nothing for all else.
peers_of() {
	[ "$starting" = yes ] || return 0
	for other in $(echo "$hosts" | tr , ' '); do
		[ "$other" = "$1" ] || quote "--peer=$other:$folder"
	done
	quote "--node=$(echo "$1" | tr -c 'A-Za-z0-9_\n-' _ | cut -c 1-32)"
	printf -- '-- '
	quote_all_words
}

quote_all_words() {
	printf '%s' "$fuzz_words"
}

run_ssh() {
	starting=no fuzz_words=''
	case ${1:-} in
	status | stop)
		on_hosts campaign "$1" "$folder"
		exit $?
		;;
	merge)
		kfail=${KFAIL:-kfail}
		set --
		mkdir -p "$folder" || die 4 "cannot make $folder"
		for host in $(echo "$hosts" | tr , ' '); do
			rsync -r --times --delete --rsh="${SSH:-ssh}" "$host:$folder/" "$folder/host-$host/" ||
				die 4 "$host: its folder cannot be fetched"
			set -- "$@" "$folder/host-$host"
		done
		merge_all "$@"
		;;
	esac
	# Before the second -- are options of start, behind it are words of fuzz.
	options=''
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		options="$options$(quote "$1")"
		shift
	done
	[ $# -gt 1 ] || usage "what is fuzzed? -- START-ARGUMENT ... -- WORDS"
	shift
	fuzz_words=$(quote_all "$@") starting=yes
	eval "on_hosts campaign start $(quote "$folder") $options"
	exit $?
}

# ---- the command line ----

[ $# -gt 0 ] || usage "slurm, ssh or merge?"
command=$1 nodes='' folder='' hosts='' options='' number='' there=$PWD
shift
while getopts n:d:l:o:i:w: letter; do
	case $letter in
	n) nodes=$OPTARG ;;
	d) folder=$OPTARG ;;
	l) hosts=$OPTARG ;;
	o) options="$options $OPTARG" ;;
	i) number=$OPTARG ;;
	w) there=$OPTARG ;;
	*) usage "wrong options" ;;
	esac
done
shift $((OPTIND - 1))
[ -n "$folder" ] || usage "no -d DIRECTORY"
case $command in
slurm) ;;
node) run_node "$number" ;;
ssh)
	[ -n "$hosts" ] || usage "ssh wants -l HOST,HOST,..."
	[ $# -gt 0 ] || usage "what is to be done on the hosts?"
	case $folder in
	/*) ;;
	*) usage "the folder on the hosts, $folder, does not begin with /" ;;
	esac
	run_ssh "$@"
	;;
merge)
	[ -f "$folder/plan" ] || die 2 "$folder holds no campaign"
	folder=$(cd "$folder" && pwd)
	nodes=$(sed -n 's/^nodes=//p' "$folder/plan")
	merge_cluster
	;;
*) usage "what is \"$command\"?" ;;
esac

if [ $# -gt 0 ]; then
	case $nodes in
	'' | 0 | *[!0-9]*) usage "-n wants the number of nodes" ;;
	esac
	case " $* " in
	*" -- "*) ;;
	*) usage "what is fuzzed? -- START-ARGUMENT ... -- WORDS" ;;
	esac
	command -v "${KFAIL:-kfail}" >/dev/null || die 4 "there is no ${KFAIL:-kfail}; set KFAIL to the program"
	mkdir -p "$folder" || die 4 "cannot make $folder"
	[ ! -f "$folder/plan" ] || die 2 "$folder holds a campaign already: go on with it without arguments, or take another"
	folder=$(cd "$folder" && pwd)
	cp "$0" "$folder/kfail-campaign.sh" || die 4 "cannot write to $folder"
	write_plan "$@" || die 4 "cannot write to $folder"
else
	[ -f "$folder/plan" ] || usage "no arguments, and $folder holds no campaign to go on with"
	folder=$(cd "$folder" && pwd)
	nodes=$(sed -n 's/^nodes=//p' "$folder/plan")
fi
submit_slurm
