// SPDX-License-Identifier: GPL-2.0-only
/*
 * User memory, and the little of files that drivers call themselves. A user address is one of the
 * process, outside the world and the first 64 KiB. A copy that faults there stops, and the rest is
 * counted, as with the kernel's exception tables: the one instruction that copies is known to the
 * fault handler (native_copy_fault).
 */
#include "world.h"

#include "include/linux/fs.h"
#include "include/linux/slab.h"
#include "include/linux/string.h"
#include "include/linux/uaccess.h"

#define USER_LOW 0x10000ul

uint64_t native_user_end = 0x7ffffffff000ul;

/* unsigned long native_copy(void *to, const void *from, unsigned long n): what is left. */
__asm__(".text\n"
	".globl native_copy, native_copy_insn, native_copy_end\n"
	".type native_copy, @function\n"
	"native_copy:\n"
	"	mov %rdx, %rcx\n"
	"native_copy_insn:\n"
	"	rep movsb\n"
	"native_copy_end:\n"
	"	mov %rcx, %rax\n"
	"	ret\n"
	".size native_copy, . - native_copy\n");
unsigned long native_copy(void *to, const void *from, unsigned long n);

static bool in_world(unsigned long addr, unsigned long size)
{
	const struct kf_layout *l = kf_layout();
	unsigned long end = l->percpu + l->percpu_unit * l->nr_cpus;

	return addr + size > l->direct_map && addr < end;
}

NATIVE_API bool access_ok(const void __user *user, unsigned long size)
{
	unsigned long addr = (unsigned long)user;

	return addr >= USER_LOW && addr + size >= addr && addr + size <= native_user_end &&
	       !in_world(addr, size);
}

/* The kernel would BUG(); here the copy is told, and goes on. */
NATIVE_API void __check_object_size(const void *ptr, unsigned long n, bool to_user)
{
	native_enter();
	kf_check_usercopy(ptr, n, to_user);
}

/* With page faults disabled, a copy does not sleep. */
static inline void user_fault(const char *what)
{
	native_enter();
	if (!native_seldom.task.pagefault_disabled)
		native_may_sleep(what);
}

NATIVE_API unsigned long copy_from_user(void *to, const void __user *from, unsigned long n)
{
	unsigned long left;

	user_fault("copy_from_user");
	left = access_ok(from, n) ? native_copy(to, from, n) : n;
	native_wrote(to, n);
	if (left)
		memset((char *)to + n - left, 0, left);
	return left;
}

NATIVE_API unsigned long __copy_from_user_inatomic(void *to, const void __user *from,
						   unsigned long n)
{
	unsigned long left = access_ok(from, n) ? native_copy(to, from, n) : n;

	native_enter();
	native_wrote(to, n);
	return left;
}

NATIVE_API unsigned long __copy_to_user_inatomic(void __user *to, const void *from, unsigned long n)
{
	native_enter();
	return access_ok(to, n) ? native_copy(to, from, n) : n;
}

NATIVE_API unsigned long copy_to_user(void __user *to, const void *from, unsigned long n)
{
	user_fault("copy_to_user");
	kf_tell_shown(from, n);
	return access_ok(to, n) ? native_copy(to, from, n) : n;
}

NATIVE_API unsigned long clear_user(void __user *to, unsigned long n)
{
	static const char zeros[4096];

	user_fault("clear_user");
	if (!access_ok(to, n))
		return n;
	while (n) {
		unsigned long part = min(n, (unsigned long)sizeof(zeros));
		unsigned long left = native_copy(to, zeros, part);

		to = (char *)to + part;
		n -= part - left;
		if (left)
			break;
	}
	return n;
}

NATIVE_API long strncpy_from_user(char *dst, const char __user *src, long count)
{
	user_fault("strncpy_from_user");
	for (long i = 0; i < count; i++) {
		if (!access_ok(src + i, 1) || native_copy(dst + i, src + i, 1))
			return -EFAULT;
		if (!dst[i])
			return i;
	}
	return count;
}

/* With the NUL; 0 for a fault. */
NATIVE_API long strnlen_user(const char __user *str, long n)
{
	char c;

	user_fault("strnlen_user");
	for (long i = 0; i < n; i++) {
		if (!access_ok(str + i, 1) || native_copy(&c, str + i, 1))
			return 0;
		if (!c)
			return i + 1;
	}
	return n + 1;
}

/* ---- copies in memory of the kernel ---- */

static __always_inline void *fill(void *p, const void __user *src, size_t len)
{
	if (!p)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(p, src, len)) {
		kvfree(p);
		return ERR_PTR(-EFAULT);
	}
	return p;
}

NATIVE_API void *memdup_user(const void __user *src, size_t len)
{
	return fill(kmalloc(len, GFP_USER | __GFP_NOWARN), src, len);
}

NATIVE_API void *vmemdup_user(const void __user *src, size_t len)
{
	return fill(kvmalloc(len, GFP_USER), src, len);
}

NATIVE_API void *memdup_user_nul(const void __user *src, size_t len)
{
	char *p = fill(kmalloc(len + 1, GFP_KERNEL), src, len);

	if (!IS_ERR(p))
		p[len] = '\0';
	return p;
}

NATIVE_API char *strndup_user(const char __user *s, long n)
{
	long length = strnlen_user(s, n);
	char *p;

	if (!length)
		return ERR_PTR(-EFAULT);
	if (length > n)
		return ERR_PTR(-EINVAL);
	p = memdup_user(s, (size_t)length);
	if (!IS_ERR(p))
		p[length - 1] = '\0';
	return p;
}

/* ---- files ---- */

NATIVE_API int nonseekable_open(struct inode *inode, struct file *filp)
{
	return 0;
}

NATIVE_API int stream_open(struct inode *inode, struct file *filp)
{
	return nonseekable_open(inode, filp);
}

NATIVE_API loff_t no_llseek(struct file *file, loff_t offset, int whence)
{
	return -ESPIPE;
}

NATIVE_API loff_t noop_llseek(struct file *file, loff_t offset, int whence)
{
	return file->f_pos;
}

NATIVE_API loff_t default_llseek(struct file *file, loff_t offset, int whence)
{
	if (whence == SEEK_CUR)
		offset += file->f_pos;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (offset < 0)
		return -EINVAL;
	return file->f_pos = offset;
}

NATIVE_API ssize_t simple_read_from_buffer(void __user *to, size_t count, loff_t *ppos,
					   const void *from, size_t available)
{
	loff_t pos = *ppos;
	size_t left;

	if (pos < 0)
		return -EINVAL;
	if ((size_t)pos >= available || !count)
		return 0;
	count = min(count, available - (size_t)pos);
	left = copy_to_user(to, (const char *)from + pos, count);
	if (left == count)
		return -EFAULT;
	*ppos = pos + (loff_t)(count - left);
	return (ssize_t)(count - left);
}

NATIVE_API ssize_t simple_write_to_buffer(void *to, size_t available, loff_t *ppos,
					  const void __user *from, size_t count)
{
	loff_t pos = *ppos;
	size_t left;

	if (pos < 0)
		return -EINVAL;
	if ((size_t)pos >= available || !count)
		return 0;
	count = min(count, available - (size_t)pos);
	left = copy_from_user((char *)to + pos, from, count);
	if (left == count)
		return -EFAULT;
	*ppos = pos + (loff_t)(count - left);
	return (ssize_t)(count - left);
}
