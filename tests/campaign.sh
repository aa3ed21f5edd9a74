#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# kfail campaign, with real AFL++ on the target `canary`, whose bugs are known: start, status, stop,
# going on, crashes that become findings, merge, minimise, peers, a supervisor that is killed, and
# every kind of bad input. Ends with "N passed, N failed"; status 77: AFL++, or the kfail that it
# drives, is not here.
#
#	tests/campaign.sh		needs afl-fuzz, and build/fuzz/kfail (make fuzz-targets)
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/lib.sh
. "$root/tests/lib.sh"
passed=0 failed=0

skip() {
	echo "SKIPPED: tests/campaign.sh: $1"
	echo "0 passed, 0 failed"
	exit $SKIP
}

program=$(dirname "$KFAIL")/fuzz/kfail
asan=$(dirname "$KFAIL")/fuzz-asan/kfail
command -v afl-fuzz >/dev/null || skip "there is no afl-fuzz (package afl++)"
command -v rsync >/dev/null || skip "there is no rsync"
[ -x "$program" ] || skip "there is no $program (make fuzz-targets)"
work=$(mktemp -d) || exit
stop_all() {
	for folder in "$work"/*/campaign.json; do
		[ ! -f "$folder" ] || timeout 60 "$KFAIL" campaign stop "${folder%/*}" >/dev/null 2>&1
	done
	rm -rf "$work"
}
trap stop_all EXIT
trap 'exit 1' INT TERM
cd "$work" || exit

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

campaign() {
	timeout 240 "$KFAIL" campaign "$@"
}

# number FILE KEY: the first of this name in JSON as status writes it.
number() {
	sed -n "s/^ *\"$2\": \\([-0-9.e+]*\\),\\{0,1\\}\$/\\1/p" "$1" | tail -n 1
}

# A line for each instance of this campaign that lives.
instances() {
	pgrep -f "afl-fuzz.*-o $work/$1/sync "
}

is_idle() {
	! instances "$1" && campaign status "$1" | grep -q 'not running'
}

input() {
	"$KFAIL" fuzz --target canary --assemble --out "$2" "$1" || fail "no input from $1"
}

# ---- inputs that show the bugs, with more calls than they need ----

cat >leak.kfuzz <<'TEXT'
mode is=1
take to=0 size=16
give of=0
mode is=3
take to=3 size=100
take to=4 size=33
give of=7
take to=5 size=500
take to=6 size=1
refuse 5,9x3
TEXT
sed 's/size=500/size=77/; s/give of=7/give of=6/' leak.kfuzz >leak-2.kfuzz
printf 'mode is=4\ntake to=1 size=9\nmode is=5\ntake to=2\ngive of=2\ngive of=2\n' >wild.kfuzz
printf 'mode is=6\ntake to=4\ntake to=1\ntake to=2\ntake to=3\nrefuse 4\n' >hang.kfuzz
printf 'mode is=1\ntake to=4 size=3\n' >clean.kfuzz
printf 'mode is=7\ngive of=3\n' >behind.kfuzz
mkdir seeds && cp "$root/corpus/canary/seed.kfuzz" seeds/

# ---- triage by itself ----

mkdir -p kept/crashes kept/hangs
input leak.kfuzz kept/crashes/id:000000
input leak-2.kfuzz kept/crashes/id:000001
input wild.kfuzz kept/crashes/id:000002
input clean.kfuzz kept/crashes/id:000003
input clean.kfuzz kept/hangs/id:000000
"$KFAIL" fuzz --target canary --triage found kept/crashes/id* >triage.txt
[ $? = 1 ] && [ "$(sed 's/.*id:[0-9]*: \([a-z-]*\).*/\1/' triage.txt | paste -s -d ' ')" = "new known new not-judged" ]
result $? "triage: two findings, one of them twice, and a crash that does not repeat"
leak=$(sed -n 's/.*: new \([0-9a-f]*\): leak.*/\1/p' triage.txt)
printf '# leak: the canary: a slot is forgotten when a request is refused\nmode is=3\ntake to=0 size=0\ntake to=1 size=0\ntake to=2 size=0\nrefuse 3\n' |
	cmp - "found/$leak/minimised.kfuzz"
result $? "the leak's smallest input: three requests, one mode, one refusal"
"$KFAIL" fuzz --target canary --run "found/$leak/minimised" >replay.txt
[ $? = 1 ] && grep -q "id $leak" replay.txt
result $? "which shows the same finding"
line=$(sed -n 's/^ *replay: //p' "found/$leak/report.txt")
[ "$line" = "kfail fuzz --target canary --run $work/found/$leak/minimised" ]
result $? "and is what its report replays: $line"
wild=$(sed -n 's/.*: new \([0-9a-f]*\): wild-access.*/\1/p' triage.txt)
[ "$(grep -v '^#' "found/$wild/minimised.kfuzz" | paste -s -d ' ')" = "mode is=5 give of=0" ]
result $? "the smallest input of a death"
"$KFAIL" fuzz --target canary --triage found kept/crashes/id:000000 kept/hangs/id:000000 >again.txt
[ $? = 1 ] && grep -q "000000: new $leak: the same bytes" again.txt && grep -q 'hangs/id:000000: clean' again.txt
result $? "what was looked at is not looked at again; a slow input that is clean is no hang"
"$KFAIL" fuzz --target canary --triage /dev/null/found leak.kfuzz 2>err.txt
[ $? = 4 ] && grep -q '/dev/null/found' err.txt
result $? "findings that cannot be kept: $(cat err.txt)"

# ---- a campaign from beginning to end ----

campaign start one --jobs 2 --node a --execs 2000 --input seeds -- --target canary >start.txt 2>&1
result $? "start: $(head -n 1 start.txt)"
until_true 1200 is_idle one
result $? "both instances end by themselves"
campaign status one --json status.json >status.txt
[ "$(number status.json execs)" -ge 4000 ] && [ "$(number status.json corpus)" -ge 1 ] && grep -q '^a-s1 ' status.txt
result $? "status: $(grep '^all ' status.txt)"
grep -q '"stability": 100.0' status.json
result $? "stable"
mkdir -p one/sync/a-main/crashes one/sync/a-s1/hangs
cp kept/crashes/id:00000[0-3] one/sync/a-main/crashes/
input hang.kfuzz one/sync/a-s1/hangs/id:000009
campaign report one --json r.json --junit r.xml --sarif r.sarif --regress regress >report.txt 2>&1
[ $? = 1 ]
result $? "report: $(grep '^findings:' report.txt)"
for kind in leak wild-access hang; do
	[ "$(grep -c "^FINDING .*  $kind  " report.txt)" = 1 ]
	result $? "$kind is found, once"
done
grep -q '1 other input' report.txt && grep -q 'not judged: .*does not repeat' report.txt
result $? "with how many inputs show it, and what does not repeat"
grep -q '"kind": "leak"' r.json && grep -q '"version": "2.1.0"' r.sarif && grep -q '<failure' r.xml
result $? "as JSON, SARIF and JUnit"
"$KFAIL" report --store one/results.db >stored.txt 2>&1
[ $? = 1 ] && grep -q "id $leak" stored.txt
result $? "and in the store"
[ "$(wc -l <regress/list)" = "$(find regress -name '*.kfuzz' | wc -l)" ] && grep -q "^$leak.kfuzz clean # leak: " regress/list
result $? "a regression of each finding, to be clean when it is mended"
campaign report one --regress regress >/dev/null 2>&1
[ "$(grep -c "^$leak" regress/list)" = 1 ]
result $? "each once"

# ---- going on, two at once, and being killed ----

before=$(find one/sync/a-main/queue -name 'id:*' | wc -l)
campaign start one >again.txt 2>&1
result $? "it is gone on with: $(cat again.txt)"
[ "$(find one/sync/a-main/queue -name 'id:*' | wc -l)" -ge "$before" ]
result $? "with all its inputs"
campaign start one >twice.txt 2>&1
[ $? = 2 ] && grep -q 'running already' twice.txt
result $? "not twice at once: $(cat twice.txt)"
campaign minimise one >twice.txt 2>&1
[ $? = 2 ] && grep -q 'stop it before' twice.txt
result $? "nor minimised meanwhile"
kill -KILL "$(cut -d ' ' -f 1 one/run/supervisor.pid)"
until_true 300 is_idle one
result $? "when its supervisor is killed, nobody goes on in its folder"
campaign start one --jobs 3 >again.txt 2>&1
result $? "and it can be gone on with, by more: $(cat again.txt)"
campaign stop one >stop.txt 2>&1 && is_idle one
result $? "stop: $(cat stop.txt)"
campaign stop one | grep -q 'is not running'
result $? "stop of one that is not running"

# ---- found by AFL++ itself ----

campaign start two --jobs 2 --node b --input seeds --until-finding --seconds 200 --foreground -- --target canary >two.txt 2>&1
[ $? = 1 ] && grep -q '^FINDING 1' two.txt
result $? "AFL++ finds a bug of the canary: $(grep '^FINDING 1' two.txt)"
ls two/findings/*/minimised.kfuzz >/dev/null
result $? "which is triaged as it comes"

# ---- inputs of several campaigns ----

campaign merge one two >merge.txt 2>&1
result $? "merge: $(cat merge.txt)"
campaign merge one two >merge.txt 2>&1 && grep -q ': 0 inputs and 0 findings' merge.txt
result $? "merging again changes nothing"
campaign minimise two --corpus text >minimise.txt 2>&1
result $? "minimise: $(cat minimise.txt)"
"$KFAIL" fuzz --target canary --run text/*.kfuzz >/dev/null
result $? "the minimised inputs are clean, and text"
campaign start three --jobs 1 --node c --input seeds --execs 500 --exchange 1 --peer "$work/o*e" --peer /nowhere \
	--foreground -- --target canary >three.txt 2>&1
find three/sync/a-main/queue -name 'id:*' | grep -q . && grep -q '/nowhere.*does not answer' three/run/exchange.log
result $? "the queue of a peer's main instance is fetched; one that does not answer is told"

# ---- only AddressSanitizer sees it ----

if [ -x "$asan" ]; then
	campaign start four --jobs 3 --node d --execs 200 --input seeds --foreground -- --target canary >four.txt 2>&1
	mkdir -p four/sync/d-s2/crashes
	input behind.kfuzz four/sync/d-s2/crashes/id:000077
	campaign report four >four.txt 2>&1
	[ $? = 1 ] && grep -q "replay: .*fuzz-asan/kfail fuzz --target" four.txt
	result $? "a crash of the instance with AddressSanitizer: $(grep 'replay: .*asan' four.txt)"
fi

# ---- bad input ----

# wrong STATUS WORDS... -- ARGUMENTS: one sentence with these words.
wrong() {
	status=$1 name=$2 words=$3
	shift 3
	campaign "$@" >out.txt 2>err.txt
	got=$?
	good=0
	[ $got = "$status" ] && [ "$(grep -c '^kfail: ' err.txt)" = 1 ] || good=1
	for word in $words; do
		grep -q -e "$word" err.txt || good=1
	done
	result $good "$name: $(head -n 1 err.txt)"
}

wrong 2 "no such campaign" "gone campaign" status gone
wrong 2 "no such campaign to report" "gone" report gone
wrong 2 "nothing to fuzz" "target" start new
wrong 2 "no such target" "nonsense" start new --input seeds -- --target nonsense
wrong 2 "other words" "something else canary" start one -- --target allocator
wrong 2 "another name" "called" start one --node z
wrong 2 "seeds of one that has them" "--input" start one --input seeds
wrong 2 "no seeds" "empty" start new --input "$work/empty" -- --target canary
wrong 2 "a name that AFL++ does not take" "--node letters" start new --node 'a b' -- --target canary
wrong 2 "an option of another subcommand" "start" status one --seconds 3
wrong 2 "no subcommand" "nonsense start" nonsense one
wrong 2 "a word too many" "more" status one more
wrong 2 "merging nothing" "merge" merge one
wrong 2 "merging into itself" "itself" merge one one
wrong 2 "no program" "--program gone" start new --program gone -- --target canary
wrong 2 "a program that AFL++ cannot drive" "kfail fuzz-targets" start new --input seeds --program "$KFAIL" -- --target canary
printf 'take to=1\ntake at=1\n' >bad.kfuzz && mkdir bad && cp bad.kfuzz bad/
wrong 2 "a seed that is wrong" "bad.kfuzz:2" start new2 --input bad -- --target canary
mkdir damaged && printf '{"kfail": 1' >damaged/campaign.json
wrong 2 "a damaged campaign" "damaged campaign.json" status damaged
sed 's/canary/nothing/' one/campaign.json >other.json && mkdir other && mv other.json other/campaign.json
wrong 2 "merging another target" "other nothing canary" merge one other
# shellcheck disable=SC2016 # for the script that is made
printf '#!/bin/sh\nPATH=/nonexistent exec "%s" "$@"\n' "$KFAIL" >bare && chmod +x bare
whole=$KFAIL KFAIL=$work/bare
wrong 2 "no AFL++" "afl-fuzz afl++" start new3 --input seeds --program "$program" -- --target canary
KFAIL=$whole
(
	ulimit -f 0
	timeout 60 "$KFAIL" campaign start full --input seeds -- --target canary 2>"/dev/fd/3"
) 3>&1 >/dev/null | cat >full.txt
grep -q 'large' full.txt
result $? "a disk that is full: $(head -n 1 full.txt)"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
