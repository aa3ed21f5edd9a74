# SPDX-License-Identifier: GPL-2.0-only
#
# What did the kernel say first in one part of the log of a boot (kernel.sh)? Lines "catalogue: WORD" of init.c are where the
# parts begin. Variables: `part` is twin or bug; `column` kmemleak counts only what kmemleak itself says.

/^catalogue: / {
	on = $2 == part || (on && $2 !~ /^(twin|bug|end)$/)
	reached = reached || $2 == part
	ended = ended || $2 == "end"
	next
}
!on || said || /loading out-of-tree module/ { next }
/^unreferenced object/ { said = "unreferenced object " $4 " " $5; sub(/:$/, "", said); next }
column == "kmemleak" { next }
/^BUG: KASAN: / { said = "KASAN: " $3; next }
/^BUG: |^WARNING: |^INFO: task |^ODEBUG: |^kernel BUG at |^DEBUG_LOCKS_WARN_ON|^usercopy: |^Kernel panic|^list_(add|del) corruption|^refcount_t: |^pagealloc: |^sysfs: cannot create|busy$/ {
	said = $0
	sub(/CPU: [0-9]+ PID: [0-9]+ at /, "", said)
	sub(/\+0x.*|addr 0x.*|; .*/, "", said)
	next
}
/^BUG .*: / {
	said = $0
	sub(/ \([^)]*\)/, "", said)
	sub(/^BUG /, "SLUB: ", said)
}
END {
	if (!said && !reached)
		said = "not reached"
	if (!said && !ended && part == "bug" && column != "kmemleak")
		said = "hangs, and says nothing"
	print said ? said : "-"
}
