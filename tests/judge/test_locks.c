// SPDX-License-Identifier: GPL-2.0-only
/*
 * The judge of locks: the table of held locks is a toy here, and so is every lock; the rules are the real ones.
 *
 *	held[]:  | oldest | ... | newest |	taking pushes and tells, giving pops
 */
#include "suites.h"

#include <string.h>
#include "../../harness/judge/evidence.h"

#define HELD_MAX 8

static struct lock_held held[HELD_MAX];
static uint32_t held_count;
static int list_lock, count_lock, other_lock;

static unsigned fake_held(struct lock_held *out, unsigned max)
{
	for (uint32_t i = 0; i < held_count && i < max; i++)
		out[i] = held[i];
	return held_count;
}

static void attach(void)
{
	locks_attach(&(struct lock_eyes){.held = fake_held, .count = &held_count});
	held_count = 0;
}

static void detach(void)
{
	locks_attach(&(struct lock_eyes){.count = NULL});
}

static __attribute__((noinline)) void take(const void *lock, enum lock_kind kind, unsigned flags)
{
	held[held_count++] = (struct lock_held){.lock = (uint64_t)lock,
						.caller = (uint64_t)__builtin_return_address(0),
						.kind = (uint8_t)kind,
						.flags = (uint8_t)(flags | LOCK_DRIVER)};
	locks_taken(&held[held_count - 1]);
}

static void give(unsigned n)
{
	held_count -= n;
}

/* first, then second under it. */
static void take_both(const void *first, const void *second, unsigned flags)
{
	take(first, LOCK_MUTEX, flags);
	take(second, LOCK_MUTEX, flags);
	give(2);
}

static void run_locks(int64_t (*init)(void))
{
	attach();
	judge_run(init, "");
	detach();
}

/* ---- order ---- */

DRIVER static int64_t init_two_orders(void)
{
	take_both(&list_lock, &count_lock, 0);
	take_both(&count_lock, &list_lock, 0);
	STAY();
	return 0;
}

