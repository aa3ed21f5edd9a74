// SPDX-License-Identifier: GPL-2.0-only
/*
 * System calls of a scenario's program, as far as native mode has them: what a character device can be asked to do. There is
 * no file system; "/dev/NAME" leads to the misc device, or to the class device with a character device behind its
 * number, that the driver has registered under that name. Order and kind of failure are those of fs/open.c, fs/read_write.c,
 * fs/ioctl.c and fs/select.c of 6.1.
 *
 * Open files are part of the runtime's state, restored with it. They cost no request: in the kernel those
 * are not the driver's either.
 */
#include "world.h"

#include "include/linux/cdev.h"
#include "include/linux/poll.h"
#include "include/linux/string.h"
#include "include/linux/uaccess.h"

#define FIRST_FD     3
#define POLL_FOREVER (120ull * NSEC_PER_SEC)

/* Numbers of arch/x86/entry/syscalls/syscall_64.tbl. */
enum {
	NR_READ = 0,
	NR_WRITE = 1,
	NR_OPEN = 2,
	NR_CLOSE = 3,
	NR_POLL = 7,
	NR_LSEEK = 8,
	NR_IOCTL = 16,
	NR_PREAD64 = 17,
	NR_PWRITE64 = 18,
	NR_SCHED_YIELD = 24,
	NR_NANOSLEEP = 35,
	NR_CLOCK_GETTIME = 228,
	NR_OPENAT = 257,
	NR_CLOSE_RANGE = 436,
};

struct user_timespec {
	int64_t seconds, nanoseconds;
};

struct user_pollfd {
	int fd;
	short events, revents;
};

static struct native_file *file_of(uint64_t fd)
{
	uint64_t i = (unsigned int)fd - FIRST_FD;

	return i < NATIVE_FILES_MAX && native_seldom.files[i].used ? &native_seldom.files[i] : NULL;
}

/* ---- open and close ---- */

static int new_fd(void)
{
	for (int i = 0; i < NATIVE_FILES_MAX; i++)
		if (!native_seldom.files[i].used)
			return i;
	return -EMFILE;
}

static fmode_t mode_of(uint64_t flags)
{
	return (((unsigned int)flags & O_ACCMODE) + 1) & (FMODE_READ | FMODE_WRITE);
}

static int64_t open_device(const char *name, uint64_t flags)
{
	struct native_device device;
	struct native_file *f;
	int i, error;

	if (!native_find_device(name, &device))
		return -ENOENT;
	if (!device.ops)
		return -ENXIO;
	i = new_fd();
	if (i < 0)
		return i;
	f = &native_seldom.files[i];
	f->inode = (struct inode){
		.i_mode = S_IFCHR | 0600, .i_rdev = device.number, .i_cdev = device.cdev};
	f->file = (struct file){.f_op = device.ops,
				.f_flags = (unsigned int)flags,
				.f_mode = mode_of(flags),
				.f_inode = &f->inode,
				.private_data = device.private};
	f->used = true;
	error = device.ops->open ? device.ops->open(&f->inode, &f->file) : 0;
	if (!error)
		return i + FIRST_FD;
	f->used = false;
	return error;
}

static int64_t do_open(const char __user *user, uint64_t flags)
{
	char path[128];
	long n = strncpy_from_user(path, user, sizeof(path));

	if (n < 0)
		return n;
	if (n == sizeof(path))
		return -ENAMETOOLONG;
	return strncmp(path, "/dev/", 5) ? -ENOENT : open_device(path + 5, flags);
}

static int64_t do_close(struct native_file *f)
{
	int64_t error = f->file.f_op->flush ? f->file.f_op->flush(&f->file, NULL) : 0;

	if (f->file.f_op->release)
		f->file.f_op->release(&f->inode, &f->file);
	f->used = false;
	return error;
}

static int64_t close_range(uint64_t first, uint64_t last)
{
	for (uint64_t fd = first; fd <= last && fd < FIRST_FD + NATIVE_FILES_MAX; fd++)
		if (file_of(fd))
			do_close(file_of(fd));
	return 0;
}

/* ---- read, write, ioctl ---- */

static int64_t do_read(struct native_file *f, char __user *to, uint64_t size, loff_t *pos)
{
	if (!(f->file.f_mode & FMODE_READ))
		return -EBADF;
	if (!f->file.f_op->read)
		return -EINVAL;
	return access_ok(to, size) ? f->file.f_op->read(&f->file, to, size, pos) : -EFAULT;
}

static int64_t do_write(struct native_file *f, const char __user *from, uint64_t size, loff_t *pos)
{
	if (!(f->file.f_mode & FMODE_WRITE))
		return -EBADF;
	if (!f->file.f_op->write)
		return -EINVAL;
	return access_ok(from, size) ? f->file.f_op->write(&f->file, from, size, pos) : -EFAULT;
}

static int64_t do_lseek(struct native_file *f, int64_t offset, int whence)
{
	if (whence < SEEK_SET || whence > SEEK_END)
		return -EINVAL;
	return f->file.f_op->llseek ? f->file.f_op->llseek(&f->file, offset, whence)
				    : default_llseek(&f->file, offset, whence);
}

