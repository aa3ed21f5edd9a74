// SPDX-License-Identifier: GPL-2.0-only
/*
 * The small world (see fake.h). Stacks are walked by frame pointers, up to the frame of the
 * operation; names come from tables made of this program's own symbols. A fault in the driver, or a
 * CPU timer, ends an operation with siglongjmp(), which is all that a death needs here.
 */
#include "fake_code.h"

#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <ucontext.h>
#include "../../allocator/page/memblock.h"
#include "../../allocator/core/memory.h"
#include "../../harness/sweep/checkpoint.h"
#include "../../harness/snapshot/snapshot.h"
#include "../../harness/trace/depot.h"
#include "../../harness/trace/symbols.h"

extern char __start_driver_data[], __stop_driver_data[];

/* The sections exist even in a program that puts nothing else into them. */
DRIVER void driver_nothing(void);
DRIVER void driver_nothing(void)
{
	STAY();
}
static DRIVER_DATA int driver_no_data = 1;

struct target_context fake_context;
void *fake_registry[8];

static struct {
	const struct fake_driver *driver;
	struct target target;
	sigjmp_buf out; /* of the operation that is dying */
	volatile bool inside;
	uint64_t base; /* frame pointer of the operation */
	struct death death;
	char *data; /* the driver's data as the loader made them */
	bool snapshot_taken;
	unsigned timeout_ms;
} fake;

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "the small world cannot be made: %s\n", what);
	exit(2);
}

/* ---- stacks ---- */

static unsigned walk(uint64_t fp, uint64_t low, uint64_t *pcs, unsigned max)
{
	unsigned n = 0;

	while (n < max && fp >= low && fp < fake.base && fp % 8 == 0) {
		uint64_t next = *(uint64_t *)fp, pc = *(uint64_t *)(fp + 8);

		/* What lies inside of the kernel's own frames is the host's. */
		if (n || fake_in_driver(pc) || fake_in_kernel(pc))
			pcs[n++] = pc;
		low = fp + 16;
		fp = next;
	}
	while (n && !fake_in_driver(pcs[n - 1]) && !fake_in_kernel(pcs[n - 1]))
		n--;
	return n;
}

static unsigned walk_here(uint64_t *pcs)
{
	uint64_t here = (uint64_t)__builtin_frame_address(0);

	return walk(here, here, pcs, DEPOT_FRAMES_MAX);
}

static struct caller caller(void)
{
	uint64_t pcs[DEPOT_FRAMES_MAX];
	unsigned n = walk_here(pcs);
	struct caller caller = {.stack = depot_save(pcs, n)};

	for (unsigned i = 0; i < n; i++)
		caller.on_behalf |= fake_in_driver(pcs[i]);
	return caller;
}

static const char *module_of(uint64_t pc)
{
	return fake_in_driver(pc) ? "fake" : NULL;
}

static void context(struct target_context *out)
{
	*out = fake_context;
}

static void task(struct trace_task *out)
{
	*out = (struct trace_task){.pid = 1, .comm = "fake"};
}

/* ---- dying ---- */

static void die(enum death_kind kind, const char *what, uint64_t address, const ucontext_t *uc)
{
	uint64_t pcs[DEPOT_FRAMES_MAX];
	unsigned n;

	fake.death = (struct death){.kind = kind, .address = address, .exact_pc = true};
	snprintf(fake.death.what, sizeof(fake.death.what), "%s", what);
	pcs[0] = (uint64_t)uc->uc_mcontext.gregs[REG_RIP];
	n = walk((uint64_t)uc->uc_mcontext.gregs[REG_RBP], (uint64_t)uc->uc_mcontext.gregs[REG_RSP],
		 pcs + 1, DEPOT_FRAMES_MAX - 1);
	fake.death.stack = depot_save(pcs, n + 1);
	siglongjmp(fake.out, 1);
}

static void on_fault(int signal, siginfo_t *info, void *uc)
{
	const ucontext_t *context = uc;
	uint64_t addr = (uint64_t)info->si_addr;

	if (snapshot_fault(addr, context->uc_mcontext.gregs[REG_ERR] & 2))
		return;
	if (!fake.inside)
		abort();
	if (addr < 65536)
		die(DEATH_NULL_DEREFERENCE, "NULL pointer dereference", addr, context);
	die(DEATH_WILD_ACCESS, "wild access", addr, context);
}

static void on_timer(int signal, siginfo_t *info, void *uc)
{
	if (fake.inside)
		die(DEATH_ENDLESS_LOOP, "endless loop", 0, uc);
}

