// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linked with a driver whose lines are marked: each mark writes one byte at its number into a file that the whole sweep has
 * open as MARK_FD. A module lives in an ordinary process here, and whatever a run leaves in its world is undone; a file of the
 * host is not. `seen` lies in the module, and so begins anew with every run.
 */
#define MARKS 65536

void kfail_mark(unsigned number);

static unsigned char seen[MARKS];

void kfail_mark(unsigned number)
{
	static const char one = 1;
	register long offset asm("r10") = number;
	long result;

	if (number >= MARKS || seen[number])
		return;
	seen[number] = 1;
	asm volatile("syscall"
		     : "=a"(result)
		     : "0"(18L /* pwrite64 */), "D"((long)MARK_FD), "S"(&one), "d"(1L), "r"(offset)
		     : "rcx", "r11", "memory");
}
