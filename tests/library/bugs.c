// SPDX-License-Identifier: GPL-2.0-only
/*
 * One bug for each word of the command line, for tests/install.sh. Everything before it is correct.
 */
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static void *volatile kept;

static noinline void *make(size_t size)
{
	char *p = kmalloc(size, GFP_KERNEL);

	memset(p, 1, size);
	return p;
}

static void leak(void)
{
	kept = make(100);
	kept = vmalloc(5000);
	kept = NULL;
}

static void double_free(void)
{
	kept = make(100);
	kfree(kept);
	kfree(kept);
}

static void overflow(void)
{
	char *p = make(100);

	*(volatile char *)(p + 100) = 1;
	kfree(p);
}

static void late_write(void)
{
	char *p = make(100);

	kfree(p);
	*(volatile char *)p = 2;
}

static void wrong_family(void)
{
	kept = make(100);
	vfree(kept);
}

static void atomic_sleep(void)
{
	DEFINE_SPINLOCK(lock);

	spin_lock(&lock);
	kfree(make(100));
	spin_unlock(&lock);
}

/* Nothing wrong, for any sanitizer: memory goes from thread to thread through the allocator alone. */
static void *churn(void *arg)
{
	struct kmem_cache *cache = arg;
	void *objects[64] = {0};

	for (unsigned i = 0; i < 20000; i++) {
		unsigned at = (i * 7) % 64;
		bool cached = at & 1;

		if (objects[at] && cached)
			kmem_cache_free(cache, objects[at]);
		else
			kfree(objects[at]);
		objects[at] = cached ? kmem_cache_alloc(cache, GFP_KERNEL)
				     : kmalloc(i % 3000 + 1, GFP_KERNEL);
		memset(objects[at], (int)i, cached ? 200 : i % 3000 + 1);
	}
	for (unsigned at = 0; at < 64; at++)
		if (at & 1)
			kmem_cache_free(cache, objects[at]);
		else
			kfree(objects[at]);
	return NULL;
}

static void threads(void)
{
	struct kmem_cache *cache = kmem_cache_create("churn", 200, 0, 0, NULL);
	pthread_t thread[4];

	for (int i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, churn, cache);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	kmem_cache_destroy(cache);
}

/* For MemorySanitizer: memory that nobody has written decides what happens. */
static void uninitialised(void)
{
	char *p = kmalloc(100, GFP_KERNEL);

	if (p[50])
		puts("set");
	kfree(p);
}

/* The same with memory that is cleared: nothing wrong. */
static void initialised(void)
{
	char *p = kzalloc(100, GFP_KERNEL);

	if (p[50])
		puts("set");
	kfree(p);
}

static int shared;

static void *touch(void *arg)
{
	++*(int *)arg;
	return NULL;
}

/* For ThreadSanitizer: one object, two threads, no lock. */
static void race(void)
{
	int *counter = kzalloc(sizeof(*counter), GFP_KERNEL);
	pthread_t thread[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, touch, counter);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	shared = *counter;
	kfree(counter);
}

static const struct {
	const char *name;
	void (*run)(void);
} bugs[] = {
	{"leak", leak},
	{"double-free", double_free},
	{"overflow", overflow},
	{"late-write", late_write},
	{"wrong-family", wrong_family},
	{"atomic-sleep", atomic_sleep},
	{"threads", threads},
	{"uninitialised", uninitialised},
	{"initialised", initialised},
	{"race", race},
};

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		for (size_t k = 0; k < sizeof(bugs) / sizeof(bugs[0]); k++)
			if (!strcmp(argv[i], bugs[k].name))
				bugs[k].run();
	puts("end");
	return 0;
}
