// SPDX-License-Identifier: GPL-2.0-only
/* Dies in the way that the parameter names, inside die(). */
#include <linux/bug.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

static char *how = "";
module_param(how, charp, 0);

struct board {
	char pad[24];
	int *counter;
	struct list_head node;
};

static DEFINE_SPINLOCK(lock);
static DEFINE_MUTEX(mutex);
static DECLARE_COMPLETION(never);
static volatile unsigned long sink;
static struct board *volatile nothing;
static char big[1 << 20];

static void on_work(struct work_struct *work)
{
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
}

static DECLARE_WORK(work, on_work);

static unsigned long count(struct shrinker *shrinker, struct shrink_control *sc)
{
	return 1000;
}

/* Waits for itself. */
static unsigned long scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	unregister_shrinker(shrinker);
	return SHRINK_STOP;
}

static struct shrinker shrinker = {
	.count_objects = count, .scan_objects = scan, .seeks = DEFAULT_SEEKS};

static noinline int recurse(int n)
{
	volatile char frame[512];

	frame[n & 511] = n;
	return recurse(n + 1) + frame[0];
}

static void memory_deaths(void)
{
	void (*volatile nowhere)(void) = NULL;
	u64 __percpu *volatile cookie = NULL;
	struct board *board;
	char *area;

	if (!strcmp(how, "null-read"))
		sink = (unsigned long)nothing->counter;
	if (!strcmp(how, "null-write"))
		nothing->counter = NULL;
	if (!strcmp(how, "null-call"))
		nowhere();
	if (!strcmp(how, "null-libc"))
		sink = strlen((const char *)nothing);
	if (!strcmp(how, "null-percpu"))
		this_cpu_inc(*cookie);
	if (!strcmp(how, "wild"))
		sink = *(volatile long *)0x123456789000;
	if (!strcmp(how, "err-ptr"))
		sink = *(volatile long *)ERR_PTR(-ENOMEM);
	if (!strcmp(how, "constant"))
		*(volatile char *)"read only" = 1;
	if (!strcmp(how, "freed-pointer")) {
		board = kmalloc(sizeof(*board), GFP_KERNEL);
		kfree(board);
		sink = *READ_ONCE(board->counter);
	}
	if (!strcmp(how, "new-pointer")) {
		board = kmalloc(sizeof(*board), GFP_KERNEL);
		sink = *READ_ONCE(board->counter);
	}
	if (!strcmp(how, "used-pointer")) { /* in memory that others have had before */
		for (unsigned int i = 0; i < 5000; i++)
			kfree(kmalloc(sizeof(*board), GFP_KERNEL));
		board = kmalloc(sizeof(*board), GFP_KERNEL);
		sink = *READ_ONCE(board->counter);
	}
	if (!strcmp(how, "freed-area") || !strcmp(how, "behind-area")) {
		area = vmalloc(5000);
		if (!strcmp(how, "behind-area"))
			WRITE_ONCE(area[8192], 1);
		vfree(area);
		WRITE_ONCE(area[100], 1);
	}
	if (!strcmp(how, "stack"))
		sink = recurse(0);
}

static void own_deaths(void)
{
	struct list_head head, entry;

	if (!strcmp(how, "bug"))
		BUG();
	if (!strcmp(how, "panic"))
		panic("out of %s", "ideas");
	if (!strcmp(how, "divide"))
		sink = 100 / sink;
	if (!strcmp(how, "trap"))
		__builtin_trap();
	if (!strcmp(how, "list")) {
		INIT_LIST_HEAD(&head);
		list_add(&entry, &head);
		list_del(&entry);
		list_del(&entry);
	}
}

static void hangs(void)
{
	if (!strcmp(how, "loop"))
		for (;;)
			sink++;
	if (!strcmp(how, "api-loop"))
		for (;;)
			kfree(kmalloc(8, GFP_KERNEL));
	if (!strcmp(how, "libc-loop"))
		for (;;)
			memset(big, (int)sink, sizeof(big));
	if (!strcmp(how, "spin")) {
		spin_lock(&lock);
		spin_lock(&lock);
	}
	if (!strcmp(how, "mutex")) {
		mutex_lock(&mutex);
		mutex_lock(&mutex);
	}
	if (!strcmp(how, "completion"))
		wait_for_completion(&never);
	if (!strcmp(how, "shrinker") && !register_shrinker(&shrinker, "kfail-shrinker"))
		while (alloc_pages(GFP_KERNEL | GFP_DMA | __GFP_NOWARN | __GFP_RETRY_MAYFAIL, 8))
			;
	if (!strcmp(how, "shrinker-twice") && !register_shrinker(&shrinker, "kfail-shrinker"))
		register_shrinker(&shrinker, "kfail-shrinker");
	if (!strcmp(how, "flush")) {
		mutex_lock(&mutex);
		schedule_work(&work);
		flush_work(&work);
	}
	if (!strcmp(how, "other-flow")) {
		mutex_lock(&mutex);
		schedule_work(&work);
		msleep(1);
	}
}

static noinline void die(void)
{
	memory_deaths();
	own_deaths();
	hangs();
}

static int __init death_init(void)
{
	die();
	sink++;
	return 0;
}

module_init(death_init);
MODULE_LICENSE("GPL");
