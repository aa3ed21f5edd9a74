// SPDX-License-Identifier: GPL-2.0-only
/*
 * From evidence about locks to findings: names, sentences, and the list of locks that goes with a finding. The same words in both
 * modes. Called when the run is over, before the world is restored.
 */
#include "evidence.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../trace/depot.h"
#include "../trace/util.h"

#define HOST_PROGRAMS 0x500000000000ul /* from here on, on x86-64 */

static void name_stack(struct stack *stack, uint32_t handle, uint64_t caller)
{
	if (handle)
		stack_name_handle(stack, handle);
	else if (caller)
		stack_name(stack, &caller, 1, false);
}

/* ", taken by lock_board at demo.c:17", or "": nobody knows. */
static char *taken_text(const struct stack *stack)
{
	char *place, *text;

	if (!stack->count)
		return xstrdup("");
	place = verdict_place(stack);
	text = xasprintf(", taken by %s", strcmp(place, "code outside the driver")
						  ? place
						  : stack->frames[0].function);
	free(place);
	return text;
}

/* What the host's loader placed lies elsewhere in each process: the lock's name says enough of it. */
static uint64_t address_shown(uint64_t addr)
{
	return addr < HOST_PROGRAMS ? addr : 0;
}

static struct finding_lock *lock_new(struct finding *f)
{
	f->locks = xreallocarray(f->locks, f->lock_count + 1, sizeof(*f->locks));
	return memset(&f->locks[f->lock_count++], 0, sizeof(*f->locks));
}

static const char *role_text(enum lock_role role)
{
	static const char *const texts[] = {[LOCK_ROLE_WANTED] = "wanted",
					    [LOCK_ROLE_HOLDER] = "held",
					    [LOCK_ROLE_HELD] = "held"};

	return texts[role];
}

/* ---- one lock ---- */

/* What the template speaks of: the lock that is wanted, else its holder; and where the other one was taken. */
static const struct lock_told *find_role(const struct evidence *e, enum lock_role role)
{
	for (unsigned i = 0; i < e->lock_count; i++)
		if (e->locks[i].role == role)
			return &e->locks[i];
	return NULL;
}

static char *holder_text(const struct evidence *e, const struct lock_told *lock)
{
	const struct lock_told *holder = find_role(e, LOCK_ROLE_HOLDER);
	struct stack stack = {.count = 0};
	char *name, *taken, *text;

	if (!holder)
		return xstrdup("");
	name_stack(&stack, holder->lock.stack, holder->lock.caller);
	taken = taken_text(&stack);
	stack_clear(&stack);
	if (holder->class.key == lock->class.key)
		return taken;
	name = lock_class_name(&holder->class);
	text = xasprintf(" (%s %s%s)", lock_kind_name(holder->class.kind), name, taken);
	free(name);
	free(taken);
	return text;
}

void lock_fill(struct finding *f, const struct evidence *e)
{
	const struct lock_told *lock = find_role(e, LOCK_ROLE_WANTED);
	char *name, *taken;

	if (!lock)
		lock = find_role(e, LOCK_ROLE_HOLDER);
	if (!lock) {
		f->what = xstrdup(e->what);
		return;
	}
	name = lock_class_name(&lock->class);
	taken = holder_text(e, lock);
	f->what = lock_sentence(e->what, lock_kind_name(lock->class.kind), name, taken);
	free(name);
	free(taken);
}

/* ---- every finding's locks ---- */

static void append(char **text, const char *more)
{
	char *longer = xasprintf("%s%s", *text, more);

	free(*text);
	*text = longer;
}

static void append_lock(char **text, const struct finding_lock *lock, const char *before)
{
	char *taken = taken_text(&lock->taken), *more;

	/* "RCU read-side section rcu_read_lock" would say it twice. */
	if (!strcmp(lock->name, "rcu_read_lock"))
		more = xasprintf("%s%s%s", before, lock->kind, taken);
	else
		more = xasprintf("%s%s %s%s", before, lock->kind, lock->name, taken);
	append(text, more);
	free(more);
	free(taken);
}

/* One that the finding is about is also among those that are held. */
static bool is_told_before(const struct evidence *e, unsigned i)
{
	const struct lock_held *lock = &e->locks[i].lock;

	for (unsigned j = 0; j < i; j++)
		if (e->locks[j].role == LOCK_ROLE_HOLDER && e->locks[j].lock.lock == lock->lock &&
		    e->locks[j].lock.kind == lock->kind && e->locks[j].lock.caller == lock->caller)
			return true;
	return false;
}

