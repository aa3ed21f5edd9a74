// SPDX-License-Identifier: GPL-2.0-only
/*
 * slub_debug: who is debugged, the layout of slots, tracing, validation, constructors. What it reports is in test_slub_damage.c.
 */
#include <stdarg.h>
#include <stdio.h>

#include "slub_debug.h"

char log_lines[256][200];
unsigned log_count;

void forget_log(void)
{
	log_count = 0;
}

static void on_log(int level, const char *line)
{
	if (log_count < 256)
		snprintf(log_lines[log_count++], sizeof(log_lines[0]), "%s", line);
}

static void on_describe(u32 tag, void (*fn)(const char *frame, void *arg), void *arg)
{
	char frame[40];

	if (tag == KF_TAG_HERE) {
		fn("here+0x1/0x2", arg);
		return;
	}
	for (int i = 0; i < 2 && tag; i++) {
		snprintf(frame, sizeof(frame), "f%u_%d+0x1/0x2", tag, i);
		fn(frame, arg);
	}
}

static void on_whence(struct kf_whence *out)
{
	*out = (struct kf_whence){.jiffies = 100, .pid = 7, .comm = "insmod"};
}

void start_with(const char *setting)
{
	struct kf_settings settings;
	char err[KF_SETTINGS_ERR];

	kf_settings_default(&settings);
	if (setting &&
	    !strncmp(setting, "slub_debug=", 11)) /* also what the command line refuses */
		strcpy(settings.slub_debug, setting + 11);
	else
		REQUIRE(!setting || kf_settings_parse(&settings, setting, err) == 0);
	fixture_start_with(&settings);
	kf_hooks.log = on_log;
	kf_hooks.describe = on_describe;
	kf_hooks.whence = on_whence;
	forget_log();
}

struct kf_cache *create(const char *name, size_t size, size_t align, u32 flags, size_t useroffset,
			size_t usersize, void (*ctor)(void *), int *err)
{
	struct kf_cache_request req = {name, size, align, flags, useroffset, usersize, ctor};

	return kf_cache_create_usercopy(&req, err);
}

const char *line_of(const char *form, ...)
{
	static char line[200];
	va_list args;

	va_start(args, form);
	vsnprintf(line, sizeof(line), form, args);
	va_end(args);
	return line;
}

int find_line(const char *line, int from)
{
	for (unsigned i = (unsigned)from; i < log_count; i++)
		if (!strcmp(log_lines[i], line))
			return (int)i;
	fprintf(stderr, "not in the log: \"%s\"\n", line);
	for (unsigned i = 0; i < log_count; i++)
		fprintf(stderr, "\t\"%s\"\n", log_lines[i]);
	return -1;
}

void nothing(void)
{
}

struct kf_cache_stat stat_of(const struct kf_cache *cache)
{
	struct kf_cache_stat stat;

	kf_cache_stat(cache, &stat);
	return stat;
}

/* ---- who is debugged ------------------------------------------------------------------------------------- */

