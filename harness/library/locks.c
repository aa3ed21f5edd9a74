// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a program learns of its locks, in the place of the judge of locks (harness/judge/locks.h): misuse of one lock, where it
 * happens. The order of locks is a question for a sweep, which sees many runs: nobody asks it here.
 */
#include "library.h"

#include <stdio.h>
#include <stdlib.h>
#include "../judge/judge.h"
#include "../judge/locks.h"
#include "../native/runtime.h"

#define HELD_MAX 16u

/* The lock of which was told that a release of another enabled interrupts: its own release says it once more. */
static _Thread_local uint64_t told_early;

static void tell(enum finding_kind kind, const char *template, const struct lock_held *lock,
		 const struct lock_held *other)
{
	char name[32], taken[320] = "", place[256];
	char *text;

	snprintf(name, sizeof(name), "at %#lx", (unsigned long)lock->lock);
	if (other)
		snprintf(taken, sizeof(taken), ", taken at %s",
			 native_symbol(other->caller, place, sizeof(place)));
	text = lock_sentence(template, lock_kind_name(lock->kind), name, taken);
	judge_note(kind, "%s", text);
	free(text);
}

void locks_taken(const struct lock_held *taken)
{
}

/* Who waits for ever is told of by native_die(). */
void locks_wrong(enum lock_wrong what, const struct lock_held *wanted, const struct lock_held *held)
{
	if (what == LOCK_READ_AGAIN)
		tell(FINDING_LOCK_ORDER,
		     "possible recursive locking: %K %N is taken for reading by a task that reads "
		     "already%T",
		     wanted, held);
}

uint64_t locks_releases(const struct lock_held *lock, enum lock_release how, bool irqs_on)
{
	struct lock_held held[HELD_MAX];
	unsigned n = native_held_locks(held, HELD_MAX);
	struct lock_release_fault fault =
		lock_check_release(lock, how, irqs_on, held, n < HELD_MAX ? n : HELD_MAX);

	if (!fault.what || (fault.is_late && told_early == lock->lock))
		return fault.heir;
	if (fault.other)
		told_early = fault.other->lock;
	tell(FINDING_CONTEXT, fault.what, lock, fault.other);
	return 0;
}