/* Expect one finding with both locks, both places, and lockdep's words. */
static void test_two_orders(void)
{
	const struct finding *f;

	run_locks(init_two_orders);
	f = the_finding(FINDING_LOCK_ORDER);
	CU_ASSERT(says(f, "possible circular locking dependency"));
	CU_ASSERT_EQUAL_FATAL(f->lock_count, 2);
	CU_ASSERT(stack_has(&f->locks[0].taken, "init_two_orders"));
	CU_ASSERT(stack_has(&f->locks[1].taken, "init_two_orders"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(f->kernel_report);
	CU_ASSERT_PTR_NOT_NULL(
		strstr(f->kernel_report, "WARNING: possible circular locking dependency detected"));
}

DRIVER static int64_t init_three(void)
{
	take_both(&list_lock, &count_lock, 0);
	take_both(&count_lock, &other_lock, 0);
	take_both(&other_lock, &list_lock, 0);
	STAY();
	return 0;
}

static void test_three(void)
{
	run_locks(init_three);
	CU_ASSERT_EQUAL(the_finding(FINDING_LOCK_ORDER)->lock_count, 3);
}

DRIVER static int64_t init_correct(void)
{
	take_both(&list_lock, &count_lock, 0);
	take_both(&list_lock, &count_lock, 0);
	/* A trylock waits for nobody; readers do not wait for each other. */
	take_both(&count_lock, &list_lock, LOCK_TRIED);
	take(&other_lock, LOCK_RWSEM, LOCK_READER);
	take(&list_lock, LOCK_MUTEX, 0);
	give(2);
	take(&list_lock, LOCK_MUTEX, 0);
	take(&other_lock, LOCK_RWSEM, LOCK_READER);
	give(2);
	/* list, count, list again (another one, nested): the middle one is not before the first. */
	take(&list_lock, LOCK_MUTEX, 0);
	take(&count_lock, LOCK_MUTEX, 0);
	take(&list_lock, LOCK_MUTEX, 0);
	give(3);
	STAY();
	return 0;
}

static void test_correct(void)
{
	run_locks(init_correct);
	no_finding();
}

DRIVER static int64_t init_reader_and_writer(void)
{
	take(&other_lock, LOCK_RWSEM, LOCK_READER);
	take(&list_lock, LOCK_MUTEX, 0);
	give(2);
	take(&list_lock, LOCK_MUTEX, 0);
	take(&other_lock, LOCK_RWSEM, 0);
	give(2);
	STAY();
	return 0;
}

static void test_reader_and_writer(void)
{
	run_locks(init_reader_and_writer);
	the_finding(FINDING_LOCK_ORDER);
}

/* ---- contexts as nodes ---- */

DRIVER static int64_t init_interrupt(void)
{
	take(&list_lock, LOCK_SPIN, LOCK_IRQS_WERE_ON);
	give(1);
	fake_context.preempt_count = 0x10000;
	fake_context.irqs_disabled = true;
	take(&list_lock, LOCK_SPIN, 0);
	give(1);
	fake_context.preempt_count = 0;
	fake_context.irqs_disabled = false;
	STAY();
	return 0;
}

static void test_interrupt(void)
{
	const struct finding *f;

	run_locks(init_interrupt);
	f = the_finding(FINDING_LOCK_ORDER);
	CU_ASSERT(says(f, "inconsistent lock state"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(f->kernel_report);
	CU_ASSERT_PTR_NOT_NULL(
		strstr(f->kernel_report, "inconsistent {HARDIRQ-ON-W} -> {IN-HARDIRQ-W} usage."));
}

DRIVER static int64_t init_interrupt_safe(void)
{
	take(&list_lock, LOCK_SPIN, LOCK_IRQS_WERE_ON | LOCK_IRQ | LOCK_SAVED);
	give(1);
	fake_context.preempt_count = 0x10000;
	take(&list_lock, LOCK_SPIN, 0);
	give(1);
	fake_context.preempt_count = 0;
	STAY();
	return 0;
}

static void test_interrupt_safe(void)
{
	run_locks(init_interrupt_safe);
	no_finding();
}

/* An interrupt takes L while the task that it has interrupted holds M: no order. */
DRIVER static int64_t init_outside(void)
{
	take(&count_lock, LOCK_MUTEX, 0);
	held[0].flags |= LOCK_OUTSIDE;
	fake_context.preempt_count = 0x100;
	take(&list_lock, LOCK_SPIN, 0);
	give(2);
	fake_context.preempt_count = 0;
	take_both(&list_lock, &count_lock, 0);
	STAY();
	return 0;
}

static void test_outside(void)
{
	run_locks(init_outside);
	no_finding();
}

DRIVER static int64_t init_reclaim(void)
{
	take(&list_lock, LOCK_MUTEX, 0);
	kfree(kmalloc(64, GFP_KERNEL));
	give(1);
	locks_shrinker(true);
	take(&list_lock, LOCK_MUTEX, 0);
	give(1);
	locks_shrinker(false);
	STAY();
	return 0;
}

static void test_reclaim(void)
{
	run_locks(init_reclaim);
	CU_ASSERT(says(the_finding(FINDING_LOCK_ORDER), "a shrinker"));
}

/* ---- by itself ---- */

DRIVER static int64_t init_freed(void)
{
	char *p = kmalloc(64, GFP_KERNEL);

	take(p + 16, LOCK_MUTEX, 0);
	kfree(p);
	give(1);
	STAY();
	return 0;
}

static void test_freed(void)
{
	const struct finding *f;

	run_locks(init_freed);
	f = the_finding(FINDING_CONTEXT);
	CU_ASSERT(says(f, "held lock freed"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(f->kernel_report);
	CU_ASSERT_PTR_NOT_NULL(strstr(f->kernel_report, "WARNING: held lock freed!"));
}

DRIVER static int64_t init_flags(void)
{
	take(&list_lock, LOCK_SPIN, LOCK_IRQS_WERE_ON | LOCK_IRQ | LOCK_SAVED);
	locks_releases(&held[0], LOCK_RESTORE_OFF, false);
	give(1);
	STAY();
	return 0;
}

static void test_flags(void)
{
	run_locks(init_flags);
	CU_ASSERT(says(the_finding(FINDING_CONTEXT), "wrong flags restored"));
}

/* Hand over hand: the first is released with the second's flags, and the second inherits the first's. */
DRIVER static int64_t init_swapped(void)
{
	take(&list_lock, LOCK_SPIN, LOCK_IRQS_WERE_ON | LOCK_IRQ | LOCK_SAVED);
	take(&count_lock, LOCK_SPIN, LOCK_IRQ | LOCK_SAVED);
	CU_ASSERT_EQUAL(locks_releases(&held[0], LOCK_RESTORE_OFF, false), (uint64_t)&count_lock);
	give(2);
	STAY();
	return 0;
}

static void test_swapped(void)
{
	run_locks(init_swapped);
	no_finding();
}

DRIVER static int64_t init_early(void)
{
	take(&list_lock, LOCK_SPIN, LOCK_IRQS_WERE_ON | LOCK_IRQ | LOCK_SAVED);
	take(&count_lock, LOCK_SPIN, LOCK_IRQ);
	locks_releases(&held[1], LOCK_RELEASE_IRQ, false);
	give(1);
	/* A consequence, which is not told again. */
	locks_releases(&held[0], LOCK_RESTORE_ON, true);
	give(1);
	STAY();
	return 0;
}

static void test_early(void)
{
	run_locks(init_early);
	CU_ASSERT(says(the_finding(FINDING_CONTEXT), "enables interrupts while another lock"));
}

DRIVER static int64_t init_asleep(void)
{
	const struct target_context c = {.preempt_count = 1};

	take(&list_lock, LOCK_SPIN, LOCK_IRQS_WERE_ON);
	judge_sleep_in_atomic("mutex_lock", &c);
	give(1);
	STAY();
	return 0;
}

/* Expect kfail's sentence with the lock that is held, and the kernel's report with "1 lock held by". */
static void test_held_in_report(void)
{
	const struct finding *f;

	run_locks(init_asleep);
	f = the_finding(FINDING_SLEEP_IN_ATOMIC);
	CU_ASSERT(says(f, "held: spinlock"));
	CU_ASSERT_PTR_NOT_NULL_FATAL(f->kernel_report);
	CU_ASSERT_PTR_NOT_NULL(
		strstr(f->kernel_report, "BUG: sleeping function called from invalid context at "));
	CU_ASSERT_PTR_NOT_NULL(strstr(f->kernel_report, "\n1 lock held by "));
	CU_ASSERT_PTR_NOT_NULL(strstr(f->kernel_report, "\n #0: "));
}

/* ---- semaphores ---- */

/* The semaphore lies in memory that is freed, is taken in two orders, and is inside when init comes back. */
DRIVER static int64_t init_semaphore(void)
{
	void *semaphore = kmalloc(64, GFP_KERNEL);

	take(semaphore, LOCK_SEMAPHORE, LOCK_UNORDERED);
	take(&list_lock, LOCK_MUTEX, 0);
	give(2);
	take(&list_lock, LOCK_MUTEX, 0);
	take(semaphore, LOCK_SEMAPHORE, LOCK_UNORDERED);
	give(2);
	take(semaphore, LOCK_SEMAPHORE, LOCK_UNORDERED);
	kfree(semaphore);
	CU_ASSERT_TRUE(judge_check_held("init"));
	STAY();
	return 0;
}

/* Expect no rule about locks to hold for what nobody owns. */
static void test_semaphore(void)
{
	run_locks(init_semaphore);
	no_finding();
}

DRIVER static int64_t init_sleep_in_semaphore(void)
{
	void *p;

	take(&other_lock, LOCK_SEMAPHORE, LOCK_UNORDERED);
	spin_lock();
	p = kmalloc(64, GFP_KERNEL);
	spin_unlock();
	give(1);
	kfree(p);
	STAY();
	return 0;
}

/* Expect a report about something else to say who is inside, and since where. */
static void test_semaphore_is_shown(void)
{
	const struct finding *f;

	run_locks(init_sleep_in_semaphore);
	f = the_finding(FINDING_SLEEP_IN_ATOMIC);
	CU_ASSERT_EQUAL_FATAL(f->lock_count, 1);
	CU_ASSERT_STRING_EQUAL(f->locks[0].kind, "semaphore");
	CU_ASSERT(stack_has(&f->locks[0].taken, "init_sleep_in_semaphore"));
}

CU_TestInfo lock_tests[] = {
	{"semaphore", test_semaphore},
	{"semaphore is shown", test_semaphore_is_shown},
	{"two orders", test_two_orders},
	{"three locks in a ring", test_three},
	{"correct orders", test_correct},
	{"a reader and a writer", test_reader_and_writer},
	{"an interrupt", test_interrupt},
	{"interrupts off", test_interrupt_safe},
	{"what an interrupt has interrupted", test_outside},
	{"a shrinker", test_reclaim},
	{"held lock freed", test_freed},
	{"wrong flags", test_flags},
	{"hand over hand", test_swapped},
	{"interrupts on too early", test_early},
	{"locks in a report", test_held_in_report},
	CU_TEST_INFO_NULL,
};
