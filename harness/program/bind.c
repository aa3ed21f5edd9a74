// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the names that a program imports lead to. Three lists: what is a plain system call (calls.def), what kfail has a
 * version of its own for (below; calls.c, memory.c), and what the C library may do as it is (libc.def). A
 * name in none of them would go to the host behind everybody's back, so a program that imports one is not loaded.
 */
#include "internal.h"

#include <string.h>
#include <sys/syscall.h>
#include "calls.h"
#include "memory.h"

#define CALL(name, number)                                                                  \
	static long call_##name(uint64_t a, uint64_t b, uint64_t c, uint64_t d, uint64_t e, \
				uint64_t f)                                                 \
	{                                                                                   \
		return program_call(#name, number, (uint64_t[6]){a, b, c, d, e, f});        \
	}
#include "calls.def"
#undef CALL

struct binding {
	const char *name;
	void *function;
};

static const struct binding bindings[] = {
#define CALL(name, number) {#name, (void *)call_##name},
#include "calls.def"
#undef CALL
#define OWN(name) {#name, (void *)user_##name},
	OWN(malloc) OWN(free) OWN(calloc) OWN(realloc) OWN(aligned_alloc) OWN(posix_memalign) OWN(
		strdup) OWN(strndup) OWN(rand) OWN(srand) OWN(asprintf) OWN(printf) OWN(vprintf)
		OWN(fprintf) OWN(vfprintf) OWN(puts) OWN(putchar) OWN(fputs) OWN(perror) OWN(fflush)
			OWN(exit) OWN(abort) OWN(ppoll) OWN(pselect) OWN(epoll_pwait) OWN(send) OWN(
				recv) OWN(umount) OWN(mkfifo) OWN(remove) OWN(sleep) OWN(usleep)
				OWN(clock_nanosleep) OWN(faccessat) OWN(syscall) OWN(getcwd)
					OWN(mmap) OWN(munmap) OWN(opendir) OWN(fdopendir)
						OWN(readdir) OWN(closedir) OWN(rewinddir) OWN(dirfd)
#undef OWN
							{"random", (void *)user_rand},
	{"srandom", (void *)user_srand},
	{"memalign", (void *)user_aligned_alloc},
	{"_exit", (void *)user_exit},
	{"_Exit", (void *)user_exit},
	{"mmap64", (void *)user_mmap},
	{"readdir64", (void *)user_readdir},
	{"__strdup", (void *)user_strdup},
	{"__printf_chk", (void *)user_printf_chk},
	{"__fprintf_chk", (void *)user_fprintf_chk},
	{"__assert_fail", (void *)user_assert_fail},
	{"__poll_chk", (void *)call_poll},
	{"__read_chk", (void *)call_read},
	{"__open_2", (void *)call_open},
	{"kfail_expect_failed", (void *)kfail_expect_failed},
	{"kfail_skip", (void *)kfail_skip},
	{"kfail_kmemleak", (void *)kfail_kmemleak},
	{"kfail_kmemleak_read", (void *)kfail_kmemleak_read},
};

static const char *const pure_names[] = {
#define PURE(name) #name,
#include "libc.def"
#undef PURE
};

void *program_binding(const char *name, bool *pure)
{
	*pure = false;
	for (size_t i = 0; i < sizeof(bindings) / sizeof(bindings[0]); i++)
		if (!strcmp(bindings[i].name, name))
			return bindings[i].function;
	for (size_t i = 0; i < sizeof(pure_names) / sizeof(pure_names[0]) && !*pure; i++)
		*pure = !strcmp(pure_names[i], name);
	return NULL;
}
