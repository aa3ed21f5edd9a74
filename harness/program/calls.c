// SPDX-License-Identifier: GPL-2.0-only
/*
 * The C library's functions that need more than their arguments in registers: other numbers, other orders, structures that
 * the library and the kernel see differently, texts, directories. See calls.h.
 */
#include "calls.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include "../kmemleak/kmemleak.h"
#include "internal.h"
#include "memory.h"

#define MASK_BYTES 8 /* of a signal mask, as the kernel has it */

#define ARGS(...) ((const uint64_t[6]){__VA_ARGS__})

/* ---- texts ---- */

static int show(const char *format, va_list args)
{
	va_list again;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (program_prints())
		vfprintf(stderr, format, args);
	return n;
}

int user_asprintf(char **out, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	*out = n < 0 ? NULL : user_malloc((size_t)n + 1);
	if (!*out)
		return -1;
	va_start(args, format);
	vsnprintf(*out, (size_t)n + 1, format, args);
	va_end(args);
	return n;
}

int user_vprintf(const char *format, va_list args)
{
	return show(format, args);
}

int user_printf(const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = show(format, args);
	va_end(args);
	return n;
}

int user_vfprintf(void *stream, const char *format, va_list args)
{
	return show(format, args);
}

int user_fprintf(void *stream, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = show(format, args);
	va_end(args);
	return n;
}

int user_printf_chk(int flag, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = show(format, args);
	va_end(args);
	return n;
}

int user_fprintf_chk(void *stream, int flag, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = show(format, args);
	va_end(args);
	return n;
}

int user_puts(const char *text)
{
	return user_printf("%s\n", text);
}

int user_putchar(int c)
{
	user_printf("%c", c);
	return (unsigned char)c;
}

int user_fputs(const char *text, void *stream)
{
	return user_printf("%s", text);
}

void user_perror(const char *text)
{
	const char *name = strerror(errno);

	user_printf("%s%s%s\n", text ? text : "", text && *text ? ": " : "", name);
}

int user_fflush(void *stream)
{
	return 0;
}

/* ---- ends ---- */

_Noreturn void user_exit(int status)
{
	program_skip("the scenario calls exit(%d) in %s: operations return", status,
		     program_where());
}

_Noreturn void user_abort(void)
{
	program_skip("the scenario calls abort() in %s", program_where());
}

_Noreturn void user_assert_fail(const char *what, const char *file, unsigned line,
				const char *function)
{
	program_skip("%s:%u: the scenario's assert(%s) failed in %s: what a driver must do wants "
		     "expect()",
		     basename(file), line, what, program_where());
}

void kfail_expect_failed(const char *file, int line, const char *format, ...)
{
	char text[200];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	judge_note(FINDING_CHECK, "%s:%d: %s, in %s", basename(file), line, text, program_where());
}

_Noreturn void kfail_skip(const char *why)
{
	program_skip("%s, says %s", why, program_where());
}

/* ---- kmemleak ---- */

long kfail_kmemleak(const char *command)
{
	int error = kml_command(command);

	return error ? error : (long)kml_leaks();
}

unsigned long kfail_kmemleak_read(char *text, unsigned long size)
{
	size_t all;
	char *shown = kml_text(&all);

	if (size)
		snprintf(text, size, "%s", shown);
	free(shown);
	return all;
}

/* ---- waiting ---- */

long user_ppoll(uint64_t fds, uint64_t count, uint64_t timeout, uint64_t mask)
{
	return program_call("ppoll", SYS_ppoll, ARGS(fds, count, timeout, mask, MASK_BYTES));
}

/* The kernel's sixth argument is a mask and its size. */
long user_pselect(uint64_t n, uint64_t in, uint64_t out, uint64_t ex, uint64_t timeout,
		  uint64_t mask)
{
	const uint64_t pair[2] = {mask, MASK_BYTES};

	return program_call("pselect", SYS_pselect6, ARGS(n, in, out, ex, timeout, (uint64_t)pair));
}

long user_epoll_pwait(uint64_t fd, uint64_t events, uint64_t max, uint64_t timeout, uint64_t mask)
{
	return program_call("epoll_pwait", SYS_epoll_pwait,
			    ARGS(fd, events, max, timeout, mask, MASK_BYTES));
}

static int64_t wait_for(const char *name, uint64_t seconds, uint64_t nanoseconds)
{
	const struct timespec time = {(time_t)seconds, (long)nanoseconds};

	return program_raw_call(name, SYS_nanosleep, ARGS((uint64_t)&time, 0));
}

unsigned user_sleep(unsigned seconds)
{
	return wait_for("sleep", seconds, 0) ? seconds : 0;
}

