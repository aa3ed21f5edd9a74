#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Write tests/catalogue/README.md from the sources, the table and what the kernel was seen to say (seen).
set -u
here=$(cd "$(dirname "$0")" && pwd)

about() {
	sed -n '2,/\*\//p' "$here/$1.c" | sed 's/^ \*[ 	]*//; s/\*\/$//' | awk -v word="$2: " '
		/^[A-Z][a-z]*: / { on = index($0, word) == 1; sub(/^[A-Z][a-z]*: /, "") }
		on && NF { text = text (text ? " " : "") $0 }
		END { sub(/\.$/, "", text); gsub(/\|/, "\\|", text); print text }'
}

seen() {
	awk -F '\t' -v name="$1" -v column="$2" '$1 == name && $2 == column { text = $3 }
		END { gsub(/\|/, "\\|", text); print text == "" ? "not tried" : text == "-" ? "" : text }' "$here/seen"
}

# What a cell of the table is for readers.
cell() {
	case $1 in
	-) ;;
	'?') echo "not tried" ;;
	*) echo "$1" | sed 's/:[a-z]*//g; s/,.*//' ;;
	esac
}

rows() {
	grep -v '^#' "$here/table" | while read -r name plain guard kasan valgrind; do
		[ "$name" = name ] || [ -z "$name" ] && continue
		echo "| [$name]($name.c) | $(about "$name" Bug) | $(about "$name" After) | $(cell "$plain") | $(cell "$guard") | $(cell "$kasan") | $(cell "$valgrind") | $(seen "$name" slub_debug) | $(seen "$name" kasan) | $(seen "$name" kmemleak) |"
	done
}

# How many rows say something in column $1.
count() {
	awk -F ' \\| ' -v n="$1" '{ sub(/ \|$/, "", $n); gsub(/ /, "", $n); if ($n != "" && $n != "nottried") c++ } END { print c + 0 }' "$here/rows"
}

rows >"$here/rows"
{
	sed '/^<!-- rows/,$d' "$here/intro.md"
	echo "| | of $(wc -l <"$here/rows") |"
	echo "|---|---|"
	n=4
	for column in "kfail" "kfail --guard" "kfail, built by kfail build --kasan" "kfail --valgrind" "the kernel's slub_debug and debug options" \
		"the kernel's KASAN" "the kernel's kmemleak"; do
		echo "| $column | $(count $n) |"
		n=$((n + 1))
	done
	echo
	echo "| module | bug | after | kfail | --guard | --kasan | --valgrind | slub_debug, debug options | KASAN | kmemleak |"
	echo "|---|---|---|---|---|---|---|---|---|---|"
	cat "$here/rows"
} >"$here/README.md"
rm -f "$here/rows"
