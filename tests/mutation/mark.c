// SPDX-License-Identifier: GPL-2.0-only
/*
 * Linked with a driver's schema. Which mutant it is stands in the module itself, behind a word by which it can be found in the
 * file.
 *
 * The original says where it comes: each number is one byte at its offset of a file that the whole sweep has open as MARK_FD. A
 * module lives in an ordinary process here, and what a run leaves in its world is undone; a file of the host is not. `seen`
 * lies in the module, and so begins anew with every run.
 */
#define MARKS 65536

int kfail_is(unsigned number);

static volatile struct {
	char word[8];
	unsigned number;
} mutant = {{'K', 'F', 'M', 'U', 'T', 'A', 'N', 'T'}, 0};
static unsigned char seen[MARKS];

static void mark(unsigned number)
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

int kfail_is(unsigned number)
{
	if (!mutant.number)
		mark(number);
	return number == mutant.number;
}