static void handle(int signal, void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action = {.sa_sigaction = handler,
				   .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};

	sigaction(signal, &action, NULL);
}

static void install_handlers(void)
{
	static char bytes[65536];
	stack_t alternate = {.ss_sp = bytes, .ss_size = sizeof(bytes)};

	sigaltstack(&alternate, NULL);
	handle(SIGSEGV, on_fault);
	handle(SIGVTALRM, on_timer);
}

static void set_timer(unsigned ms)
{
	struct itimerval t = {.it_value = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000}};

	setitimer(ITIMER_VIRTUAL, &t, NULL);
}

/* ---- memory ---- */

static uint64_t frame_address(uint64_t page)
{
	struct page *frame = kf_vmalloc_to_page((void *)page);

	return frame ? (uint64_t)kf_page_address(frame) : 0;
}

static struct snapshot_region regions[64];
static unsigned region_count;

static void add_region(uint64_t start, uint64_t size, uint64_t (*canonical)(uint64_t))
{
	if (size)
		regions[region_count++] = (struct snapshot_region){.start = start,
								   .size = size,
								   .prot = PROT_READ | PROT_WRITE,
								   .canonical = canonical};
}

static void add_mapping(u64 va, u64 phys, u64 size, int prot, void *arg)
{
	add_region(va, size, frame_address);
}

static void take_snapshot(void)
{
	const struct kf_layout *l = kf_layout();

	region_count = 0;
	for (unsigned i = 0; i < KF_NR_ZONES; i++) {
		add_region(kf_zone_address(l, i), l->zone[i].end - l->zone[i].start, NULL);
		add_region(l->vmemmap + l->zone[i].start / 64,
			   (l->zone[i].end - l->zone[i].start) / 64, NULL);
	}
	add_region(l->meta, l->meta_size, NULL);
	add_region(l->percpu, l->nr_cpus * l->percpu_unit, NULL);
	kf_mapping_for_each(add_mapping, NULL);
	must(!snapshot_take(regions, region_count), "snapshot");
	kf_mapping_mark();
	fake.snapshot_taken = true;
}

static void load_driver_data(void)
{
	memcpy(__start_driver_data, fake.data, (size_t)(__stop_driver_data - __start_driver_data));
}

static void restore(void)
{
	if (fake.snapshot_taken) {
		kf_mapping_rollback();
		snapshot_restore();
	} else {
		take_snapshot();
	}
	load_driver_data();
	memset(&fake_context, 0, sizeof(fake_context));
	memset(fake_registry, 0, sizeof(fake_registry));
}

static int adopt(void)
{
	int error = kf_memory_unshare();

	if (fake.snapshot_taken)
		snapshot_drop();
	fake.snapshot_taken = false;
	install_handlers();
	return error;
}

/* ---- operations ---- */

static int64_t perform(enum target_op op)
{
	const struct fake_driver *driver = fake.driver;

	if (op == TARGET_INIT)
		return driver->init();
	if (op == TARGET_EXIT && driver->exit)
		driver->exit();
	if (op == TARGET_SETTLE && driver->settle)
		driver->settle();
	if (op == TARGET_RELOAD)
		load_driver_data();
	return 0;
}

static bool call(enum target_op op, int64_t *result, struct death *death, unsigned timeout_ms)
{
	if (sigsetjmp(fake.out, 1)) {
		fake.inside = false;
		set_timer(0);
		*death = fake.death;
		return false;
	}
	fake.base = (uint64_t)__builtin_frame_address(0);
	fake.inside = true;
	fake.timeout_ms = timeout_ms;
	set_timer(timeout_ms);
	*result = perform(op);
	set_timer(0);
	fake.inside = false;
	return true;
}

/* Operations run on the host's own stack. */
static void stacks(struct target_stacks *out)
{
	*out = (struct target_stacks){0};
}

static void rearm(void)
{
	set_timer(fake.timeout_ms);
}

static void dangling(void (*fn)(uint64_t where, uint64_t value, const char *place, void *arg),
		     void *arg)
{
	if (fake.driver->dangling)
		fake.driver->dangling(fn, arg);
}

static void run_constructor(void (*ctor)(void *), void *object)
{
	ctor(object);
}

