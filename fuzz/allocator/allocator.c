// SPDX-License-Identifier: GPL-2.0-only
/*
 * The target `allocator`: an input is a program of calls of the allocators (calls.c), with a schedule of refusals. What each call
 * comes to is compared with a reference model (model.h, oracle.c): contents, alignment, overlap, zeroing, limits, whether
 * it failed rightly, what the hooks were told. At the end everything is given back; then nothing may be left, and the
 * world is put back as it was.
 *
 * Looking at all pages and invariants takes longer than an input does. So it is done for each input that is run from a file;
 * and under a fuzzer for one of CAREFUL_EVERY, which its own bytes choose, so that an input always comes to the same.
 */
#include "allocator.h"

#include <string.h>
#include <xxhash.h>
#include "oracle.h"

#define CAREFUL_EVERY 32

static call_fn *const functions[CALL_LAST + 1] = {
	[CALL_KMALLOC] = do_kmalloc,
	[CALL_KMALLOC_ARRAY] = do_kmalloc_array,
	[CALL_KREALLOC] = do_krealloc,
	[CALL_KSIZE] = do_ksize,
	[CALL_FREE] = do_free,
	[CALL_KFREE_BULK] = do_kfree_bulk,
	[CALL_CACHE_CREATE] = do_cache_create,
	[CALL_CACHE_DESTROY] = do_cache_destroy,
	[CALL_CACHE_SHRINK] = do_cache_shrink,
	[CALL_CACHE_ALLOC] = do_cache_alloc,
	[CALL_CACHE_ALLOC_BULK] = do_cache_alloc_bulk,
	[CALL_CACHE_FREE_BULK] = do_cache_free_bulk,
	[CALL_ALLOC_PAGES] = do_alloc_pages,
	[CALL_ALLOC_PAGES_EXACT] = do_alloc_pages_exact,
	[CALL_ALLOC_PAGES_BULK] = do_alloc_pages_bulk,
	[CALL_SPLIT_PAGE] = do_split_page,
	[CALL_PAGE_FRAG_ALLOC] = do_page_frag_alloc,
	[CALL_PAGE_FRAG_DRAIN] = do_page_frag_drain,
	[CALL_VMALLOC] = do_vmalloc,
	[CALL_VFREE_ATOMIC] = do_vfree_atomic,
	[CALL_VFREE_WORK] = do_vfree_work,
	[CALL_VMAP] = do_vmap,
	[CALL_VM_MAP_RAM] = do_vm_map_ram,
	[CALL_VM_UNMAP_ALIASES] = do_vm_unmap_aliases,
	[CALL_IOREMAP] = do_ioremap,
	[CALL_MEMPOOL_CREATE] = do_mempool_create,
	[CALL_MEMPOOL_RESIZE] = do_mempool_resize,
	[CALL_MEMPOOL_ALLOC] = do_mempool_alloc,
	[CALL_MEMPOOL_DESTROY] = do_mempool_destroy,
	[CALL_ALLOC_PERCPU] = do_alloc_percpu,
	[CALL_DMA_POOL_CREATE] = do_dma_pool_create,
	[CALL_DMA_POOL_ALLOC] = do_dma_pool_alloc,
	[CALL_DMA_POOL_DESTROY] = do_dma_pool_destroy,
	[CALL_DMA_ALLOC_COHERENT] = do_dma_alloc_coherent,
	[CALL_KMAP] = do_kmap,
	[CALL_KMEMLEAK] = do_kmemleak,
	[CALL_FORGET] = do_forget,
	[CALL_SCAN] = do_scan,
	[CALL_CONTEXT] = do_context,
	[CALL_CPU] = do_cpu,
	[CALL_DRAIN] = do_drain,
	[CALL_CHECK] = do_check,
	[CALL_WRITE] = do_write,
	[CALL_OVERFLOW] = do_overflow,
	[CALL_BAD_FREE] = do_bad_free,
};

