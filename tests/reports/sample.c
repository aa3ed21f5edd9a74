// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>
#include "../../harness/trace/util.h"
#include "suites.h"

struct stack_frame *add_frame(struct stack *stack, const char *function, uint64_t offset,
			      uint64_t size, const char *module, const char *file, int line)
{
	struct stack_frame *frame = &stack->frames[stack->count++];

	*frame = (struct stack_frame){
		.function = xstrdup(function),
		.offset = offset,
		.size = size,
		.file = xstrdup_or_null(file),
		.line = line,
		.module = xstrdup_or_null(module),
	};
	return frame;
}

static void sample_point(struct point *point)
{
	point->n = 7;
	point->api = xstrdup("kzalloc");
	point->size = 96;
	point->gfp = xstrdup("GFP_KERNEL|__GFP_ZERO");
	point->cache = xstrdup("kmalloc-96");
	add_frame(&point->stack, "foo_alloc", 0, 0, "foo", "foo.h", 12)->inlined = true;
	add_frame(&point->stack, "foo_probe", 0x45, 0x120, "foo", "foo.c", 123);
	for (int i = 0; i < 6; i++)
		add_frame(&point->stack, "do_one_initcall", 0x59 + i, 0x220, NULL, NULL, 0);
}

static void sample_objects(struct finding *finding)
{
	struct finding_object *object = xcalloc(2, sizeof(*object));

	finding->objects = object;
	finding->object_count = 2;
	object->type = xstrdup("kmalloc");
	object->addr = 0xffff888004c3a2c0;
	object->size = 64;
	object->cache = xstrdup("kmalloc-64");
	object->owner = xstrdup("foo");
	add_frame(&object->allocated, "foo_setup", 0x1f, 0x30, "foo", "foo.c", 88);
	add_frame(&object->freed, "foo_reset", 0x2f, 0, "foo", NULL, 0);
	object->leftover = object->searched = true;
	object->age = 3;
	object->content_size = 17;
	memcpy(object->content, "kfail\0\x80 sample!!!", 17);
	object->path = xstrdup("foo:devices -> +0x18 -> this");
	add_frame(&object->returned, "foo_remove", 0x3f, 0x40, "foo", "foo.c", 99);
	object[1].type = xstrdup("cdev region");
	object[1].owner = xstrdup("kernel");
}

struct finding sample_finding(void)
{
	struct finding finding = {
		.kind = FINDING_LEAK,
		.schedule = xstrdup("7"),
		.has_point = true,
		.what = xstrdup("1 object of 64 bytes, allocated by foo, is still live after init "
				"failed with -ENOMEM"),
		.replay = xstrdup("kfail replay --schedule 7 foo.ko"),
		.also = 2,
		.kernel_report =
			xstrdup("unreferenced object 0xffff888004c3a2c0 (size 64):\n  backtrace:"),
	};

	sample_point(&finding.point);
	add_frame(&finding.stack, "foo_probe", 0x99, 0x120, "foo", "foo.c", 140);
	sample_objects(&finding);
	finding_set_id(&finding);
	return finding;
}

static struct not_judged not_judged(const char *schedule, const char *why)
{
	return (struct not_judged){.schedule = xstrdup(schedule), .why = xstrdup(why)};
}

static struct finding short_finding(enum finding_kind kind, const char *what)
{
	return (struct finding){.kind = kind, .schedule = xstrdup(""), .what = xstrdup(what)};
}

struct sweep_result sample_result(void)
{
	struct sweep_result result = {
		.kernel = xstrdup("6.1.0-56-amd64"),
		.module = xstrdup("foo"),
		.scenario = xstrdup("init-exit"),
		.settings = xstrdup("init_on_alloc=1 slub_debug=FZ,kmalloc-64"),
		.status = SWEEP_FINDINGS,
		.baseline = {.result = -19, .points = 12},
		.points = 12,
		.injected = 11,
		.absorbed = 1,
		.clean = 7,
		.seconds = 0.25,
		.runs_per_second = 4321.5,
		.findings = xcalloc(3, sizeof(struct finding)),
		.finding_count = 3,
		.not_judged = xcalloc(3, sizeof(struct not_judged)),
		.not_judged_count = 3,
	};

