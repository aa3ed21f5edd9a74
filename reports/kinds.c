// SPDX-License-Identifier: GPL-2.0-only
/*
 * The words of each kind: a table, since all of it is text.
 */
#include "kinds.h"

static const struct kind_words words[FINDING_NR_KINDS] = {
	[FINDING_NULL_DEREFERENCE] =
		{"NULL dereference",
		 "A NULL pointer was used. Usually the result of an allocation is not checked, or "
		 "an error path runs before a field was set."},
	[FINDING_WILD_ACCESS] =
		{"Access to memory that is not there",
		 "A pointer led to no memory at all: an ERR_PTR that was taken for a pointer, a "
		 "field that was never set, or one that something else had overwritten."},
	[FINDING_BUG] = {"BUG() was reached",
			 "The kernel or the driver hit a BUG(), or an instruction that cannot be "
			 "executed. On a real machine the task dies here, with its locks held."},
	[FINDING_HANG] = {"The operation does not end",
			  "It loops without end, or waits for something that nobody will do: look "
			  "for a retry without a limit, or a lock that an error path keeps."},
	[FINDING_LEAK] = {"Memory is not freed",
			  "Memory is still allocated when the operation has failed, or when the "
			  "module is gone. The error path lacks a step, or takes them in the wrong "
			  "order."},
	[FINDING_RESOURCE_LEAK] =
		{"Something registered is left",
		 "A device, a class, an irq, a timer, a thread or the like is left behind, and may "
		 "call code that is gone. The error path lacks the step that takes it back."},
	[FINDING_DOUBLE_FREE] = {"Memory is freed twice",
				 "Two steps of an error path free the same memory, or it is freed "
				 "both there and by whoever was called."},
	[FINDING_INVALID_FREE] =
		{"A pointer is freed that was not allocated",
		 "Freed by the wrong function or from the wrong cache, into the middle of an "
		 "object, or a pointer that was never set."},
	[FINDING_USE_AFTER_FREE] =
		{"Freed memory is used",
		 "Memory is read or written after it was freed: often a list or a callback that "
		 "still points to what the error path has freed."},
	[FINDING_OUT_OF_BOUNDS] = {"Access behind or before an object",
				   "Memory outside of the size that was asked for was written or "
				   "read."},
	[FINDING_CORRUPTION] = {"The allocators' own data is damaged",
				"Something wrote where nothing of it was: a free list or a header "
				"is no longer what the allocator left there."},
	[FINDING_SLEEP_IN_ATOMIC] = {"A call that may sleep, in atomic context",
				     "With a spin lock held, interrupts off, or inside RCU: use "
				     "GFP_ATOMIC, or allocate before."},
	[FINDING_LOCK_IMBALANCE] = {"A lock is left held, or released twice",
				    "An error path leaves without unlocking, or unlocks what it "
				    "did not lock."},
	[FINDING_CONTEXT] = {"A call that is not allowed in this context",
			     "As vfree() in interrupt context, or freeing memory that holds a "
			     "lock that is taken."},
	[FINDING_WRONG_RETURN] = {"The failure is not reported properly",
				  "The operation failed and said something else than a negative "
				  "errno: success, a positive number, or garbage."},
	[FINDING_RETRY_FAILED] =
		{"The operation fails when it is tried again",
		 "After a failure, the same operation fails without any refusal: something of the "
		 "first try is left."},
	[FINDING_NONDETERMINISM] = {"Two equal runs differ",
				    "A run without refusals, or up to the refusal, did not make "
				    "the same requests as the one before."},
	[FINDING_WARNING] = {"A WARN() was reached",
			     "The kernel or the driver complained about a state that should not "
			     "be."},
	[FINDING_STACK_OVERFLOW] = {"The kernel stack overflows",
				    "More than the kernel's 16 KiB of stack were used."},
	[FINDING_LOCK_ORDER] =
		{"Locks are taken in an order that can deadlock",
		 "Two paths take the same locks in different orders, or a lock that an interrupt "
		 "or a shrinker takes is held where one may come. It need not have happened yet."},
	[FINDING_CHECK] = {"The scenario's own check failed",
			   "The driver does something else than the scenario program expects of "
			   "it."},
	[FINDING_UNINITIALISED_VALUE] =
		{"Memory is used that was never initialised",
		 "A decision, an address, or what user space gets to see depends on memory that "
		 "was allocated and not written to: set the field, or allocate with __GFP_ZERO."},
};

const struct kind_words *kind_words(enum finding_kind kind)
{
	static const struct kind_words unknown = {"Something is wrong", "See the message."};

	if ((unsigned)kind >= FINDING_NR_KINDS || !words[kind].title)
		return &unknown;
	return &words[kind];
}
