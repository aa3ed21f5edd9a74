// SPDX-License-Identifier: GPL-2.0-only
/* Copies from and to user memory; a user's address here is one of the process, like that of a
 * constant. */
#include <linux/fs.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "check.h"

static char user[32] = "from the user";

static int show(struct seq_file *file, void *unused)
{
	seq_puts(file, "shown\n");
	return 0;
}

static void copies(void)
{
	char *p = kmalloc(32, GFP_KERNEL), *q;
	int value = 0;

	CHECK(!copy_from_user(p, user, 14) && !strcmp(p, "from the user"));
	CHECK(copy_from_user(p, NULL, 8) == 8 && !memchr_inv(p, 0, 8));
	CHECK(copy_from_user(p, (void __user *)0x7ffffffff000, 8) == 8); /* never mapped */
	CHECK(copy_to_user(p, user, 4) == 4); /* memory of the kernel is no user's */
	CHECK(put_user(7, (int __user *)user) == 0 && get_user(value, (int __user *)user) == 0);
	CHECK(value == 7 && get_user(value, (int __user *)8) == -EFAULT && value == 0);
	CHECK(clear_user(user, sizeof(user)) == 0 && !user[0]);
	q = memdup_user(user, sizeof(user));
	CHECK(!IS_ERR(q));
	kfree(q);
	CHECK(PTR_ERR(memdup_user(NULL, 8)) == -EFAULT);
	CHECK(strncpy_from_user(p, "abc", 32) == 3 && !strcmp(p, "abc"));
	q = strndup_user("abcdef", 32);
	CHECK(!IS_ERR(q) && !strcmp(q, "abcdef"));
	kfree(q);
	kfree(p);
}

static void files(void)
{
	struct inode inode = {.i_private = NULL};
	struct file file = {.f_pos = 0};
	loff_t pos = 0;

	CHECK(simple_read_from_buffer(user, 4, &pos, "abcdef", 6) == 4 && pos == 4);
	CHECK(simple_read_from_buffer(user, 4, &pos, "abcdef", 6) == 2);
	CHECK(simple_read_from_buffer(user, 4, &pos, "abcdef", 6) == 0);
	pos = 0;
	CHECK(!single_open(&file, show, NULL));
	CHECK(seq_read(&file, user, sizeof(user), &pos) == 6 && !memcmp(user, "shown\n", 6));
	CHECK(!single_release(&inode, &file));
}

/* A copy in kmap_atomic(), which disables page faults, does not sleep. */
static void atomic_copies(void)
{
	struct page *page = alloc_page(GFP_KERNEL);
	char *p = kmap_atomic(page), c = 1;

	CHECK(pagefault_disabled());
	CHECK(!copy_from_user(p, &c, 1) && *p == 1);
	CHECK(__copy_from_user_inatomic(p, NULL, 1) == 1);
	kunmap_atomic(p);
	CHECK(!pagefault_disabled());
	__free_page(page);
}

static void all(void)
{
	copies();
	atomic_copies();
	files();
}

CHECKED_DRIVER(all);
