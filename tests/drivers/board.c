// SPDX-License-Identifier: GPL-2.0-only
/*
 * A character device with all that scenarios look at, and no bug, or one, chosen by the parameter `bug`:
 *
 *	open	an error path of open() forgets what it allocated
 *	ioctl	an error path of an ioctl forgets what it allocated
 *	release	the last close forgets the open file's buffer
 *	second	only the second ioctl of an open file forgets the first one's buffer
 *	lock	an error path returns to the program with the mutex held
 *	preempt	the same with preemption disabled
 *	errno	an ioctl returns ENOMEM, without the sign
 *	code	a failed ioctl says EIO, where the program knows ENOMEM only
 *	wild	an ioctl returns -1000, which is no errno
 *	stuck	a failed ioctl leaves the device busy: it cannot be tried again
 *	ref	a failed ioctl keeps a reference to the module
 *	lost	a failed ioctl forgets what open() allocated
 *	null	an ioctl does not look at what it got
 *	hang	a failed ioctl leaves the next one waiting for ever
 *	partial	a failed ioctl tells it has worked, and nothing has been done
 *
 * tests/scenarios/board.c uses it; tests/scenario.sh says what must be found.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include "board.h"

static char *bug = "";
module_param(bug, charp, 0444);

struct board {
	char *text;
	size_t length;
	void *table;
	void *spare;
};

static DEFINE_MUTEX(lock);
static DECLARE_WAIT_QUEUE_HEAD(filled);
static bool busy;

static bool has(const char *name)
{
	return !strcmp(bug, name);
}

static int board_open(struct inode *inode, struct file *file)
{
	struct board *board = kzalloc(sizeof(*board), GFP_KERNEL);

	if (!board)
		return -ENOMEM;
	board->spare = kmalloc(100, GFP_KERNEL);
	if (!board->spare)
		goto free_board;
	board->text = kzalloc(BOARD_TEXT, GFP_KERNEL);
	if (!board->text)
		goto free_spare;
	file->private_data = board;
	return nonseekable_open(inode, file);

free_spare:
	kfree(board->spare);
free_board:
	if (!has("open"))
		kfree(board);
	return -ENOMEM;
}

static int board_release(struct inode *inode, struct file *file)
{
	struct board *board = file->private_data;

	if (!has("release"))
		kfree(board->text);
	kfree(board->table);
	kfree(board->spare);
	kfree(board);
	return 0;
}

static long set_up(struct board *board)
{
	void *scratch, *table;
	long err = -ENOMEM;

	if (has("hang"))
		wait_event(filled, !busy);
	mutex_lock(&lock);
	if (busy) {
		mutex_unlock(&lock);
		return -EBUSY;
	}
	busy = true;
	scratch = kmalloc(300, GFP_KERNEL);
	if (!scratch)
		goto out;
	table = kmalloc(600, GFP_KERNEL);
	if (has("null"))
		memset(table, 0, 600);
	if (!table) {
		if (has("lost"))
			board->spare = NULL;
		if (has("ref"))
			__module_get(THIS_MODULE);
		goto free_scratch;
	}
	if (!has("second"))
		kfree(board->table);
	board->table = table;
	err = 0;

free_scratch:
	if (!err || !has("ioctl"))
		kfree(scratch);
out:
	if (!err || !(has("stuck") || has("hang")))
		busy = false;
	if (err && has("lock"))
		return err;
	mutex_unlock(&lock);
	if (err && has("preempt"))
		preempt_disable();
	if (err && has("errno"))
		return ENOMEM;
	if (err && has("code"))
		return -EIO;
	if (err && has("wild"))
		return -1000;
	if (err && has("partial"))
		return 0;
	return err;
}

static long board_ioctl(struct file *file, unsigned int command, unsigned long arg)
{
	struct board *board = file->private_data;
	struct board_state state = {.length = board->length, .ready = board->table != NULL};

	switch (command) {
	case BOARD_SET_UP:
		return set_up(board);
	case BOARD_STATE:
		return copy_to_user((void __user *)arg, &state, sizeof(state)) ? -EFAULT : 0;
	default:
		return -ENOTTY;
	}
}

static ssize_t board_write(struct file *file, const char __user *from, size_t size, loff_t *pos)
{
	struct board *board = file->private_data;
	char *text;

	if (size > BOARD_TEXT)
		return -EINVAL;
	text = kmalloc(size, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	if (copy_from_user(text, from, size)) {
		kfree(text);
		return -EFAULT;
	}
	memcpy(board->text, text, size);
	board->length = size;
	kfree(text);
	wake_up(&filled);
	return size;
}

static ssize_t board_read(struct file *file, char __user *to, size_t size, loff_t *pos)
{
	struct board *board = file->private_data;

	if (wait_event_interruptible(filled, board->length))
		return -ERESTARTSYS;
	size = min(size, board->length);
	if (copy_to_user(to, board->text, size))
		return -EFAULT;
	return size;
}

static __poll_t board_poll(struct file *file, poll_table *wait)
{
	struct board *board = file->private_data;

	poll_wait(file, &filled, wait);
	return EPOLLOUT | (board->length ? EPOLLIN : 0);
}

static const struct file_operations operations = {
	.owner = THIS_MODULE,
	.open = board_open,
	.release = board_release,
	.unlocked_ioctl = board_ioctl,
	.write = board_write,
	.read = board_read,
	.poll = board_poll,
};

static struct miscdevice device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "board",
	.fops = &operations,
};

static int __init board_init(void)
{
	return misc_register(&device);
}

static void __exit board_exit(void)
{
	misc_deregister(&device);
}

module_init(board_init);
module_exit(board_exit);
MODULE_LICENSE("GPL");
