// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program's stack and heap: one area at a fixed address, so that the program's pointers are the same in every run, and the
 * whole of it a region of the snapshot, so that malloc() starts from the same state each time. Low addresses are for
 * programs whose calls may be given any pointer at all: below whatever else this process has mapped.
 *
 *	| guard, 64 KiB | stack, 256 KiB | heap, 16 MiB: struct heap, then blocks |
 *
 *	block:	| class, size | the program's bytes ... |	2^class bytes, from 32
 *
 * A free block waits in the list of its class; a new one is cut from the end. Nothing is merged: a run is short, and its
 * memory is gone behind it. malloc() that finds no room returns NULL with ENOMEM, as any.
 */
#include "internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include "memory.h"

#define HIGH_BASE   0x300000000000ul
#define LOW_BASE    0x10000000ul
#define GUARD_SIZE  (64ul << 10)
#define STACK_SIZE  (256ul << 10)
#define HEAP_SIZE   (16ul << 20)
#define CLASS_FIRST 5 /* 32 bytes */
#define CLASS_LAST  24
#define PAGE	    4096ul

struct block {
	uint32_t class;
	uint32_t offset; /* from the block's start to the program's bytes */
	uint64_t size;	 /* that was asked for */
	char bytes[];
};

struct heap {
	uint64_t used; /* bytes, from its own address */
	struct block *free[CLASS_LAST + 1];
	uint64_t random; /* of rand() */
};

static uint64_t base; /* of the area */
static struct heap *heap;

static uint64_t heap_base(void)
{
	return base + GUARD_SIZE + STACK_SIZE;
}

int program_memory_open(bool low, char *err)
{
	char *area;

	base = low ? LOW_BASE : HIGH_BASE;
	heap = (struct heap *)heap_base();
	area = mmap((void *)base, GUARD_SIZE + STACK_SIZE + HEAP_SIZE, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	if (area == MAP_FAILED ||
	    mprotect(area + GUARD_SIZE, STACK_SIZE + HEAP_SIZE, PROT_READ | PROT_WRITE)) {
		snprintf(err, PROGRAM_ERR, "the scenario's stack and heap cannot be mapped: %s",
			 strerror(errno));
		return -1;
	}
	heap->used = (sizeof(*heap) + 63) & ~63ul;
	heap->random = 1;
	return 0;
}

unsigned program_memory_regions(struct snapshot_region *regions)
{
	regions[0] = (struct snapshot_region){.start = base + GUARD_SIZE,
					      .size = STACK_SIZE + HEAP_SIZE,
					      .prot = PROT_READ | PROT_WRITE,
					      .opaque = true};
	return 1;
}

void *program_stack(size_t *size)
{
	*size = STACK_SIZE;
	return (void *)(base + GUARD_SIZE);
}

void *user_memory_end(void)
{
	return (void *)(heap_base() + HEAP_SIZE);
}

bool program_stack_guard(uint64_t addr)
{
	return addr - base < GUARD_SIZE;
}

/* ---- malloc ---- */

static unsigned class_of(uint64_t bytes)
{
	unsigned class = CLASS_FIRST;

	while (class <= CLASS_LAST && (1ul << class) < bytes)
		class ++;
	return class;
}

static struct block *new_block(unsigned class)
{
	uint64_t bytes = 1ul << class, align = bytes < PAGE ? bytes : PAGE;
	uint64_t at = (heap->used + align - 1) & ~(align - 1);

	if (at + bytes > HEAP_SIZE)
		return NULL;
	heap->used = at + bytes;
	return (struct block *)(heap_base() + at);
}

void *user_malloc(size_t size)
{
	unsigned class = class_of(size + sizeof(struct block));
	struct block *block;

	block = class > CLASS_LAST ? NULL : heap->free[class];
	if (block)
		heap->free[class] = *(struct block **)block->bytes;
	else if (class <= CLASS_LAST)
		block = new_block(class);
	if (!block) {
		errno = ENOMEM;
		return NULL;
	}
	*block = (struct block){.class = class, .offset = sizeof(*block), .size = size};
	return block->bytes;
}

static struct block *block_of(void *p)
{
	return (struct block *)((char *)p - sizeof(struct block));
}

void user_free(void *p)
{
	struct block *block;

	if (!p)
		return;
	if ((uint64_t)p - heap_base() >= HEAP_SIZE)
		program_skip("%s gives free() a pointer that is not malloc()'s", program_where());
	block = block_of(p);
	block = (struct block *)((char *)p - block->offset);
	*(struct block **)block->bytes = heap->free[block->class];
	heap->free[block->class] = block;
}

void *user_calloc(size_t count, size_t size)
{
	size_t bytes;
	void *p = NULL;

	if (__builtin_mul_overflow(count, size, &bytes))
		errno = ENOMEM;
	else
		p = user_malloc(bytes);
	return p ? memset(p, 0, bytes) : NULL;
}

void *user_realloc(void *old, size_t size)
{
	size_t had = old ? block_of(old)->size : 0;
	void *p = user_malloc(size);

	if (!p || !old)
		return p;
	memcpy(p, old, had < size ? had : size);
	user_free(old);
	return p;
}

/* What lies right before the aligned bytes leads back to the block. */
void *user_aligned_alloc(size_t align, size_t size)
{
	char *p = user_malloc(size + align + sizeof(struct block)), *at;

	if (!p)
		return NULL;
	at = (char *)(((uint64_t)p + sizeof(struct block) + align - 1) & ~(align - 1));
	*block_of(at) = *block_of(p);
	block_of(at)->size = size;
	block_of(at)->offset = (uint32_t)(at - (char *)block_of(p));
	return at;
}

int user_posix_memalign(void **out, size_t align, size_t size)
{
	*out = user_aligned_alloc(align, size);
	return *out ? 0 : ENOMEM;
}

char *user_strdup(const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = user_malloc(size);

	return copy ? memcpy(copy, text, size) : NULL;
}

char *user_strndup(const char *text, size_t max)
{
	size_t length = strnlen(text, max);
	char *copy = user_malloc(length + 1);

	if (!copy)
		return NULL;
	copy[length] = '\0';
	return memcpy(copy, text, length);
}

/* ---- rand: its state is the program's ---- */

int user_rand(void)
{
	heap->random = heap->random * 6364136223846793005ul + 1442695040888963407ul;
	return (int)(heap->random >> 33);
}

void user_srand(unsigned seed)
{
	heap->random = seed;
}