	result.findings[0] = sample_finding();
	result.findings[1] = short_finding(FINDING_BUG, "BUG() at foo.c:3");
	result.findings[2] = short_finding(FINDING_LEAK, "1 page of the kernel's");
	result.findings[2].core = true;
	result.findings[2].reason = xstrdup("sysfs keeps a dentry");
	result.not_judged[0] = not_judged("9", "reached the real MMU in set_memory_ro");
	result.not_judged[1] = not_judged("10", "reached the real MMU in set_memory_ro");
	result.not_judged[2] = not_judged("11", "the time limit of 5 s was hit");
	return result;
}

const struct report_about sample_about = {.version = "0.1.0", .root = "/src/foo"};

/* A quote, markup, a bell, a line's end, a lone continuation byte, a surrogate's bytes, a character that is fine. */
#define ODD "\"<&>'\a\n]]>\x80\xed\xa0\x80 \xc3\xa9"

static struct finding wild_finding(enum finding_kind kind)
{
	struct finding finding = kind % 3 ? short_finding(kind, "a sentence") : sample_finding();

	finding.kind = kind;
	if (kind % 4 == 1)
		add_frame(&finding.stack, "foo_open", 0x10, 0x20, "foo", "/src/foo/sub dir/a#b.c",
			  7);
	if (kind % 4 == 2)
		add_frame(&finding.stack, "bar", 0x10, 0x20, "foo", NULL, 0);
	if (kind % 4 == 3)
		add_frame(&finding.stack, "vfree", 0x10, 0x20, NULL, "/usr/src/vmalloc.c", 0);
	if (kind % 5 == 1) {
		finding.core = true;
		finding.reason = kind % 2 ? xstrdup(ODD) : NULL;
	}
	if (kind % 5 == 2)
		finding.accepted = xstrdup("until 2099-12-31: " ODD);
	if (kind % 5 != 3)
		finding_set_id(&finding);
	return finding;
}

struct sweep_result wild_result(void)
{
	struct sweep_result result = sample_result();

	for (unsigned i = 0; i < result.finding_count; i++)
		finding_clear(&result.findings[i]);
	result.findings = xreallocarray(result.findings, FINDING_NR_KINDS, sizeof(struct finding));
	result.finding_count = FINDING_NR_KINDS;
	for (int kind = 0; kind < FINDING_NR_KINDS; kind++)
		result.findings[kind] = wild_finding(kind);
	free(result.findings[1].what);
	result.findings[1].what = NULL;
	free(result.findings[4].what);
	result.findings[4].what = xstrdup(ODD);
	free(result.module);
	result.module = xstrdup("foo" ODD);
	free(result.not_judged[2].why);
	result.not_judged[2].why = NULL;
	add_frame(&result.not_judged[1].stack, "set_memory_ro", 0x10, 0x20, NULL, NULL, 0);
	result.stale = xcalloc(1, sizeof(char *));
	result.stale[result.stale_count++] = xstrdup("accepted, line 3: " ODD);
	result.seconds = -1;
	return result;
}

struct sweep_result clean_result(void)
{
	return (struct sweep_result){
		.kernel = xstrdup("native"),
		.module = xstrdup("foo"),
		.scenario = xstrdup("init-exit"),
		.status = SWEEP_CLEAN,
		.baseline.points = 4000,
		.points = 4000,
		.injected = 4000,
		.clean = 4000,
	};
}

char *exported(int (*report)(const char *path, const struct sweep_result *result,
			     const struct report_about *about),
	       const struct sweep_result *result, const char *name)
{
	const char *keep = getenv("KFAIL_KEEP");
	char *path = keep ? xasprintf("%s/%s", keep, name) : xstrdup("/tmp/kfail-report-XXXXXX");
	size_t size = 0;
	char *text = NULL;
	FILE *file;

	if (!keep)
		close(mkstemp(path));
	CU_ASSERT_EQUAL_FATAL(report(path, result, &sample_about), 0);
	file = fopen(path, "r");
	CU_ASSERT_PTR_NOT_NULL_FATAL(file);
	if (getdelim(&text, &size, EOF, file) < 0)
		CU_FAIL_FATAL("an empty report");
	fclose(file);
	if (!keep)
		unlink(path);
	free(path);
	return text;
}
