// SPDX-License-Identifier: GPL-2.0-only
/*
 * A device whose ioctls do with the memory of the process what drivers do with it: hold its mm, count on it, give it to a
 * kernel thread; and pin its pages, which kfail has no MMU for.
 */
#include <linux/kthread.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/workqueue.h>
#include "user_memory.h"

static bool bug;
module_param(bug, bool, 0);
MODULE_PARM_DESC(bug, "what MEMORY_WORK allocates is lost when the work cannot be had");

struct use {
	struct work_struct work;
	struct mm_struct *mm;
	int __user *to;
	int error;
};

static long lock(void)
{
	mmap_read_lock(current->mm);
	mmap_read_unlock(current->mm);
	return account_locked_vm(current->mm, 1, true) ?: account_locked_vm(current->mm, 1, false);
}

/* As vhost does: what the process sees is seen by a kernel thread. */
static void write_there(struct work_struct *work)
{
	struct use *use = container_of(work, struct use, work);

	kthread_use_mm(use->mm);
	use->error = put_user(42, use->to);
	kthread_unuse_mm(use->mm);
}

static long in_a_work(int __user *to)
{
	void *log = kmalloc(64, GFP_KERNEL);
	struct use *use;
	int error;

	if (!log)
		return -ENOMEM;
	use = kzalloc(sizeof(*use), GFP_KERNEL);
	if (!use) {
		if (!bug)
			kfree(log);
		return -ENOMEM;
	}
	use->mm = get_task_mm(current);
	use->to = to;
	INIT_WORK(&use->work, write_there);
	schedule_work(&use->work);
	flush_work(&use->work);
	mmput(use->mm);
	error = use->error;
	kfree(use);
	kfree(log);
	return error;
}

static long pin(unsigned long address)
{
	struct page *page;
	long n;

	mmap_read_lock(current->mm);
	n = pin_user_pages(address & PAGE_MASK, 1, FOLL_WRITE, &page, NULL);
	mmap_read_unlock(current->mm);
	if (n == 1)
		unpin_user_page(page);
	return n == 1 ? 0 : -EFAULT;
}

static long pin_fast(unsigned long address)
{
	struct page *page;
	int n = get_user_pages_fast(address & PAGE_MASK, 1, FOLL_WRITE, &page);

	if (n == 1)
		put_page(page);
	return n == 1 ? 0 : -EFAULT;
}

static long remote(unsigned long address)
{
	int value;

	return access_process_vm(current, address, &value, sizeof(value), 0) == sizeof(value)
		       ? 0
		       : -EFAULT;
}

static long area(unsigned long address)
{
	struct vm_area_struct *vma;

	mmap_read_lock(current->mm);
	vma = find_vma(current->mm, address);
	mmap_read_unlock(current->mm);
	return vma ? 0 : -EFAULT;
}

static long memory_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	switch (command) {
	case MEMORY_LOCK:
		return lock();
	case MEMORY_WORK:
		return in_a_work((int __user *)argument);
	case MEMORY_PIN:
		return pin(argument);
	case MEMORY_PIN_FAST:
		return pin_fast(argument);
	case MEMORY_REMOTE:
		return remote(argument);
	case MEMORY_AREA:
		return area(argument);
	default:
		return -ENOTTY;
	}
}

static const struct file_operations memory_ops = {
	.owner = THIS_MODULE,
	.unlocked_ioctl = memory_ioctl,
};

static struct miscdevice memory = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "user_memory",
	.fops = &memory_ops,
};

module_misc_device(memory);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("what drivers do with the memory of a process");