static void run_calls(const struct fuzz_program *program)
{
	for (unsigned i = 0; i < program->count && !oracle_over; i++) {
		const uint8_t *call = program->calls + (size_t)i * FUZZ_CALL_BYTES;
		unsigned number = call[0] % FUZZ_CALL_NUMBERS;

		if (number > CALL_LAST || !functions[number])
			continue;
		oracle_call(call, i);
		functions[number](call);
	}
}

/* In an order in which nothing is used that is gone: things, then what they came from. */
static void give_back(void)
{
	static void (*const ends[])(void) = {pools_end, pages_end, areas_end, caches_end};

	task_is = 0;
	for (u32 i = 0; i < THINGS && !oracle_over; i++) {
		oracle_call(NULL, FUZZ_CALLS_MAX);
		things_free(i);
	}
	for (unsigned i = 0; i < sizeof(ends) / sizeof(ends[0]) && !oracle_over; i++) {
		oracle_call(NULL, FUZZ_CALLS_MAX);
		ends[i]();
	}
	oracle_call(NULL, FUZZ_CALLS_MAX);
}

/* What the host's side knows of an input that did not come to its end. */
static void forget_all(void)
{
	memset(handles, 0, sizeof(handles));
	memset(roots, 0, sizeof(roots));
	things_bytes = 0;
	slab_forget();
	pages_forget();
	areas_forget();
	pools_forget();
	model_reset();
}

static void run_program(const struct fuzz_program *program, bool careful, struct fuzz_outcome *out)
{
	oracle_begin(&program->schedule, out);
	if (setjmp(oracle_starved)) { /* nobody can give back what it waits for */
		forget_all();
		return;
	}
	run_calls(program);
	give_back();
	if (!oracle_over)
		oracle_end(careful);
	if (oracle_over)
		forget_all();
}

static void run_allocator(const uint8_t *data, size_t size, bool careful, struct fuzz_outcome *out)
{
	struct fuzz_program program;

	fuzz_decode(data, size, &program);
	if (!careful)
		careful = XXH3_64bits(data, size) % CAREFUL_EVERY == 0;
	run_program(&program, careful, out);
	arena_restore();
	leaks_end();
}

/*
 * What the host keeps from input to input (tables that grow, frames with a second mapping) is made before the first one, so that
 * it takes the same way through the code as those behind it.
 */
static const char warm_up[] = "alloc_percpu to=0 size=100\n"
			      "cache_create cache=0 size=100\n"
			      "cache_alloc_bulk to=1 cache=0 size=16\n"
			      "cache_alloc_bulk to=16 cache=0 size=16\n"
			      "vmap to=17 count=7\n"
			      "vmalloc to=18 size=100000\n"
			      "kmemleak of=1 say=not_leak\n"
			      "kmemleak of=2 say=no_scan\n"
			      "forget of=1\n"
			      "forget of=3\n"
			      "scan\n"
			      "scan\n"
			      "check\n";

static int open_allocator(const struct fuzz_setup *setup, char *err)
{
	struct fuzz_outcome outcome = {0};
	struct fuzz_syntax wrong;
	uint8_t data[512];
	size_t size;

	if (arena_open(setup->settings, err))
		return -1;
	leaks_open();
	fuzz_assemble(&allocator_grammar, warm_up, data, sizeof(data), &size, &wrong);
	run_allocator(data, size, true, &outcome);
	fuzz_outcome_clear(&outcome);
	return 0;
}

static void print(const uint8_t *data, size_t size, FILE *out)
{
	fuzz_print(&allocator_grammar, data, size, out);
}

static int assemble(const char *text, uint8_t *data, size_t max, size_t *size,
		    struct fuzz_syntax *wrong)
{
	return fuzz_assemble(&allocator_grammar, text, data, max, size, wrong);
}

const struct fuzz_target allocator_target = {
	.name = "allocator",
	.about = "Programs of allocator calls with refusals, against a reference model",
	.open = open_allocator,
	.adopt = arena_adopt,
	.run = run_allocator,
	.fault = arena_fault,
	.print = print,
	.assemble = assemble,
	.grammar = &allocator_grammar,
};