int user_usleep(unsigned long microseconds)
{
	int64_t error = wait_for("usleep", microseconds / 1000000, microseconds % 1000000 * 1000);

	if (!error)
		return 0;
	errno = (int)-error;
	return -1;
}

/* Returns an errno and leaves errno alone. */
int user_clock_nanosleep(uint64_t clock, uint64_t flags, uint64_t request, uint64_t left)
{
	return (int)-program_raw_call("clock_nanosleep", SYS_clock_nanosleep,
				      ARGS(clock, flags, request, left));
}

/* ---- other numbers and orders ---- */

long user_send(uint64_t fd, uint64_t bytes, uint64_t size, uint64_t flags)
{
	return program_call("send", SYS_sendto, ARGS(fd, bytes, size, flags, 0, 0));
}

long user_recv(uint64_t fd, uint64_t bytes, uint64_t size, uint64_t flags)
{
	return program_call("recv", SYS_recvfrom, ARGS(fd, bytes, size, flags, 0, 0));
}

long user_umount(const char *path)
{
	return program_call("umount", SYS_umount2, ARGS((uint64_t)path, 0));
}

long user_mkfifo(const char *path, unsigned mode)
{
	return program_call("mkfifo", SYS_mknod, ARGS((uint64_t)path, mode | S_IFIFO, 0));
}

long user_remove(const char *path)
{
	long result = program_call("remove", SYS_unlink, ARGS((uint64_t)path));

	return result && errno == EISDIR ? program_call("remove", SYS_rmdir, ARGS((uint64_t)path))
					 : result;
}

long user_faccessat(uint64_t dir, uint64_t path, uint64_t mode, uint64_t flags)
{
	return program_call("faccessat", flags ? SYS_faccessat2 : SYS_faccessat,
			    ARGS(dir, path, mode, flags));
}

long user_syscall(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
		  uint64_t f)
{
	return program_call("syscall", number, ARGS(a, b, c, d, e, f));
}

/* The kernel returns a length. */
char *user_getcwd(char *buffer, size_t size)
{
	char *to = buffer ? buffer : user_malloc(size = 4096);

	if (!to)
		return NULL;
	return program_call("getcwd", SYS_getcwd, ARGS((uint64_t)to, size)) < 0 ? NULL : to;
}

/* Memory without a file is the program's heap; a file's is the kernel's to map. */
void *user_mmap(void *addr, size_t size, int prot, int flags, int fd, long offset)
{
	void *p;

	if (!(flags & MAP_ANONYMOUS))
		return (void *)program_call("mmap", SYS_mmap,
					    ARGS((uint64_t)addr, size, (uint64_t)prot,
						 (uint64_t)flags, (uint64_t)fd, (uint64_t)offset));
	p = user_aligned_alloc(4096, size);
	return p ? memset(p, 0, size) : MAP_FAILED;
}

int user_munmap(void *addr, size_t size)
{
	user_free(addr);
	return 0;
}

/* ---- directories ---- */

struct user_dir {
	int fd;
	unsigned at, end;
	char entries[2048] __attribute__((aligned(8)));
};

struct user_dir *user_fdopendir(int fd)
{
	struct user_dir *dir = user_malloc(sizeof(*dir));

	if (dir)
		*dir = (struct user_dir){.fd = fd};
	return dir;
}

static void close_fd(int fd)
{
	program_call("closedir", SYS_close, ARGS((uint64_t)fd));
}

struct user_dir *user_opendir(const char *path)
{
	int fd = (int)program_call("opendir", SYS_open,
				   ARGS((uint64_t)path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	struct user_dir *dir;

	if (fd < 0)
		return NULL;
	dir = user_fdopendir(fd);
	if (!dir)
		close_fd(fd);
	return dir;
}

/* struct dirent of the C library is the kernel's struct linux_dirent64. */
void *user_readdir(struct user_dir *dir)
{
	struct dirent64 *entry;
	long n;

	if (dir->at >= dir->end) {
		n = program_call(
			"readdir", SYS_getdents64,
			ARGS((uint64_t)dir->fd, (uint64_t)dir->entries, sizeof(dir->entries)));
		if (n <= 0)
			return NULL;
		dir->at = 0;
		dir->end = (unsigned)n;
	}
	entry = (struct dirent64 *)(dir->entries + dir->at);
	dir->at += entry->d_reclen;
	return entry;
}

int user_closedir(struct user_dir *dir)
{
	close_fd(dir->fd);
	user_free(dir);
	return 0;
}

void user_rewinddir(struct user_dir *dir)
{
	program_call("rewinddir", SYS_lseek, ARGS((uint64_t)dir->fd, 0, SEEK_SET));
	dir->at = dir->end = 0;
}

int user_dirfd(struct user_dir *dir)
{
	return dir->fd;
}