/* Expect the flags that the kernel would give a cache of this name. */
static void syntax(void)
{
	static const struct {
		const char *setting, *name;
		u32 create, expect;
	} cases[] = {
		{"slub_debug", "abc", 0, FZPU},
		{"slub_debug=FZ", "abc", 0, F | Z},
		{"slub_debug=fzputa", "abc", 0, FZPU | T | A},
		{"slub_debug=-", "abc", 0, 0},
		{"slub_debug=FZ-P", "abc", 0, P},
		{"slub_debug=,abc", "abc", 0, FZPU},
		{"slub_debug=,abc", "abcd", 0, 0},
		{"slub_debug=,abcd", "abc", 0, 0},
		{"slub_debug=P,abc,x", "x", 0, P},
		{"slub_debug=P,ab*", "abc", 0, P},
		{"slub_debug=P,ab*", "a", 0, 0},
		{"slub_debug=P,*", "abc", 0, P},
		{"slub_debug=Z;P,abc", "abc", 0, P},
		{"slub_debug=Z;P,abc", "other", 0, Z},
		{"slub_debug=P,abc;Z,ab*", "abc", 0, P},
		{"slub_debug=P,abc;Z,ab*", "abd", 0, Z},
		{"slub_debug=;;P,abc;;U", "x", 0, U},
		{"slub_debug=Z;P", "abc", 0, P},
		{"slub_debug=FxP", "abc", 0, F | P},
		{"slub_debug=FZPU", "abc", KF_SLAB_NOLEAKTRACE, F | Z | P | KF_SLAB_NOLEAKTRACE},
		{"slub_debug=U,abc", "abc", KF_SLAB_NOLEAKTRACE, U | KF_SLAB_NOLEAKTRACE},
		{"slub_debug", "abc", KF_SLAB_NO_USER_FLAGS, KF_SLAB_NO_USER_FLAGS},
		{"slub_debug=-", "abc", P, P},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct kf_cache *cache;

		start_with(cases[i].setting);
		cache = kf_cache_create(cases[i].name, 64, 0, cases[i].create, NULL);
		CHECK_EQ(stat_of(cache).flags, cases[i].expect);
		if (stat_of(cache).flags != cases[i].expect)
			fprintf(stderr, "%s for %s: %#x\n", cases[i].setting, cases[i].name,
				stat_of(cache).flags);
		kf_cache_destroy(cache);
		fixture_stop();
	}
}

/* Expect a word about letters that mean nothing, once each, when the world starts. */
static void unknown_letter(void)
{
	struct kf_settings settings;

	kf_settings_default(&settings);
	strcpy(settings.slub_debug, "FxP,abc;q");
	fixture_early_start_with(&settings);
	kf_memblock_free_all();
	kf_hooks.log = on_log;
	forget_log();
	REQUIRE(kf_slab_init() == 0);
	CHECK_EQ(log_count, 2);
	CHECK_LINE("slub_debug option 'x' unknown. skipped");
	CHECK_LINE("slub_debug option 'q' unknown. skipped");
	fixture_early_stop();
}

/* Expect O to leave alone a cache whose smallest slab would grow, and no other. */
static void higher_order(void)
{
	struct kf_cache *cache, *small;

	start_with("slub_debug=FZPUO");
	cache = kf_cache_create("page", 4096, 0, 0, NULL);
	small = kf_cache_create("small", 100, 0, 0, NULL);
	CHECK_EQ(stat_of(cache).flags, F);
	CHECK_EQ(stat_of(small).flags, FZPU);
	CHECK(!stat_of(cache).higher_order);
	kf_cache_destroy(cache);
	kf_cache_destroy(small);
	fixture_stop();
	start_with("slub_debug=FZPU");
	cache = kf_cache_create("page", 4096, 0, 0, NULL);
	CHECK(stat_of(cache).higher_order);
	kf_cache_destroy(cache);
	fixture_stop();
}

/* ---- layout -------------------------------------------------------------------------------------------- */

/*
 * Expect the kernel's s->size: left redzone (align), object, right redzone to a word (one more if full), free
 * pointer, two tracks of 32 bytes, the size for kmalloc, a word of padding, alignment.
 */
static void slot_sizes(void)
{
	static const struct {
		const char *setting;
		size_t size, align, expect;
	} cases[] = {
		{"slub_debug=F", 64, 0, 64},
		{"slub_debug=F", 60, 0, 64},
		{"slub_debug=P", 64, 0, 64 + 8},
		{"slub_debug=Z", 64, 0, 64 + 8 + 8 + 8},
		{"slub_debug=Z", 60, 0, 64 + 8 + 8},
		{"slub_debug=Z", 4, 0, 8 + 8 + 8 + 8},
		{"slub_debug=U", 64, 0, 64 + 64},
		{"slub_debug=FZPU", 64, 0, 64 + 8 + 8 + 64 + 8 + 8},
		{"slub_debug=FZPU", 64, 64, 64 * 4},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct kf_cache *cache;

		start_with(cases[i].setting);
		cache = kf_cache_create("x", cases[i].size, cases[i].align, 0, NULL);
		CHECK_EQ(stat_of(cache).slot_size, cases[i].expect);
		CHECK_EQ(stat_of(cache).cpu_partial, 0);
		kf_cache_destroy(cache);
		fixture_stop();
	}
}

