// SPDX-License-Identifier: GPL-2.0
/*
 * Tells kmemleak about objects that nothing points to: one is no leak (grey), and neither is what it points to; one does not
 * matter at all (black). With the parameter bug=no_scan a buffer that does point to an object is not to be looked
 * into, so that object is a leak for a scan (--scan-every). Exit frees everything.
 *
 * Debian's kernels are built without kmemleak, and their headers make its functions nothing: here they are imported, as by a
 * module of a kernel that has them.
 */
#include <linux/init.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#if __has_include(<kfail.h>)
#include <linux/kmemleak.h>
#define not_leak kmemleak_not_leak
#define ignore	 kmemleak_ignore
#define no_scan	 kmemleak_no_scan
#else
void not_leak(const void *ptr) __asm__("kmemleak_not_leak");
void ignore(const void *ptr) __asm__("kmemleak_ignore");
void no_scan(const void *ptr) __asm__("kmemleak_no_scan");
#endif

#define SECRET 0x5a5a5a5a5a5a5a5aul

struct node {
	struct node *child;
	char data[56];
};

enum { GREY, GREY_CHILD, BLACK, BUFFER_CHILD, NODES };

static char *bug = "";
module_param(bug, charp, 0444);

static struct node *buffer;
static unsigned long hidden[NODES];

static noinline struct node *make(void)
{
	return kzalloc(sizeof(struct node), GFP_KERNEL);
}

static struct node *node(int i)
{
	return hidden[i] ? (struct node *)(hidden[i] ^ SECRET) : NULL;
}

static void free_all(void)
{
	int i;

	for (i = 0; i < NODES; i++) {
		kfree(node(i));
		hidden[i] = 0;
	}
	kfree(buffer);
}

static int make_all(void)
{
	struct node *n;
	int i;

	for (i = 0; i < NODES; i++) {
		n = make();
		if (!n)
			return -ENOMEM;
		hidden[i] = (unsigned long)n ^ SECRET;
	}
	buffer = make();
	return buffer ? 0 : -ENOMEM;
}

static int __init annotated_init(void)
{
	int error = make_all();

	if (error) {
		free_all();
		return error;
	}
	node(GREY)->child = node(GREY_CHILD);
	buffer->child = node(BUFFER_CHILD);
	not_leak(node(GREY));
	ignore(node(BLACK));
	if (!strcmp(bug, "no_scan"))
		no_scan(buffer);
	return 0;
}

static void __exit annotated_exit(void)
{
	free_all();
}

module_init(annotated_init);
module_exit(annotated_exit);
MODULE_LICENSE("GPL");
