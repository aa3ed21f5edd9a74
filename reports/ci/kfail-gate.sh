#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# A CI gate for kernel modules: sweep each of them and be red when anything is wrong. Copy this file and canary.c into your
# project.
#
#	kfail-gate.sh [MODULE ...] [-- SWEEP-OPTION ...]
#
# MODULE is foo.ko (or foo.c, in native mode), or bar.ko,foo.ko where foo.ko, which is judged, needs bar.ko. Options go to
# every `kfail sweep`. Variables:
#
#	KFAIL_MODULES          modules, separated by blanks, when none is an argument
#	KFAIL                  the program (default: kfail, by PATH)
#	KFAIL_ARTIFACTS        where NAME.xml (JUnit), NAME.sarif, NAME.json and NAME.txt go (default: kfail-artifacts)
#	KFAIL_ACCEPTED         the file of findings that you live with until a day (`kfail sweep --accepted`)
#	KFAIL_CANARY           the positive control: canary.ko or canary.c. Default: canary.c beside this script, built
#	                       with the headers of the first module's kernel (KDIR, when they are in no usual place)
#	KFAIL_CANARY_OPTIONS   options for it, in the place of those of the modules
#	GITHUB_ACTIONS=true    print annotations too (GitHub sets it)
#
# The control comes first: when kfail does not find the canary's leak, nothing that it says means anything. Each verdict is then
# checked against the reports that belong to it, so that a crash or a full disk is not taken for silence.
#
# Status, the first that applies: 4 kfail failed, or the control was not found; 2 wrong usage or input; 1 findings;
# 3 something was not judged; 0 every module is clean.
set -u
here=$(cd "$(dirname "$0")" && pwd)
kfail=${KFAIL:-kfail}
artifacts=${KFAIL_ARTIFACTS:-kfail-artifacts}
github=${GITHUB_ACTIONS:-false}
# What `kfail replay ID` needs is kept with the reports.
export KFAIL_STORE="${KFAIL_STORE:-$artifacts/results.db}"
failed=0 usage=0 findings=0 unjudged=0

say() {
	echo "kfail-gate: $*"
}

# A red sentence, shown on the pages of GitHub too.
red() {
	say "$*" >&2
	[ "$github" != true ] || echo "::error title=kfail gate::$*"
}

die() {
	status=$1
	shift
	red "$*"
	exit "$status"
}

# The kernel that a module was built for; nothing for a source.
vermagic() {
	[ "${1%.c}" != "$1" ] || tr '\000' '\n' <"$1" | sed -n 's/^vermagic=\([^ ]*\).*/\1/p' | head -n 1
}

headers_of() {
	for directory in "${KDIR:-}" "/lib/modules/$1/build" "/usr/src/linux-headers-$1" \
		"${KFAIL_CACHE:-$HOME/.cache/kfail}/kernel/$1/usr/src/linux-headers-$1"; do
		[ ! -f "$directory/Module.symvers" ] || { echo "$directory" && return; }
	done
}

# Set $canary to a control of the same kind as the module: a .ko, or a source for native mode.
choose_canary() {
	canary=${KFAIL_CANARY:-}
	[ -z "$canary" ] || return 0
	canary=$here/canary.c
	[ -f "$canary" ] || die 2 "there is no $canary; set KFAIL_CANARY to a module with a known leak"
	[ "${1%.c}" = "$1" ] || return 0
	version=$(vermagic "$1")
	headers=$(headers_of "$version")
	[ -n "$headers" ] ||
		die 2 "no headers of kernel \"$version\" to build the control with: set KDIR, or KFAIL_CANARY to a canary.ko"
	mkdir -p "$work/canary" && cp "$canary" "$work/canary/" && echo 'obj-m := canary.o' >"$work/canary/Kbuild"
	make -C "$headers" M="$work/canary" modules >"$work/log" 2>&1 || {
		tail -n 20 "$work/log"
		die 4 "the control cannot be built with $headers; set KFAIL_CANARY to a canary.ko"
	}
	canary=$work/canary/canary.ko
}

positive_control() {
	choose_canary "$1"
	shift
	# shellcheck disable=SC2086 # options, by words
	[ -z "${KFAIL_CANARY_OPTIONS+set}" ] || set -- $KFAIL_CANARY_OPTIONS
	"$kfail" sweep --json "$work/canary.json" "$canary" "$@" >"$work/canary.txt" 2>&1
	status=$?
	if [ $status = 1 ] && grep -q '"kind": "leak"' "$work/canary.json"; then
		say "the control is found: ${canary##*/} leaks"
		return
	fi
	cat "$work/canary.txt"
	[ $status != 2 ] || die 2 "kfail did not take the control: $(tail -n 1 "$work/canary.txt")"
	die 4 "the control is not found: $kfail ended with status $status and reported no leak in $canary, so its verdicts mean nothing"
}