/* Expect every byte of a slot as mm/slub.c writes it, live and free. */
static void bytes_of_a_slot(void)
{
	struct kf_cache *cache;
	const struct kf_track *tracks;
	char *p;

	start_with("slub_debug=FZPU");
	cache = kf_cache_create("x", 60, 0, 0, NULL);
	p = kf_cache_alloc(cache, GFP_KERNEL);
	CHECK_EQ(((uintptr_t)p & 4095), 8);
	CHECK(all_bytes(p - 8, 0xcc, 8));
	CHECK(all_bytes(p, 0x6b, 59) && (u8)p[59] == 0xa5);
	CHECK(all_bytes(p + 60, 0xcc, 4));
	tracks = (const struct kf_track *)(p + 72);
	CHECK_EQ(tracks[0].handle, told.allocated + 1000);
	CHECK(tracks[0].pid == 7 && tracks[0].when == 100 && !tracks[1].addr);
	CHECK(all_bytes(p + 72 + 64, 0x5a, 8));
	kf_cache_free(cache, p);
	CHECK(all_bytes(p - 8, 0xbb, 8));
	CHECK(all_bytes(p, 0x6b, 59) && (u8)p[59] == 0xa5);
	CHECK(all_bytes(p + 60, 0xbb, 4));
	CHECK_EQ(tracks[1].handle, told.freed + 2000);
	kf_cache_destroy(cache);
	fixture_stop();
}

/* Expect zeros to the end of the bucket, and the requested size kept behind the tracks (U). */
static void kmalloc_objects(void)
{
	char *p;
	u32 size;

	start_with("slub_debug=FZPU");
	p = kf_kmalloc(50, GFP_KERNEL | GFP_ZERO);
	CHECK(all_bytes(p, 0, 64));
	CHECK(all_bytes(p - 64, 0xcc, 64)); /* the left red zone is aligned as the class is */
	memcpy(&size, p + 64 + 8 + 8 + 64, 4);
	CHECK_EQ(size, 50);
	CHECK_EQ((uintptr_t)p % 64, 0);
	p[63] = 1; /* inside the bucket: the kernel does not see it, and nor does this */
	kf_kfree(p);
	CHECK_EQ(log_count, 0);
	fixture_stop();
}

/* ---- T, validate, constructors ------------------------------------------------------------------------ */

/* Expect a line for each allocation and free, with the object's bytes at the free. */
static void trace(void)
{
	struct kf_cache *cache;
	char *p;

	start_with("slub_debug=T,x");
	cache = kf_cache_create("x", 16, 0, 0, NULL);
	p = kf_cache_alloc(cache, GFP_KERNEL);
	CHECK_LINE("TRACE x alloc 0x%016llx inuse=1 fp=0x%016llx", HEX(p), HEX(p + 16));
	memset(p, 'a', 16);
	kf_cache_free(cache, p);
	CHECK_LINE("TRACE x free 0x%016llx inuse=1 fp=0x%016llx", HEX(p), HEX(p + 16));
	CHECK_LINE("Object %016llx: 61 61 61 61 61 61 61 61 61 61 61 61 61 61 61 61  "
		   "aaaaaaaaaaaaaaaa",
		   HEX(p));
	kf_cache_destroy(cache);
	fixture_stop();
}

/* Expect damage of live and of free objects to be found without anybody allocating or freeing. */
static void validate(void)
{
	struct kf_cache *cache, *plain;
	char *p, *q;

	start_with("slub_debug=FZP,x");
	cache = kf_cache_create("x", 64, 0, 0, NULL);
	plain = kf_cache_create("y", 64, 0, 0, NULL);
	p = kf_cache_alloc(cache, GFP_KERNEL);
	q = kf_cache_alloc(cache, GFP_KERNEL);
	kf_cache_free(cache, q);
	CHECK_EQ(kf_cache_validate(cache), 0);
	p[64] = 0;
	CHECK_EQ(kf_cache_validate(cache), 1);
	expect_bug(KF_BUG_REDZONE);
	q[0] = 0;
	CHECK_EQ(kf_cache_validate(cache), 1);
	expect_bug(KF_BUG_WRITE_AFTER_FREE);
	CHECK_EQ(kf_cache_validate(cache), 0);
	CHECK_EQ(kf_cache_validate(plain), -22);
	kf_cache_free(cache, p);
	kf_cache_destroy(cache);
	kf_cache_destroy(plain);
	fixture_stop();
}