void fake_world(void)
{
	size_t size = (size_t)(__stop_driver_data - __start_driver_data);

	must(!kf_memory_init(&kf_layout_native), "memory");
	kf_memblock_free_all();
	must(!kf_slab_init() && driver_no_data, "slab");
	kf_hooks.construct = run_constructor;
	kf_hooks.exposed = snapshot_touch;
	fake.data = malloc(size);
	memcpy(fake.data, __start_driver_data, size);
	fake_name_code();
	install_handlers();
	fake.target = (struct target){
		.kernel = "6.1.0-test",
		.module = "fake",
		.call = call,
		.restore = restore,
		.context = context,
		.task = task,
		.caller = caller,
		.in_module = fake_in_driver,
		.module_of = module_of,
		.dangling = dangling,
		.library = true, /* it is of use without being registered anywhere */
		.adopt = adopt,
		.stacks = stacks,
		.rearm = rearm,
	};
	checkpoint_keep(__start_driver_data, size);
	checkpoint_keep(&fake, sizeof(fake));
	checkpoint_keep(&fake_context, sizeof(fake_context));
	checkpoint_keep(fake_registry, sizeof(fake_registry));
}

const struct target *fake_target(const struct fake_driver *driver)
{
	fake.driver = driver;
	return &fake.target;
}

/* ---- the kernel ---- */

KERNEL void *kmalloc(size_t size, uint32_t gfp)
{
	void *p = kf_kmalloc(size, gfp);

	STAY();
	return p;
}

KERNEL void *kzalloc(size_t size, uint32_t gfp)
{
	void *p = kf_kmalloc(size, gfp | KF_GFP_ZERO);

	STAY();
	return p;
}

KERNEL void kfree(const void *p)
{
	kf_kfree(p);
	STAY();
}

KERNEL void *vmalloc(size_t size)
{
	void *p = kf_vmalloc(size, 1, KF_GFP_KERNEL, false);

	STAY();
	return p;
}

KERNEL void vfree(const void *p)
{
	kf_vfree(p);
	STAY();
}

KERNEL struct page *alloc_pages(uint32_t gfp, unsigned order)
{
	struct page *page = kf_alloc_pages(gfp, order);

	STAY();
	return page;
}

KERNEL void __free_pages(struct page *page, unsigned order)
{
	kf_free_pages(page, order);
	STAY();
}

KERNEL uint64_t alloc_percpu(size_t size)
{
	uint64_t cookie = kf_alloc_percpu(size, 8, KF_GFP_KERNEL);

	STAY();
	return cookie;
}

KERNEL void free_percpu(uint64_t cookie)
{
	kf_free_percpu(cookie);
	STAY();
}

KERNEL struct kf_cache *kmem_cache_create(const char *name, size_t size)
{
	struct kf_cache *cache = kf_cache_create(name, size, 8, 0, NULL);

	STAY();
	return cache;
}

KERNEL void kmem_cache_destroy(struct kf_cache *cache)
{
	kf_cache_destroy(cache);
	STAY();
}

KERNEL void *kmem_cache_alloc(struct kf_cache *cache, uint32_t gfp)
{
	void *p = kf_cache_alloc(cache, gfp);

	STAY();
	return p;
}

KERNEL void kmem_cache_free(struct kf_cache *cache, void *p)
{
	kf_cache_free(cache, p);
	STAY();
}

KERNEL void spin_lock(void)
{
	fake_context.preempt_count++;
	STAY();
}

KERNEL void spin_unlock(void)
{
	fake_context.preempt_count--;
	STAY();
}

KERNEL int register_chrdev(void **out)
{
	void **region = kzalloc(64, GFP_KERNEL);

	if (!region)
		return ENOMEM_;
	region[0] = kmalloc(32, GFP_KERNEL);
	STAY();
	if (!region[0]) {
		kfree(region);
		return ENOMEM_;
	}
	*out = region;
	return 0;
}

KERNEL void unregister_chrdev(void *region)
{
	kfree(*(void **)region);
	kfree(region);
	STAY();
}

KERNEL int sloppy_register(void **out)
{
	void **region = kzalloc(64, GFP_KERNEL);

	if (!region)
		return ENOMEM_;
	region[0] = kmalloc(32, GFP_KERNEL);
	STAY();
	if (!region[0])
		return ENOMEM_;
	*out = region;
	return 0;
}

KERNEL int device_register(void **out)
{
	void **device = kzalloc(128, GFP_KERNEL);

	if (!device)
		return ENOMEM_;
	*out = device;
	device[0] = kmalloc(24, GFP_KERNEL);
	STAY();
	return device[0] ? 0 : ENOMEM_;
}

KERNEL void put_device(void *device)
{
	kfree(*(void **)device);
	kfree(device);
	STAY();
}

KERNEL void kernel_housekeeping(void)
{
	fake_registry[7] = kmalloc(40, GFP_KERNEL);
	STAY();
}