# A name for a module's reports that no other module has.
name_of() {
	base=${1##*[,/]} base=${base%.ko} base=${base%.c} name=$base n=1
	while [ -e "$artifacts/$name.txt" ]; do
		n=$((n + 1)) name=$base-$n
	done
}

# The status that kfail ended with and its reports say the same?
reports_agree() {
	case $1 in
	0) word=clean ;;
	1) word=findings ;;
	3) word=not-judged ;;
	*) return 0 ;;
	esac
	grep -q "^  \"status\": \"$word\"" "$artifacts/$name.json" 2>/dev/null &&
		grep -q '</testsuites>' "$artifacts/$name.xml" 2>/dev/null &&
		grep -q '"version": "2.1.0"' "$artifacts/$name.sarif" 2>/dev/null
}

judge() {
	module=$1
	shift
	name_of "$module"
	# Files and options of the gate come first: behind a "--" among the options all is the module's.
	[ "$github" != true ] || set -- --annotate "$@"
	[ -z "${KFAIL_ACCEPTED:-}" ] || set -- --accepted "$KFAIL_ACCEPTED" "$@"
	IFS=,
	# shellcheck disable=SC2086 # files, separated by commas
	set -- $module "$@"
	unset IFS
	"$kfail" sweep --json "$artifacts/$name.json" --junit "$artifacts/$name.xml" \
		--sarif "$artifacts/$name.sarif" "$@" >"$artifacts/$name.txt" 2>&1
	status=$?
	cat "$artifacts/$name.txt"
	reports_agree $status || {
		red "$module: kfail ended with status $status, but its reports in $artifacts do not say so"
		status=4
	}
	count "$module" $status
}

count() {
	case $2 in
	0) verdict=clean ;;
	1) verdict=findings findings=1 ;;
	2) verdict="wrong usage or input" usage=1 ;;
	3) verdict="not judged" unjudged=1 ;;
	*) verdict="kfail failed (status $2)" failed=1 ;;
	esac
	echo "$1: $verdict" >>"$work/verdicts"
	[ "$2" = 0 ] || red "$1: $verdict"
}

# ---- the arguments: modules, then "--" and options ----

case ${1:-} in
-h | --help)
	sed -n '3,/^set -u/s/^# \{0,1\}//p' "$0"
	exit 0
	;;
esac
work=$(mktemp -d) || die 4 "no temporary directory"
trap 'rm -rf "$work"' EXIT
: >"$work/modules"
while [ $# -gt 0 ] && [ "$1" != -- ]; do
	case $1 in
	-*) die 2 "what is \"$1\"? Options of kfail sweep stand behind \"--\"" ;;
	esac
	echo "$1" >>"$work/modules"
	shift
done
[ $# = 0 ] || shift
# shellcheck disable=SC2086 # separated by blanks
[ -s "$work/modules" ] || [ -z "${KFAIL_MODULES:-}" ] || printf '%s\n' $KFAIL_MODULES >"$work/modules"
[ -s "$work/modules" ] || die 2 "no module to judge: name them as arguments, or in KFAIL_MODULES"
command -v "$kfail" >/dev/null || die 4 "there is no $kfail; set KFAIL to the program"

while read -r module; do
	[ -f "${module##*,}" ] || die 2 "there is no module ${module##*,}"
done <"$work/modules"

# Reports of an earlier run are not this one's; and files of anybody else are not to be removed.
mkdir -p "$artifacts" || die 4 "cannot write to $artifacts"
[ -f "$artifacts/.kfail-gate" ] || [ -z "$(ls -A "$artifacts")" ] ||
	die 2 "$artifacts holds other files; KFAIL_ARTIFACTS wants a directory of its own"
: >"$artifacts/.kfail-gate" || die 4 "cannot write to $artifacts"
rm -f "$artifacts"/*.txt "$artifacts"/*.json "$artifacts"/*.xml "$artifacts"/*.sarif \
	"$artifacts"/results.db*

first=$(head -n 1 "$work/modules")
positive_control "${first##*,}" "$@"
while read -r module <&3; do
	judge "$module" "$@"
done 3<"$work/modules"

say "verdicts (reports are in $artifacts):"
sed 's/^/  /' "$work/verdicts"
[ $failed = 0 ] || exit 4
[ $usage = 0 ] || exit 2
[ $findings = 0 ] || exit 1
[ $unjudged = 0 ] || exit 3
exit 0