static int64_t do_ioctl(struct native_file *f, uint64_t command, uint64_t arg)
{
	long result;

	if (!f->file.f_op->unlocked_ioctl)
		return -ENOTTY;
	result = f->file.f_op->unlocked_ioctl(&f->file, (unsigned int)command, arg);
	return result == -ENOIOCTLCMD ? -ENOTTY : result;
}

/* ---- waiting ---- */

static short look(const struct user_pollfd *p)
{
	struct native_file *f = file_of((uint64_t)p->fd);
	__poll_t mask;

	if (p->fd < 0)
		return 0;
	if (!f)
		return 0x20; /* POLLNVAL */
	mask = f->file.f_op->poll ? f->file.f_op->poll(&f->file, NULL)
				  : EPOLLIN | EPOLLOUT | EPOLLRDNORM | EPOLLWRNORM;
	return (short)(mask & ((__poll_t)(unsigned short)p->events | EPOLLERR | EPOLLHUP));
}

static int64_t count_ready(struct user_pollfd *list, uint64_t n)
{
	int64_t ready = 0;

	for (uint64_t i = 0; i < n; i++) {
		list[i].revents = look(&list[i]);
		ready += list[i].revents != 0;
	}
	return ready;
}

static int64_t do_poll(struct user_pollfd __user *user, uint64_t n, int timeout_ms)
{
	struct user_pollfd list[NATIVE_FILES_MAX];
	uint64_t end = native_state.now +
		       (timeout_ms < 0 ? POLL_FOREVER : (uint64_t)timeout_ms * NSEC_PER_MSEC);
	int64_t ready;

	if (n > NATIVE_FILES_MAX)
		return -EINVAL;
	if (copy_from_user(list, user, n * sizeof(*list)))
		return -EFAULT;
	while (!(ready = count_ready(list, n)) && native_state.now < end)
		native_sleep_until(min(end, native_state.now + NSEC_PER_SEC / HZ));
	if (!ready && timeout_ms < 0)
		native_blocked("poll", 0);
	return copy_to_user(user, list, n * sizeof(*list)) ? -EFAULT : ready;
}

static int64_t do_nanosleep(const struct user_timespec __user *user)
{
	struct user_timespec t;

	if (copy_from_user(&t, user, sizeof(t)))
		return -EFAULT;
	if (t.seconds < 0 || (uint64_t)t.nanoseconds >= NSEC_PER_SEC)
		return -EINVAL;
	native_sleep_until(native_state.now + (uint64_t)t.seconds * NSEC_PER_SEC +
			   (uint64_t)t.nanoseconds);
	return 0;
}

static int64_t do_clock_gettime(struct user_timespec __user *user)
{
	struct user_timespec t = {(int64_t)(native_state.now / NSEC_PER_SEC),
				  (int64_t)(native_state.now % NSEC_PER_SEC)};

	return copy_to_user(user, &t, sizeof(t)) ? -EFAULT : 0;
}

/* ---- all of them ---- */

static int64_t on_file(uint64_t number, const uint64_t *a, bool *missing)
{
	struct native_file *f = file_of(a[0]);
	loff_t at = (loff_t)a[3];

	if (!f)
		return -EBADF;
	switch (number) {
	case NR_READ:
		return do_read(f, (char __user *)a[1], a[2], &f->file.f_pos);
	case NR_WRITE:
		return do_write(f, (const char __user *)a[1], a[2], &f->file.f_pos);
	case NR_PREAD64:
		return do_read(f, (char __user *)a[1], a[2], &at);
	case NR_PWRITE64:
		return do_write(f, (const char __user *)a[1], a[2], &at);
	case NR_LSEEK:
		return do_lseek(f, (int64_t)a[1], (int)a[2]);
	case NR_IOCTL:
		return do_ioctl(f, a[1], a[2]);
	default:
		return do_close(f);
	}
}

/* What a program never sees: there are no signals. */
static int64_t result_for_program(int64_t result)
{
	return result <= -ERESTARTSYS && result >= -516 ? -EINTR : result;
}

int64_t native_do_syscall(uint64_t number, const uint64_t *a, bool *missing)
{
	switch (number) {
	case NR_READ:
	case NR_WRITE:
	case NR_PREAD64:
	case NR_PWRITE64:
	case NR_LSEEK:
	case NR_IOCTL:
	case NR_CLOSE:
		return result_for_program(on_file(number, a, missing));
	case NR_OPEN:
		return result_for_program(do_open((const char __user *)a[0], a[1]));
	case NR_OPENAT:
		return result_for_program(do_open((const char __user *)a[1], a[2]));
	case NR_CLOSE_RANGE:
		return close_range(a[0], a[1]);
	case NR_POLL:
		return do_poll((struct user_pollfd __user *)a[0], a[1], (int)a[2]);
	case NR_NANOSLEEP:
		return do_nanosleep((const struct user_timespec __user *)a[0]);
	case NR_CLOCK_GETTIME:
		return do_clock_gettime((struct user_timespec __user *)a[1]);
	case NR_SCHED_YIELD:
		return 0;
	default:
		*missing = true;
		return -ENOSYS;
	}
}