static void mark(void *object)
{
	memset(object, 0x77, 64);
}

/* Expect an object with constructor to keep its state while free: no poison, pointer outside. */
static void constructor(void)
{
	struct kf_cache *cache;
	char *p;

	start_with("slub_debug=FZPU");
	cache = kf_cache_create("x", 64, 0, 0, mark);
	p = kf_cache_alloc(cache, GFP_KERNEL);
	CHECK(all_bytes(p, 0x77, 64));
	p[3] = 1;
	kf_cache_free(cache, p);
	CHECK_EQ(p[3], 1);
	CHECK(kf_cache_alloc(cache, GFP_KERNEL) == p && p[3] == 1);
	kf_cache_free(cache, p);
	kf_cache_destroy(cache);
	CHECK_EQ(log_count, 0);
	fixture_stop();
}

static void count_tracks(const struct kf_object *obj, const struct kf_track *tracks, void *arg)
{
	unsigned *seen = arg;

	CHECK(tracks && tracks[KF_TRACK_ALLOC].addr && tracks[KF_TRACK_ALLOC].pid == 7);
	CHECK_EQ(!tracks[KF_TRACK_FREE].addr, obj->live);
	seen[obj->live]++;
}

/* Expect each object that was ever handed out, with its tracks. */
static void objects_with_tracks(void)
{
	struct kf_cache *cache;
	unsigned seen[2] = {0, 0};
	void *p[3];

	start_with("slub_debug=U");
	cache = kf_cache_create("x", 64, 0, 0, NULL);
	for (int i = 0; i < 3; i++)
		p[i] = kf_cache_alloc(cache, GFP_KERNEL);
	kf_cache_free(cache, p[1]);
	kf_cache_for_each_object(cache, count_tracks, seen);
	CHECK(seen[true] == 2 && seen[false] == 1);
	kf_cache_free(cache, p[0]);
	kf_cache_free(cache, p[2]);
	kf_cache_destroy(cache);
	fixture_stop();
}

/* Expect thousands of random allocations and frees of all kinds of letters to stay in order. */
static void churn(void)
{
	static const char *const settings[] = {"slub_debug", "slub_debug=F", "slub_debug=Z",
					       "slub_debug=P", "slub_debug=U"};

	for (size_t s = 0; s < sizeof(settings) / sizeof(*settings); s++) {
		void *p[200] = {NULL};

		start_with(settings[s]);
		for (int i = 0; i < 4000; i++) {
			unsigned at = (unsigned)random_below(200);

			if (p[at])
				kf_kfree(p[at]);
			p[at] = p[at] ? NULL : kf_kmalloc(1 + random_below(9000), GFP_KERNEL);
			if (i % 500 == 0)
				CHECK_VALID();
		}
		for (int i = 0; i < 200; i++)
			kf_kfree(p[i]);
		CHECK_EQ(log_count, 0);
		fixture_stop();
	}
}

static const CU_TestInfo tests[] = {
	{"syntax", syntax},
	{"unknown letter", unknown_letter},
	{"higher order", higher_order},
	{"slot sizes", slot_sizes},
	{"bytes of a slot", bytes_of_a_slot},
	{"kmalloc objects", kmalloc_objects},
	{"trace", trace},
	{"validate", validate},
	{"constructor", constructor},
	{"objects with tracks", objects_with_tracks},
	{"churn", churn},
	CU_TEST_INFO_NULL,
};

const struct suite slub_debug_suite = {"slub_debug", nothing, nothing, tests};
