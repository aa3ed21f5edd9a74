/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a program gets for functions of the C library that are more than one system call with the same arguments.
 * Prototypes and results are those of the manual pages. Called on the program's stack only.
 */
#ifndef KFAIL_PROGRAM_CALLS_H
#define KFAIL_PROGRAM_CALLS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

/* Text goes to standard error when the run is shown to somebody (program_options.print), else nowhere. */
int user_asprintf(char **out, const char *format, ...);
int user_printf(const char *format, ...);
int user_vprintf(const char *format, va_list args);
int user_fprintf(void *stream, const char *format, ...);
int user_vfprintf(void *stream, const char *format, va_list args);
int user_printf_chk(int flag, const char *format, ...);
int user_fprintf_chk(void *stream, int flag, const char *format, ...);
int user_puts(const char *text);
int user_putchar(int c);
int user_fputs(const char *text, void *stream);
void user_perror(const char *text);
int user_fflush(void *stream);

_Noreturn void user_exit(int status);
_Noreturn void user_abort(void);
_Noreturn void user_assert_fail(const char *what, const char *file, unsigned line,
				const char *function);

long user_ppoll(uint64_t fds, uint64_t count, uint64_t timeout, uint64_t mask);
long user_pselect(uint64_t n, uint64_t in, uint64_t out, uint64_t ex, uint64_t timeout,
		  uint64_t mask);
long user_epoll_pwait(uint64_t fd, uint64_t events, uint64_t max, uint64_t timeout, uint64_t mask);
long user_send(uint64_t fd, uint64_t bytes, uint64_t size, uint64_t flags);
long user_recv(uint64_t fd, uint64_t bytes, uint64_t size, uint64_t flags);
long user_umount(const char *path);
long user_mkfifo(const char *path, unsigned mode);
long user_remove(const char *path);
unsigned user_sleep(unsigned seconds);
int user_usleep(unsigned long microseconds);
int user_clock_nanosleep(uint64_t clock, uint64_t flags, uint64_t request, uint64_t left);
long user_faccessat(uint64_t dir, uint64_t path, uint64_t mode, uint64_t flags);
long user_syscall(long number, uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e,
		  uint64_t f);
char *user_getcwd(char *buffer, size_t size);
void *user_mmap(void *addr, size_t size, int prot, int flags, int fd, long offset);
int user_munmap(void *addr, size_t size);

struct user_dir;
struct user_dir *user_opendir(const char *path);
struct user_dir *user_fdopendir(int fd);
void *user_readdir(struct user_dir *dir);
int user_closedir(struct user_dir *dir);
void user_rewinddir(struct user_dir *dir);
int user_dirfd(struct user_dir *dir);

/* Of kfail/scenario.h. */
void kfail_expect_failed(const char *file, int line, const char *format, ...);
_Noreturn void kfail_skip(const char *why);
long kfail_kmemleak(const char *command);
unsigned long kfail_kmemleak_read(char *text, unsigned long size);

#endif