/* In the sentence: those that are held, unless it speaks of one of them already. */
void locks_fill(struct finding *f, const struct evidence *e)
{
	const char *before = "; held: ";

	if (e->form == EVIDENCE_ORDER)
		return;
	for (unsigned i = 0; i < e->lock_count; i++) {
		const struct lock_told *told = &e->locks[i];
		struct finding_lock *lock;

		if (is_told_before(e, i))
			continue;
		lock = lock_new(f);
		lock->name = lock_class_name(&told->class);
		lock->kind = xstrdup(lock_kind_name(told->class.kind));
		lock->role = xstrdup(role_text(told->role));
		lock->addr = address_shown(told->lock.lock);
		if (told->role != LOCK_ROLE_WANTED)
			name_stack(&lock->taken, told->lock.stack, told->lock.caller);
		if (e->form != EVIDENCE_SENTENCE || told->role != LOCK_ROLE_HELD)
			continue;
		append_lock(&f->what, lock, before);
		before = ", ";
	}
}

/* ---- orders ---- */

static bool is_context(const struct lock_class *class)
{
	return class->form == CLASS_CONTEXT;
}

static char *place_of(const struct lock_place *place)
{
	struct stack stack = {.count = 0};
	char *text;

	stack_name(&stack, place->pcs, place->count, false);
	text = verdict_place(&stack);
	stack_clear(&stack);
	return text;
}

static char *full_name(const struct lock_class *class)
{
	char *name = lock_class_name(class), *text;

	text = is_context(class) ? xstrdup(name)
				 : xasprintf("%s %s", lock_kind_name(class->kind), name);
	free(name);
	return text;
}

static const char *interrupt_name(const struct lock_class *class)
{
	return class->kind == LOCK_HARDIRQ   ? "an interrupt handler"
	       : class->kind == LOCK_SOFTIRQ ? "a softirq (a timer, a tasklet, an RCU callback)"
					     : "a shrinker";
}

static const char *may_come(const struct lock_class *class)
{
	return class->kind == LOCK_RECLAIM   ? "memory is asked for that may be waited for"
	       : class->kind == LOCK_HARDIRQ ? "interrupts are enabled"
					     : "softirqs are enabled";
}

static char *edge_text(const struct lock_edge *edge)
{
	char *from = full_name(&edge->from), *to = full_name(&edge->to);
	char *at = place_of(&edge->taken_at), *text;

	if (is_context(&edge->from))
		text = xasprintf("%s is taken by %s (%s)", to, interrupt_name(&edge->from), at);
	else if (is_context(&edge->to))
		text = xasprintf("while %s is held, %s (%s)", from, may_come(&edge->to), at);
	else if (edge->to.kind == LOCK_SRCU && !edge->to_read)
		text = xasprintf("under %s, the end of all readers of %s is waited for (%s)", from,
				 to, at);
	else
		text = xasprintf("%s is taken under %s (%s)", to, from, at);
	free(from);
	free(to);
	free(at);
	return text;
}

/* lockdep's word for a lock and an interrupt; fs_reclaim is a lock like others to it. */
static bool through_interrupt(const struct lock_edge *const *cycle, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (is_context(&cycle[i]->from) && cycle[i]->from.kind != LOCK_RECLAIM)
			return true;
	return false;
}

static char *cycle_sentence(const struct lock_edge *const *cycle, unsigned n)
{
	char *text = xstrdup(through_interrupt(cycle, n) && n == 2
				     ? "inconsistent lock state: "
				     : "possible circular locking dependency: ");

	for (unsigned i = 0; i < n; i++) {
		char *edge = edge_text(cycle[i]);

		if (i)
			append(&text, i + 1 == n ? ", but " : ", ");
		append(&text, edge);
		free(edge);
	}
	append(&text, ": a deadlock that only has to happen");
	return text;
}

/* Both (all) places: of each edge where the second was taken, and where the first had been. */
static void add_edge_locks(struct finding *f, const struct lock_edge *edge)
{
	struct finding_lock *lock;
	char *other;

	if (!is_context(&edge->to)) {
		lock = lock_new(f);
		other = full_name(&edge->from);
		lock->name = lock_class_name(&edge->to);
		lock->kind = xstrdup(lock_kind_name(edge->to.kind));
		lock->role = xasprintf(is_context(&edge->from) ? "taken in %s" : "taken under %s",
				       other);
		lock->addr = address_shown(edge->to_lock);
		stack_name(&lock->taken, edge->taken_at.pcs, edge->taken_at.count, false);
		free(other);
	} else {
		lock = lock_new(f);
		lock->name = lock_class_name(&edge->from);
		lock->kind = xstrdup(lock_kind_name(edge->from.kind));
		lock->role = xasprintf("held while %s", may_come(&edge->to));
		lock->addr = address_shown(edge->from_lock);
		stack_name(&lock->taken, edge->taken_at.pcs, edge->taken_at.count, false);
	}
}

void lock_order_finding(struct finding *f, const struct lock_edge *const *cycle, unsigned n)
{
	f->kind = FINDING_LOCK_ORDER;
	f->what = cycle_sentence(cycle, n);
	for (unsigned i = 0; i < n; i++)
		add_edge_locks(f, cycle[i]);
}

void order_fill(struct finding *f, const struct evidence *e)
{
	lock_order_finding(f, e->cycle, e->cycle_length);
}
